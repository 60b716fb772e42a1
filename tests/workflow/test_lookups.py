"""What people may do with the orders of a request before it is decided on: drop some, look again, bring a file."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cancellations.models import Lookup, OrderSnapshot, Upload
from cancellations.workflow import clerk, drafts, editing, errors, lookups, machine, manager
from tests.made_lookups import show
from tests.people import approved, draft_of, submitted

pytestmark = pytest.mark.django_db


def expect(cancellation, fields=None, **verdicts):
    """As if the ERP had been asked: {verdict: positions}, and all else that it showed of each."""
    for verdict, positions in verdicts.items():
        for line in cancellation.lines.filter(position__in=positions):
            show(line, found=verdict != "not_visible", verdict=verdict, **(fields or {}))


def hopeless(cancellation):
    return cancellation.lines.filter(snapshot__verdict="refused")


def test_drop_seals_what_is_left_of_the_draft(shop, cast):
    cancellation = draft_of(shop, cast.lina)
    seal = cancellation.content_hash
    expect(cancellation, refused=[2], will=[1, 3])
    assert editing.drop(cancellation, by=cast.lina, lines=hopeless(cancellation), why="refused") == 1
    cancellation.refresh_from_db()
    assert list(cancellation.lines.values_list("order_no", flat=True)) == ["CG1", "CG3"]
    assert cancellation.line_count == 2
    assert cancellation.content_hash == cancellation.stored_hash() != seal
    event = cancellation.events.get(kind="dropped")
    assert (event.data["dropped"], event.data["why"], event.actor) == (1, "refused", cast.lina)
    clerk.submit(cancellation, by=cast.lina)
    manager.approve(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash)


def test_dropping_goes_on_with_the_running_look_up(shop, cast):
    cancellation = draft_of(shop, cast.lina)
    running = cancellation.lookups.get()
    editing.drop(cancellation, by=cast.lina, lines=cancellation.lines.filter(position=2), why="refused")
    running.refresh_from_db()
    assert (running.wanted, running.of, running.ended_at) == (2, 2, None)
    assert cancellation.lookups.count() == 1


def test_what_is_gone_already_is_not_dropped_twice(shop, cast):
    cancellation = draft_of(shop, cast.lina)
    with pytest.raises(errors.NothingToDrop):
        editing.drop(cancellation, by=cast.lina, lines=hopeless(cancellation), why="refused")


def test_a_draft_keeps_at_least_one_order(shop, cast):
    cancellation = draft_of(shop, cast.lina)
    with pytest.raises(errors.NothingLeft):
        editing.drop(cancellation, by=cast.lina, lines=cancellation.lines.all(), why="refused")
    assert cancellation.lines.count() == 3


def test_nothing_is_dropped_from_another_draft(shop, cast):
    mine, other = draft_of(shop, cast.lina), draft_of(shop, cast.sunyue)
    with pytest.raises(errors.NothingToDrop):
        editing.drop(
            mine, by=cast.lina, lines=type(mine.lines.first()).objects.filter(cancellation=other), why="refused"
        )
    assert other.lines.count() == 3


@pytest.mark.parametrize("make", [submitted, lambda shop, by: approved(shop, by, by.decider)])
def test_nothing_is_dropped_after_the_submission(make, shop, cast):
    cast.lina.decider = cast.wangqiang
    cancellation = make(shop, cast.lina)
    with pytest.raises(errors.MovedOn):
        editing.drop(cancellation, by=cast.lina, lines=cancellation.lines.filter(position=1), why="refused")
    assert cancellation.lines.count() == 3


def test_drop_refuses_what_was_submitted_meanwhile(shop, cast):
    cancellation = draft_of(shop, cast.lina)
    stale = type(cancellation).objects.get(pk=cancellation.pk)
    clerk.submit(cancellation, by=cast.lina)
    with pytest.raises(errors.MovedOn):
        editing.drop(stale, by=cast.lina, lines=stale.lines.filter(position=1), why="refused")
    cancellation.refresh_from_db()
    assert (cancellation.lines.count(), cancellation.line_count) == (3, 3)


@pytest.mark.parametrize("person", ["sunyue", "wangqiang", "zhoulan", "chenjing", "zhaolei", "heping", "gone", "root"])
def test_nobody_else_drops_orders_from_a_draft(person, shop, cast):
    cancellation = draft_of(shop, cast.lina)
    with pytest.raises(errors.NotAllowed):
        editing.drop(cancellation, by=getattr(cast, person), lines=cancellation.lines.filter(position=1), why="refused")


@pytest.mark.parametrize(
    ("person", "may"),
    [
        ("lina", True),
        ("wangqiang", True),
        ("zhoulan", True),
        ("sunyue", False),
        ("chenjing", False),
        ("zhaolei", False),
        ("heping", False),
        ("gone", False),
        ("root", False),
    ],
)
def test_the_requester_and_the_managers_ask_for_another_look(person, may, shop, cast):
    cancellation = submitted(shop, cast.lina)
    Lookup.objects.update(ended_at=timezone.now())
    if may:
        lookups.look_again(cancellation, by=getattr(cast, person))
        assert cancellation.lookups.last().occasion == "asked"
    else:
        with pytest.raises(errors.NotAllowed):
            lookups.look_again(cancellation, by=getattr(cast, person))


def test_who_asked_for_another_look_stands_in_the_history(shop, cast):
    cancellation = submitted(shop, cast.lina)
    Lookup.objects.update(ended_at=timezone.now())
    lookups.look_again(cancellation, by=cast.wangqiang)
    event = cancellation.events.get(kind="asked_for_lookup")
    assert (event.actor, event.data) == (cast.wangqiang, {"orders": 3})
    assert event.at == cancellation.lookups.last().started_at


@pytest.mark.parametrize("reason", ["running already", "nothing to look up"])
def test_a_look_that_was_refused_leaves_no_event(reason, shop, cast):
    cancellation = submitted(shop, cast.lina)
    if reason == "nothing to look up":
        Lookup.objects.update(ended_at=timezone.now())
        shop.lookup_limit = cancellation.shop.lookup_limit = 0
        shop.save()
    with pytest.raises((errors.LookupRunning, errors.NothingIsLookedUp)):
        lookups.look_again(cancellation, by=cast.wangqiang)
    assert not cancellation.events.filter(kind="asked_for_lookup").exists()


def test_there_is_one_look_at_a_time(shop, cast):
    cancellation = submitted(shop, cast.lina)
    with pytest.raises(errors.LookupRunning):
        lookups.look_again(cancellation, by=cast.lina)


def test_after_the_decision_nothing_is_looked_up_any_more(shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    with pytest.raises(errors.MovedOn):
        lookups.look_again(cancellation, by=cast.lina)
    assert not Lookup.objects.filter(ended_at=None).exists()


def test_a_copy_is_looked_up_as_a_draft_of_its_own(shop, cast):
    cancellation = submitted(shop, cast.lina)
    manager.reject(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash, note="不要")
    copy = drafts.copy(cancellation, by=cast.lina, token=cancellation.form_token.__class__(int=7))
    assert copy.lookups.get().wanted == 3


def test_a_persons_latest_files_are_kept_and_the_others_go(cast):
    for number in range(clerk.FILES_KEPT + 2):
        clerk.bring_file(by=cast.lina, name=f"{number}.csv", content=b"CG1")
    clerk.bring_file(by=cast.sunyue, name="hers.csv", content=b"CG1")
    names = set(Upload.objects.filter(person=cast.lina).values_list("name", flat=True))
    assert names == {"2.csv", "3.csv", "4.csv", "5.csv", "6.csv"}
    assert Upload.objects.for_user(cast.sunyue).get().name == "hers.csv"


def test_files_are_brought_by_clerks_only(cast):
    for person in (cast.wangqiang, cast.chenjing, cast.zhaolei, cast.gone, cast.root):
        with pytest.raises(errors.NotAllowed):
            clerk.bring_file(by=person, name="x.csv", content=b"CG1")


def test_after_a_day_a_file_is_forgotten(cast):
    old = clerk.bring_file(by=cast.lina, name="old.csv", content=b"CG1")
    new = clerk.bring_file(by=cast.lina, name="new.csv", content=b"CG1")
    Upload.objects.filter(pk=old.pk).update(brought_at=timezone.now() - timedelta(hours=25))
    assert machine.forget_uploads() == 1
    assert Upload.objects.get() == new
    assert machine.forget_uploads() == 0


def test_snapshots_go_with_the_order_that_was_dropped(shop, cast):
    cancellation = draft_of(shop, cast.lina)
    expect(cancellation, refused=[2], will=[1, 3])
    editing.drop(cancellation, by=cast.lina, lines=hopeless(cancellation), why="refused")
    assert set(OrderSnapshot.objects.values_list("line__order_no", flat=True)) == {"CG1", "CG3"}


def test_submit_takes_over_what_was_looked_up_just_now(shop, cast):
    cancellation = draft_of(shop, cast.lina)
    expect(cancellation, will=[1, 3])
    clerk.submit(cancellation, by=cast.lina)
    lookup = cancellation.lookups.last()
    assert (lookup.occasion, lookup.wanted, lookup.of) == ("submitted", 1, 1)
    assert lookup.snapshots.get().line.position == 2


def test_submit_needs_no_look_where_all_were_looked_up_just_now(shop, cast):
    cancellation = draft_of(shop, cast.lina)
    expect(cancellation, will=[1, 2], not_visible=[3])
    clerk.submit(cancellation, by=cast.lina)
    assert cancellation.lookups.last().occasion == "drafted"


def test_submit_looks_again_at_what_was_looked_up_long_ago(shop, cast):
    cancellation = draft_of(shop, cast.lina)
    expect(cancellation, will=[1, 2, 3])
    OrderSnapshot.objects.update(at=timezone.now() - lookups.FRESH)
    OrderSnapshot.objects.filter(line__position=1).update(at=timezone.now() - 2 * lookups.FRESH)
    OrderSnapshot.objects.filter(line__position=2).update(at=timezone.now() - 2 * lookups.FRESH)
    clerk.submit(cancellation, by=cast.lina)
    assert cancellation.lookups.last().wanted >= 2


def test_the_event_of_an_approval_says_how_old_the_look_was_and_what_it_showed(shop, cast):
    cancellation = submitted(shop, cast.lina)
    expect(cancellation, {"at_stake": "100.5"}, will=[1, 3], refused=[2])
    cancellation.lookups.update(ended_at=timezone.now() - timedelta(minutes=58))
    manager.approve(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash)
    data = cancellation.events.get(kind="approved").data
    assert data["lookup_minutes"] == 58
    assert {name: float(amount) for name, amount in data["at_stake"].items()} == {"will": 201.0, "refused": 100.5}
