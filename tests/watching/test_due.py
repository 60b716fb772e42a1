"""Since when orders wait that nothing keeps from being sent."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone

from cancellations.models import CancellationRequest, Shop
from cancellations.watching.due import due_orders
from tests.browsing import clock  # noqa: F401 - the fixture
from tests.people import approved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
NOW = datetime(2026, 11, 24, 1, 0, 5, tzinfo=UTC)  # 09:00:05 in Shanghai
DECIDED = NOW - timedelta(days=1)


@pytest.fixture
def waiting(shop, cast, settings):
    """A request that was approved yesterday and waits since then."""
    settings.APPROVAL_HOLD_SECONDS = 30
    request = approved(shop, cast.lina, cast.wangqiang)
    CancellationRequest.objects.update(decided_at=DECIDED)
    return request


def test_it_is_due_when_its_hold_is_over(waiting, shop):
    assert due_orders()[shop.pk].since == DECIDED + timedelta(seconds=30)
    CancellationRequest.objects.update(decided_at=timezone.now())
    assert due_orders() == {}


# working hours -> since when it is due, None if it is not
HOURS = {
    "opened just now": (time(9), time(18), NOW - timedelta(seconds=5)),
    "opened yesterday evening": (time(20), time(10), NOW - timedelta(hours=13, seconds=5)),
    "closed": (time(10), time(18), None),
}


@pytest.mark.parametrize("hours", HOURS)
def test_working_hours_keep_it_back_and_the_night_does_not_count(hours, waiting, shop):
    send_from, send_until, since = HOURS[hours]
    Shop.objects.filter(pk=shop.pk).update(send_from=send_from, send_until=send_until)
    assert (due_orders()[shop.pk].since if since else due_orders().get(shop.pk)) == since


def test_an_account_that_calls_is_not_idle(waiting, shop):
    called = NOW - timedelta(seconds=3)
    shop.credentials.update(next_call_at=called)
    assert due_orders()[shop.pk].idle_since == called
    shop.credentials.update(next_call_at=NOW + timedelta(minutes=5))  # the ERP limits it
    assert due_orders() == {}


@pytest.mark.parametrize("what", ["paused account", "account switched off", "no credential", "nothing left to send"])
def test_what_nobody_may_send_is_not_due(what, waiting, shop, cast):
    if what == "paused account":
        Shop.objects.update(paused_at=NOW, paused_by=cast.wangqiang)
    elif what == "account switched off":
        Shop.objects.update(is_active=False)
    elif what == "no credential":
        shop.credentials.update(is_active=False)
    else:
        waiting.lines.update(outcome="SKIPPED")
    assert due_orders() == {}
