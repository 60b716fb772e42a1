"""What waits for a manager is a work list: the oldest first, with what is at stake and how much time is left."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from cancellations.models import CancellationRequest, OrderLine
from tests.people import approved, submitted

pytestmark = pytest.mark.django_db
QUEUE = reverse("cancellation-list") + "?view=decide"


def looked_up(cancellation, amount, verdict="will"):
    for line in cancellation.lines.all():
        shot = line.snapshots.last()
        shot.at, shot.found, shot.verdict, shot.at_stake = timezone.now(), True, verdict, Decimal(amount)
        shot.save()
        OrderLine.objects.filter(pk=line.pk).update(snapshot=shot)


def numbers_of(answer):
    return [cancellation.number for cancellation in answer.context["cancellations"]]


@pytest.fixture
def two(shop, cast):
    """A small request that has waited long, and a large one that came later."""
    small, large = submitted(shop, cast.lina, ["CG1", "CG2"]), submitted(shop, cast.lina, ["CG3"])
    looked_up(small, "10")
    looked_up(large, "5000", "may")
    return small, large


def test_the_longest_waiting_comes_first_or_the_largest_amount(two, cast, browser_of):
    small, large = two
    manager = browser_of(cast.wangqiang)
    assert numbers_of(manager.get(QUEUE)) == [small.number, large.number]
    assert numbers_of(manager.get(QUEUE + "&sort=amount")) == [large.number, small.number]
    assert numbers_of(manager.get(QUEUE + "&sort=nonsense")) == [small.number, large.number]


def test_each_row_says_why_how_much_and_what_the_erp_will_do(two, cast, browser_of):
    page = " ".join(browser_of(cast.wangqiang).get(QUEUE).content.decode().split())
    assert "供应商停产" in page
    assert "¥20.00 expected" in page
    assert "Will succeed 2" in page
    assert "May succeed 1" in page
    assert "Expires in" in page


def test_little_time_left_is_marked(two, cast, browser_of, settings):
    small, _ = two
    days = timedelta(days=settings.SUBMITTED_EXPIRES_AFTER_DAYS)
    CancellationRequest.objects.filter(pk=small.pk).update(submitted_at=timezone.now() - days + timedelta(hours=3))
    first, second = browser_of(cast.wangqiang).get(QUEUE).context["cancellations"]
    assert (first.expires_soon, second.expires_soon) == (True, False)


def test_an_order_that_was_not_looked_up_is_said(shop, cast, browser_of):
    submitted(shop, cast.lina, ["CG1"])
    assert "Not looked up 1" in " ".join(browser_of(cast.wangqiang).get(QUEUE).content.decode().split())


def test_after_a_decision_the_next_one_is_offered(two, shop, cast, browser_of):
    small, large = two
    decided = approved(shop, cast.lina, cast.wangqiang, ["CG9"])
    page = browser_of(cast.wangqiang).get(decided.get_absolute_url()).content.decode()
    assert f"Next to approve: {small.number}" in page
    assert "Next to approve" not in browser_of(cast.lina).get(decided.get_absolute_url()).content.decode()
    assert large.number not in page


def test_the_queue_costs_the_same_queries_whatever_its_length(shop, cast, browser_of, django_assert_max_num_queries):
    for number in range(6):
        submitted(shop, cast.lina, [f"CG{number}"])
    manager = browser_of(cast.wangqiang)
    manager.get(QUEUE)
    with django_assert_max_num_queries(8):
        manager.get(QUEUE)
