"""What the navigation counts is what the pages behind it list, for each person their own."""

import pytest

from cancellations.models import AccessChange, CancellationRequest, Notice
from cancellations.pages import context
from cancellations.words.numbers import up_to_99
from tests.made_calls import call_of
from tests.people import approved, submitted

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", context.COUNTS)
def test_the_statement_that_is_written_once_counts_for_everybody_what_their_own_would(name, shop, shop_of_others, cast):
    for by, place in ((cast.lina, shop), (cast.zhoulan, shop), (cast.heping, shop_of_others)):
        submitted(place, by, [f"CG-{by.username}"])
    request = approved(shop, cast.sunyue, cast.wangqiang, ["CG-unknown"])
    request.lines.update(outcome="UNKNOWN", sent_in=call_of(request))
    assert Notice.objects.unread().exists()
    people = [person for person in vars(cast).values() if person.is_active]
    counted = {person.username: context._count(name, person) for person in people}
    assert counted == {person.username: context.COUNTS[name](person).count() for person in people}


@pytest.mark.parametrize("is_superuser", [False, True])
@pytest.mark.parametrize("name", context.COUNTS)
def test_no_moment_stands_in_the_statement_that_is_written_once(name, is_superuser):
    _, parameters = context._statement(name, is_superuser)
    assert {type(each) for each in parameters} <= {int, bool, CancellationRequest.Status, AccessChange.State}


def test_it_counts_no_further_than_it_shows(shop, cast, monkeypatch):
    monkeypatch.setattr(context, "COUNTED", 2)
    monkeypatch.setattr(context, "_statement", context._statement.__wrapped__)
    for number in "123":
        submitted(shop, cast.lina, [number])
    assert context._count("awaiting_decision_count", cast.wangqiang) == 2


@pytest.mark.parametrize(("count", "shown"), [(0, "0"), (99, "99"), (100, "99+")])
def test_more_than_ninety_nine_are_not_told_apart(count, shown):
    assert up_to_99(count) == shown


def test_nobody_counts_what_they_may_not_decide_on(shop, shop_of_others, cast):
    for by, place in ((cast.lina, shop), (cast.zhoulan, shop), (cast.heping, shop_of_others)):
        submitted(place, by, [f"CG-{by.username}"])
    waiting = {name: context._count("awaiting_decision_count", getattr(cast, name)) for name in vars(cast)}
    assert waiting["wangqiang"] == 2
    assert waiting["zhoulan"] == 1  # the other is their own
    assert waiting["heping"] == 0
    assert waiting["root"] == 3
