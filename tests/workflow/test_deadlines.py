"""A submitted request has a deadline, kept with it; a manager may extend it once."""

from datetime import date, datetime, timedelta

import pytest

from cancellations.models import CancellationRequest
from cancellations.workflow import calendar, clerk, errors, machine, manager
from cancellations.workflow.calendar import Day
from tests.people import approved, draft_of, numbers, submitted

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
FRIDAY = "2026-11-27 18:00+08:00"


def shanghai(text):
    return datetime.fromisoformat(f"{text}+08:00")


@pytest.fixture
def friday(time_machine):
    time_machine.move_to(FRIDAY, tick=False)
    return time_machine


def test_what_is_submitted_on_friday_evening_waits_until_wednesday(shop, cast, friday):
    draft = draft_of(shop, cast.lina)
    assert draft.expires_at is None
    clerk.submit(draft, by=cast.lina)
    draft.refresh_from_db()
    assert draft.expires_at == shanghai("2026-12-02 18:00")
    assert datetime.fromisoformat(draft.events.get(kind="submitted").data["expires_at"]) == draft.expires_at
    friday.move_to("2026-12-02 18:00+08:00", tick=False)
    assert machine.expire_overdue() == 0
    friday.move_to("2026-12-02 18:00:01+08:00", tick=False)
    assert machine.expire_overdue() == 1
    draft.refresh_from_db()
    assert (draft.status, draft.expires_at) == ("EXPIRED", shanghai("2026-12-02 18:00"))


def test_the_setting_says_how_many_days(shop, cast, friday, settings):
    settings.SUBMITTED_EXPIRES_AFTER_WORKING_DAYS = 5
    assert submitted(shop, cast.lina).expires_at == shanghai("2026-12-04 18:00")


def test_a_later_holiday_moves_no_deadline(shop, cast, friday):
    cancellation = submitted(shop, cast.lina)
    calendar.set_days([Day(date(2026, 12, 1), False, "盘点")], by=cast.zhaolei)
    cancellation.refresh_from_db()
    assert cancellation.expires_at == shanghai("2026-12-02 18:00")
    assert submitted(shop, cast.lina, ["CG9"]).expires_at == shanghai("2026-12-03 18:00")


@pytest.mark.parametrize(
    ("at", "extended"),
    [
        (FRIDAY, "2026-12-07 18:00"),  # three working days after the deadline
        ("2026-12-02 17:59+08:00", "2026-12-07 18:00"),
        ("2026-12-03 09:00+08:00", "2026-12-08 09:00"),  # nobody swept since: after now
    ],
)
def test_a_deadline_is_extended_by_as_many_days(at, extended, shop, cast, friday):
    cancellation = submitted(shop, cast.lina)
    friday.move_to(at, tick=False)
    assert manager.extend(cancellation, by=cast.wangqiang) == shanghai(extended)
    cancellation.refresh_from_db()
    assert cancellation.expires_at == shanghai(extended)
    assert cancellation.status == "SUBMITTED"
    event = cancellation.events.get(kind="extended")
    assert event.actor == cast.wangqiang
    assert [datetime.fromisoformat(event.data[when]) for when in ("before", "after")] == [
        shanghai("2026-12-02 18:00"),
        shanghai(extended),
    ]


def test_it_is_extended_once_whoever_asks(shop, cast):
    cancellation = submitted(shop, cast.lina)
    stale = CancellationRequest.objects.get(pk=cancellation.pk)
    deadline = manager.extend(cancellation, by=cast.wangqiang)
    for person, loaded in ((cast.wangqiang, cancellation), (cast.zhoulan, stale)):
        with pytest.raises(errors.AlreadyExtended):
            manager.extend(loaded, by=person)
    stale.refresh_from_db()
    assert stale.expires_at == deadline
    assert stale.events.filter(kind="extended").count() == 1


@pytest.mark.parametrize("person", ["lina", "sunyue", "chenjing", "zhaolei", "heping", "gone", "root"])
def test_only_who_may_decide_extends(person, shop, cast):
    cancellation = submitted(shop, cast.lina)
    with pytest.raises(errors.NotAllowed):
        manager.extend(cancellation, by=getattr(cast, person))
    assert not cancellation.events.filter(kind="extended").exists()


def test_nobody_extends_their_own_deadline(shop, cast):
    with pytest.raises(errors.OwnRequest):
        manager.extend(submitted(shop, cast.zhoulan), by=cast.zhoulan)


def test_what_was_decided_meanwhile_is_not_extended(shop, cast):
    cancellation = submitted(shop, cast.lina)
    stale = CancellationRequest.objects.get(pk=cancellation.pk)
    clerk.withdraw(cancellation, by=cast.lina)
    for loaded in (stale, cancellation, approved(shop, cast.sunyue, cast.wangqiang)):
        with pytest.raises(errors.MovedOn):
            manager.extend(loaded, by=cast.wangqiang)


def test_what_was_extended_while_the_sweep_looked_does_not_expire(shop, cast, monkeypatch):
    overdue = [submitted(shop, cast.lina, numbers(2)), submitted(shop, cast.lina, numbers(2, 5))]
    for each in overdue:
        CancellationRequest.objects.filter(pk=each.pk).update(expires_at=each.submitted_at - HOUR)
    move = machine.move

    def while_one_expires(cancellation, *arguments, **options):
        [other] = CancellationRequest.objects.filter(status="SUBMITTED").exclude(pk=cancellation.pk)
        manager.extend(other, by=cast.wangqiang)
        move(cancellation, *arguments, **options)

    monkeypatch.setattr(machine, "move", while_one_expires)
    assert machine.expire_overdue() == 1
    assert sorted(CancellationRequest.objects.values_list("status", flat=True)) == ["EXPIRED", "SUBMITTED"]
