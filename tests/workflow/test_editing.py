"""What a clerk changes in a draft before anybody else has seen it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from cancellations.intake import Order
from cancellations.models import Forecast, Lookup, Operation, ReasonKind
from cancellations.workflow import clerk, editing, errors, manager
from tests.made_lookups import show
from tests.people import draft_of, submitted

pytestmark = pytest.mark.django_db


def as_it_is(cancellation, **changes):
    """What `change` takes, with everything as it is but the changes."""
    fields = ("operation", "allow_checked", "reason", "reason_kind", "wanted_by")
    return {field: getattr(cancellation, field) for field in fields} | changes


def listed(*order_nos):
    return [Order(order_no, line, order_no) for line, order_no in enumerate(order_nos, 1)]


def show_all(cancellation, **fields):
    """As if the ERP had shown every order alike."""
    for line in cancellation.lines.all():
        show(line, **fields)
    cancellation.lookups.update(ended_at=timezone.now())


def numbers_of(cancellation):
    return dict(cancellation.lines.order_by("position").values_list("position", "order_no"))


def test_change_writes_what_was_there_and_what_is(shop, cast):
    cancellation = draft_of(shop, cast.lina)
    tomorrow = timezone.now() + timedelta(days=1)
    wanted = as_it_is(cancellation, reason="款式停产", reason_kind=ReasonKind.DISCONTINUED, wanted_by=tomorrow)
    editing.change(cancellation, by=cast.lina, **wanted)
    cancellation.refresh_from_db()
    assert (cancellation.reason_kind, cancellation.wanted_by) == ("discontinued", tomorrow)
    assert cancellation.reason_in_words.endswith("款式停产")
    event = cancellation.events.get(kind="draft_changed")
    assert event.data["changes"]["reason"] == ["供应商停产", "款式停产"]
    assert event.data["changes"].keys() == {"reason", "reason_kind", "wanted_by"}
    assert event.data["content_hash"] == cancellation.content_hash == cancellation.stored_hash()


def test_another_operation_is_judged_from_what_was_shown(shop, cast):
    cancellation = draft_of(shop, cast.lina)
    goods = [{"ordered": "90", "stocked_in": "45", "price": "10"}]
    show_all(cancellation, status=40, stockin_status=1, total_fee=Decimal(900), goods=goods, verdict="refused")
    seal = cancellation.content_hash
    editing.change(cancellation, by=cast.lina, **as_it_is(cancellation, operation=Operation.STOP_WAITING))
    line = cancellation.lines.first()
    assert line.operation == Operation.STOP_WAITING
    assert (line.snapshot.verdict, line.snapshot.at_stake) == (Forecast.WILL, Decimal(450))
    assert cancellation.lookups.count() == 1
    assert cancellation.content_hash == cancellation.stored_hash() != seal
    clerk.submit(cancellation, by=cast.lina)
    manager.approve(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash)


def test_the_option_is_judged_from_what_was_shown(shop, cast):
    cancellation = draft_of(shop, cast.lina)
    show_all(cancellation, status=40, stockin_status=0, verdict="refused")
    editing.change(cancellation, by=cast.lina, **as_it_is(cancellation, allow_checked=True))
    assert set(cancellation.lines.values_list("snapshot__verdict", flat=True)) == {Forecast.WILL}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"reason": "  "}, errors.ReasonMissing),
        ({"operation": Operation.STOP_WAITING, "allow_checked": True}, errors.OptionNotForOperation),
        ({"wanted_by": timezone.now() - timedelta(days=1)}, errors.WantedTooEarly),
        ({}, errors.NothingToChange),
    ],
    ids=["no reason", "an option of another operation", "wanted yesterday", "as it was"],
)
def test_change_refuses_what_a_draft_cannot_be(changes, error, shop, cast):
    cancellation = draft_of(shop, cast.lina)
    with pytest.raises(error):
        editing.change(cancellation, by=cast.lina, **as_it_is(cancellation, **changes))
    assert not cancellation.events.filter(kind="draft_changed").exists()


def test_a_wish_that_is_over_does_not_hinder_other_changes(shop, cast):
    cancellation = draft_of(shop, cast.lina)
    cancellation.wanted_by = timezone.now() - timedelta(hours=1)
    cancellation.save()
    editing.change(cancellation, by=cast.lina, **as_it_is(cancellation, reason="款式停产"))


def test_add_puts_new_orders_behind_and_asks_for_them_only(shop, cast):
    cancellation = draft_of(shop, cast.lina)
    show_all(cancellation)
    orders = listed("cg2", "CG9", "CG8")
    assert editing.add(cancellation, by=cast.lina, orders=orders, source={"file": "更多.xlsx", "place": ""}) == 2
    assert numbers_of(cancellation) == {1: "CG1", 2: "CG2", 3: "CG3", 4: "CG9", 5: "CG8"}
    assert (cancellation.line_count, cancellation.content_hash) == (5, cancellation.stored_hash())
    lookup = cancellation.lookups.last()
    assert (lookup.occasion, lookup.wanted) == (Lookup.Occasion.EDITED, 2)
    assert {shot.line.order_no for shot in lookup.snapshots.all()} == {"CG9", "CG8"}
    event = cancellation.events.get(kind="orders_added")
    assert (event.data["orders"], event.data["file"]) == (2, "更多.xlsx")


def test_a_running_look_up_takes_new_orders_in(shop, cast):
    cancellation = draft_of(shop, cast.lina)
    editing.add(cancellation, by=cast.lina, orders=listed("CG9"))
    lookup = cancellation.lookups.get()
    assert (lookup.wanted, lookup.of, lookup.snapshots.count()) == (4, 4, 4)


def test_a_running_look_up_asks_for_no_more_than_the_limit(shop, cast):
    shop.lookup_limit = 4
    shop.save()
    cancellation = draft_of(shop, cast.lina)
    editing.add(cancellation, by=cast.lina, orders=listed("CG7", "CG8", "CG9"))
    lookup = cancellation.lookups.get()
    assert (lookup.wanted, lookup.of, lookup.is_sample) == (4, 6, True)


def test_add_refuses_what_is_there_and_what_is_too_much(shop, cast, settings):
    cancellation = draft_of(shop, cast.lina)
    with pytest.raises(errors.NothingToAdd):
        editing.add(cancellation, by=cast.lina, orders=listed("CG1", "cg3"))
    settings.ORDERS_PER_REQUEST = 4
    with pytest.raises(errors.TooManyOrders):
        editing.add(cancellation, by=cast.lina, orders=listed("CG8", "CG9"))
    assert cancellation.lines.count() == 3


def test_put_back_undoes_the_latest_drop(shop, cast):
    cancellation = draft_of(shop, cast.lina)
    seal = cancellation.content_hash
    show_all(cancellation)
    editing.drop(cancellation, by=cast.lina, lines=cancellation.lines.filter(position__in=[1, 3]), why="chosen")
    assert editing.put_back(cancellation, by=cast.lina) == 2
    assert numbers_of(cancellation) == {1: "CG1", 2: "CG2", 3: "CG3"}
    assert cancellation.content_hash == cancellation.stored_hash() == seal
    assert cancellation.lookups.last().wanted == 2
    with pytest.raises(errors.NothingToPutBack):
        editing.put_back(cancellation, by=cast.lina)


def test_put_back_keeps_what_was_typed(shop, cast):
    cancellation = draft_of(shop, cast.lina)
    cancellation.lines.filter(position=2).update(typed="CG 2", source_line=17)
    editing.drop(cancellation, by=cast.lina, lines=cancellation.lines.filter(position__lte=2), why="chosen")
    editing.put_back(cancellation, by=cast.lina)
    line = cancellation.lines.get(position=2)
    assert (line.typed, line.source_line, cancellation.lines.get(position=1).typed) == ("CG 2", 17, "")


def test_nothing_is_put_back_after_another_change(shop, cast):
    cancellation = draft_of(shop, cast.lina)
    editing.drop(cancellation, by=cast.lina, lines=cancellation.lines.filter(position=1), why="chosen")
    editing.add(cancellation, by=cast.lina, orders=listed("CG1"))
    assert editing.last_drop(cancellation) is None
    with pytest.raises(errors.NothingToPutBack):
        editing.put_back(cancellation, by=cast.lina)


VERBS = {
    "change": lambda it, by: editing.change(it, by=by, **as_it_is(it, reason="款式停产")),
    "add": lambda it, by: editing.add(it, by=by, orders=listed("CG9")),
    "drop": lambda it, by: editing.drop(it, by=by, lines=it.lines.filter(position=1), why="chosen"),
    "put back": lambda it, by: editing.put_back(it, by=by),
}


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_is_changed_in_what_was_submitted(verb, shop, cast):
    stale = draft_of(shop, cast.lina)
    clerk.submit(type(stale).objects.get(pk=stale.pk), by=cast.lina)
    with pytest.raises(errors.MovedOn):
        VERBS[verb](stale, cast.lina)
    assert stale.content_hash == stale.stored_hash()


@pytest.mark.parametrize("person", ["sunyue", "wangqiang", "zhaolei", "heping", "root", "gone"])
@pytest.mark.parametrize("verb", VERBS)
def test_nobody_else_changes_a_draft(verb, person, shop, cast):
    cancellation = draft_of(shop, cast.lina)
    with pytest.raises(errors.NotAllowed):
        VERBS[verb](cancellation, getattr(cast, person))


def test_a_discarded_draft_comes_back_as_it_was(shop, cast):
    cancellation = draft_of(shop, cast.lina)
    clerk.withdraw(cancellation, by=cast.lina)
    clerk.restore(cancellation, by=cast.lina)
    cancellation.refresh_from_db()
    assert (cancellation.status, cancellation.ended_at) == ("DRAFT", None)
    assert set(cancellation.lines.values_list("outcome", "outcome_at")) == {("LISTED", None)}
    assert cancellation.lookups.last().wanted == 3
    assert cancellation.events.last().kind == "restored"
    clerk.submit(cancellation, by=cast.lina)


def test_what_was_submitted_once_is_not_restored(shop, cast):
    cancellation = submitted(shop, cast.lina)
    clerk.withdraw(cancellation, by=cast.lina)
    with pytest.raises(errors.NotADiscardedDraft):
        clerk.restore(cancellation, by=cast.lina)
    with pytest.raises(errors.NotAllowed):
        clerk.restore(cancellation, by=cast.sunyue)
