"""What only people can settle: the queue with its badge, and the table of a request."""

import re

import pytest
from django.urls import reverse

from cancellations.models import CancellationRequest, OrderLine
from tests.people import approved
from tests.workflow.test_control import unknown

pytestmark = pytest.mark.django_db
QUEUE = "/requests/?view=settle"


def table_of(cancellation, query=""):
    return reverse("cancellation-by-hand", args=[cancellation.number]) + query


def text_of(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def outcomes(cancellation):
    return list(cancellation.lines.order_by("position").values_list("outcome", "known_by", "message"))


@pytest.mark.parametrize("why", ["contradicted", "refusal_wrong", "unchecked"])
def test_what_the_erp_contradicts_or_left_half_done_is_for_people(why, shop, cast):
    cancellation = unknown(shop, cast)
    cancellation.lines.filter(position=1).update(outcome="REFUSED", known_by="verified", why=why)
    cancellation.lines.filter(position=2).update(outcome="REFUSED", known_by="verified")
    assert list(OrderLine.objects.for_people().values_list("position", flat=True)) == [1]


def test_what_is_still_being_verified_is_not_for_people(shop, cast):
    approved(shop, cast.lina, cast.wangqiang, ["CG8", "CG9"])
    assert not OrderLine.objects.for_people().exists()


def test_the_queue_counts_for_those_who_may_settle(shop, cast, browser_of):
    cancellation = unknown(shop, cast)
    page = text_of(browser_of(cast.wangqiang).get(QUEUE))
    assert re.search(r'To be settled manually <span class="count">1</span>', page)
    assert cancellation.number in page
    assert "Record outcomes of" in page
    assert "To be settled manually <span" not in text_of(browser_of(cast.lina).get("/requests/?view=mine"))
    assert not CancellationRequest.objects.to_be_settled_by(cast.heping).exists()


def test_nobody_has_their_own_request_in_the_queue(shop, cast):
    unknown(shop, cast)
    CancellationRequest.objects.update(requester=cast.zhoulan)
    assert not CancellationRequest.objects.to_be_settled_by(cast.zhoulan).exists()


def test_each_order_takes_its_own_answer_and_note(shop, cast, browser_of):
    cancellation = unknown(shop, cast)
    given = {"done-1": "yes", "note-1": "已取消", "shown": ["1", "2"], "done": "no", "note": "仍在编辑中"}
    browser_of(cast.wangqiang).post(table_of(cancellation), given)
    assert outcomes(cancellation)[:2] == [("DONE", "by_hand", "已取消"), ("REFUSED", "by_hand", "仍在编辑中")]
    assert cancellation.events.filter(kind="decided_by_hand").count() == 2
    assert not OrderLine.objects.for_people().exists()


def test_the_answer_for_all_others_is_for_those_that_were_shown(shop, cast, browser_of):
    cancellation = unknown(shop, cast)
    given = {"shown": ["1"], "done": "yes", "note": "已取消"}  # the second came into the table since then
    browser_of(cast.wangqiang).post(table_of(cancellation), given)
    assert list(OrderLine.objects.for_people().values_list("position", flat=True)) == [2]


def test_an_order_without_an_answer_stays_open(shop, cast, browser_of):
    cancellation = unknown(shop, cast)
    browser_of(cast.wangqiang).post(table_of(cancellation), {"done-1": "yes", "note": "已取消"})
    assert outcomes(cancellation)[0] == ("DONE", "by_hand", "已取消")
    assert OrderLine.objects.for_people().count() == 1


def test_what_was_typed_comes_back_when_a_note_is_missing(shop, cast, browser_of):
    cancellation = unknown(shop, cast)
    answer = browser_of(cast.wangqiang).post(
        table_of(cancellation), {"done-1": "yes", "done-2": "no", "note-2": "在途"}
    )
    assert answer.status_code == 422
    assert "A note is missing" in text_of(answer)
    assert 'value="在途"' in text_of(answer)
    assert OrderLine.objects.for_people().count() == 2


def test_the_table_of_one_order_shows_only_that_one(shop, cast, browser_of):
    cancellation = unknown(shop, cast)
    page = text_of(browser_of(cast.wangqiang).get(table_of(cancellation, "?order=2")))
    assert "note-2" in page
    assert "note-1" not in page


def test_not_executed_by_hand_is_not_called_refused_by_the_erp(shop, cast, browser_of):
    cancellation = unknown(shop, cast)
    boss = browser_of(cast.wangqiang)
    boss.post(table_of(cancellation), {"shown": ["1", "2"], "done": "no", "note": "仍在编辑中"})
    page = text_of(boss.get(cancellation.get_absolute_url()))
    assert re.search(r">Not executed 2</a>", page)  # what the list can be narrowed to
    listed = text_of(boss.get("/requests/?view=all"))
    assert "Not executed 2" in listed
    assert "Refused" not in listed


def test_a_list_of_both_is_called_both(shop, cast, browser_of):
    cancellation = unknown(shop, cast)
    cancellation.lines.filter(position=1).update(outcome="REFUSED", known_by="verified")
    boss = browser_of(cast.wangqiang)
    boss.post(table_of(cancellation), {"shown": ["2"], "done": "no", "note": "仍在编辑中"})
    assert "Refused or not executed 2" in text_of(boss.get(cancellation.get_absolute_url()))
