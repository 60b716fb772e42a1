"""What waits for a manager is a work list: the oldest first, with what is at stake and how much time is left."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cancellations.models import CancellationRequest, Event
from cancellations.pages.requests import queue
from cancellations.workflow import clerk
from tests.made_lookups import show
from tests.people import approved, submitted

pytestmark = pytest.mark.django_db
QUEUE = reverse("cancellation-list") + "?view=decide"


def looked_up(cancellation, amount, verdict="will"):
    for line in cancellation.lines.all():
        show(line, verdict=verdict, at_stake=amount)


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


def test_little_time_left_is_marked(two, cast, browser_of):
    small, _ = two
    CancellationRequest.objects.filter(pk=small.pk).update(expires_at=timezone.now() + timedelta(hours=3))
    first, second = browser_of(cast.wangqiang).get(QUEUE).context["cancellations"]
    assert (first.expires_soon, second.expires_soon) == (True, False)


def test_the_time_that_is_left_is_counted_in_working_days(shop, cast, browser_of, time_machine):
    time_machine.move_to("2026-09-30 18:00+08:00")
    cancellation = submitted(shop, cast.lina)
    time_machine.move_to("2026-10-03 09:00+08:00")  # in the holidays of eight days
    [row] = browser_of(cast.wangqiang).get(QUEUE).context["cancellations"]
    assert (row.days_left, row.expires_soon) == (2, False)
    time_machine.move_to("2026-10-10 15:00+08:00")
    page = browser_of(cast.wangqiang).get(QUEUE)
    [row] = page.context["cancellations"]
    assert row.expires_at == cancellation.expires_at
    assert (row.days_left, row.expires_soon) == (0, True)
    assert "today 18:00" in page.content.decode()


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
    with django_assert_max_num_queries(10):
        manager.get(QUEUE)


def ticked(*requests):
    return {"approve": [f"{each.number}:{each.content_hash}" for each in requests]}


def test_ticked_requests_are_approved_each_by_its_own_seal(two, cast, browser_of):
    page = browser_of(cast.wangqiang).post(reverse("approve-several"), ticked(*two), follow=True).content.decode()
    assert "2 requests approved." in page
    for cancellation in two:
        event = cancellation.events.get(kind="approved")
        assert (event.actor, event.data["content_hash"]) == (cast.wangqiang, cancellation.content_hash)


def test_one_that_changed_meanwhile_is_left_and_said(two, cast, browser_of):
    small, large = two
    posted = ticked(small, large)
    CancellationRequest.objects.filter(pk=small.pk).update(content_hash="f" * 64)
    page = browser_of(cast.wangqiang).post(reverse("approve-several"), posted, follow=True).content.decode()
    assert "1 request approved." in page
    assert f"{small.number}：The request differs" in page or f"{small.number}: The request differs" in page
    small.refresh_from_db()
    assert small.status == "SUBMITTED"


def test_one_that_was_withdrawn_meanwhile_is_left_and_said(two, cast, browser_of):
    small, large = two
    clerk.withdraw(small, by=cast.lina)
    page = browser_of(cast.wangqiang).post(reverse("approve-several"), ticked(*two), follow=True).content.decode()
    assert "Your action was not applied." in page
    large.refresh_from_db()
    assert large.status == "APPROVED"


@pytest.mark.parametrize("value", ["", "CR1", "\x00:\x00", "x" * 400, "CR20261124-0001:"])
def test_nonsense_approves_nothing(value, two, cast, browser_of):
    answer = browser_of(cast.wangqiang).post(reverse("approve-several"), {"approve": value}, follow=True)
    assert (
        "Tick the requests that you want to approve." in answer.content.decode() or "differs" in answer.content.decode()
    )
    assert not CancellationRequest.objects.filter(status="APPROVED").exists()


def test_nobody_approves_their_own_by_ticking(shop, cast, browser_of):
    own = submitted(shop, cast.zhoulan)
    page = browser_of(cast.zhoulan).post(reverse("approve-several"), ticked(own), follow=True).content.decode()
    assert "This is your own request." in page
    for person in (cast.lina, cast.zhaolei, cast.chenjing):
        browser_of(person).post(reverse("approve-several"), ticked(own))
    own.refresh_from_db()
    assert own.status == "SUBMITTED"


def test_a_large_request_is_opened_first(shop, cast, browser_of, monkeypatch):
    monkeypatch.setattr(queue, "SMALL", 2)
    small, large = submitted(shop, cast.lina, ["CG1", "CG2"]), submitted(shop, cast.lina, ["CG3", "CG4", "CG5"])
    page = browser_of(cast.wangqiang).get(QUEUE).content.decode()
    assert f'value="{small.number}:{small.content_hash}"' in page
    assert f'value="{large.number}:' not in page
    browser_of(cast.wangqiang).post(reverse("approve-several"), ticked(large))
    large.refresh_from_db()
    assert large.status == "SUBMITTED"


def test_several_are_stopped_with_one_reason(shop, cast, browser_of):
    first, second = (
        approved(shop, cast.lina, cast.wangqiang, ["CG1"]),
        approved(shop, cast.lina, cast.wangqiang, ["CG2"]),
    )
    manager = browser_of(cast.wangqiang)
    page = manager.get(reverse("cancellation-list") + "?view=all").content.decode()
    assert f'name="stop" value="{first.number}"' in page
    posted = {"stop": [first.number, second.number, "CR\x00"]}
    page = manager.post(reverse("stop-several"), posted | {"note": " "}, follow=True).content.decode()
    assert "Enter a reason for the stop." in page
    page = manager.post(reverse("stop-several"), posted | {"note": "供应商改期"}, follow=True).content.decode()
    assert "2 requests stopped." in page
    assert {event.note for event in Event.objects.filter(kind="stopped")} == {"供应商改期"}
    page = manager.post(reverse("stop-several"), posted | {"note": "再来"}, follow=True).content.decode()
    assert "Your action was not applied." in page


def test_others_stop_nothing_from_the_list(shop, cast, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    for person in (cast.sunyue, cast.chenjing, cast.heping):
        page = browser_of(person).get(reverse("cancellation-list") + "?view=all").content.decode()
        assert 'name="stop"' not in page
        browser_of(person).post(reverse("stop-several"), {"stop": cancellation.number, "note": "x"})
    cancellation.refresh_from_db()
    assert cancellation.status == "APPROVED"
