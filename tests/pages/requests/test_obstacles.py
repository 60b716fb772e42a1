"""What would keep a request waiting is said before anybody writes, submits or approves it."""

from datetime import time

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from tests.people import draft_of, submitted

pytestmark = pytest.mark.django_db
PAGES = ["new", "draft", "decision"]


@pytest.fixture
def page(shop, cast, browser_of):
    """The page as its person sees it: the clerk writing, the clerk with a draft, the manager deciding."""
    draft, decision = draft_of(shop, cast.lina, ["CG1"]), submitted(shop, cast.lina, ["CG2"])
    who = {
        "new": (cast.lina, reverse("cancellation-new")),
        "draft": (cast.lina, draft.get_absolute_url()),
        "decision": (cast.wangqiang, decision.get_absolute_url()),
    }
    return lambda which: browser_of(who[which][0]).get(who[which][1]).content.decode()


@pytest.mark.parametrize("which", PAGES)
def test_a_pause_is_said(which, page, shop, cast):
    shop.paused_by, shop.paused_at = cast.zhaolei, timezone.now()
    shop.save()
    assert "has paused <bdi>" in page(which)


@pytest.mark.parametrize("which", PAGES)
def test_closed_hours_are_said_with_when_sending_begins(which, page, shop):
    shop.send_from, shop.send_until = time(9), time(18)
    shop.save()
    with time_machine.travel("2026-11-24T12:00:00+00:00", tick=False):  # 20:00 in Beijing
        assert "is outside its working hours: sending begins at 2026-11-25 09:00." in page(which)


@pytest.mark.parametrize("which", PAGES)
def test_a_missing_credential_is_said(which, page, shop):
    shop.credentials.update(is_active=False, retired_at=timezone.now(), retired_by=shop.members.first())
    assert "has no active credential" in page(which)


@pytest.mark.parametrize("which", PAGES)
def test_a_missing_worker_is_said(which, page):
    assert "No worker is running" in page(which)
