"""The page on which administrators see what goes on in the background."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cancellations.models import Credential, Worker
from cancellations.sending import heartbeat
from tests.people import approved

pytestmark = pytest.mark.django_db
PAGE = reverse("worker-list")


def test_it_shows_workers_accounts_and_what_waits(shop, shop_of_others, cast, browser_of):
    approved(shop, cast.lina, cast.wangqiang)
    heartbeat.beat("alive")
    now = timezone.now()
    Worker.objects.create(name="gone", host="other-host", process=7, started_at=now, beat_at="2026-01-01T00:00Z")
    Credential.objects.filter(shop=shop).update(waiting_for="rate", next_call_at=now)
    page = browser_of(cast.zhaolei).get(PAGE).content.decode()
    assert "alive" in page
    assert "silent" in page
    assert "other-host" in page
    assert shop.name in page
    assert "the ERP limits the calls" in page
    assert shop_of_others.name not in page
    assert "No worker is running" not in page
    assert shop_of_others.name in browser_of(cast.root).get(PAGE).content.decode()


def test_without_a_worker_it_says_so_aloud_and_so_does_the_page_of_a_request(shop, cast, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    assert "No worker is running" in browser_of(cast.zhaolei).get(PAGE).content.decode()
    assert "No worker is running" in browser_of(cast.lina).get(cancellation.get_absolute_url()).content.decode()
    heartbeat.beat("alive")
    assert "No worker is running" not in browser_of(cast.lina).get(cancellation.get_absolute_url()).content.decode()


def test_it_brings_itself_up_to_date_as_a_part(shop, cast, browser_of):
    part = browser_of(cast.zhaolei).get(PAGE, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="workers"')
    assert "<html" not in part


@pytest.mark.parametrize("person", ["lina", "wangqiang", "chenjing", "heping"])
def test_only_administrators_see_it(person, shop, cast, browser_of):
    assert browser_of(getattr(cast, person)).get(PAGE).status_code == 403


def test_it_costs_the_same_queries_however_many_accounts_there_are(
    shop, shop_of_others, cast, browser_of, django_assert_max_num_queries
):
    shop_of_others.members.add(cast.zhaolei)
    admin = browser_of(cast.zhaolei)
    with django_assert_max_num_queries(13):
        admin.get(PAGE)
