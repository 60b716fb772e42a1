"""Administrators keep the calendar, and every change of it is in the audit trail."""

from datetime import date

import pytest

from cancellations.models import CalendarDay, Event
from cancellations.workflow import calendar, errors
from cancellations.workflow.calendar import Day

pytestmark = pytest.mark.django_db
OFF, WORKING = Day(date(2027, 2, 6), False, "春节"), Day(date(2027, 2, 14), True)


def changes():
    return [
        (event.actor.username, event.data["day"], event.data["before"], event.data["after"])
        for event in Event.objects.filter(kind="calendar_changed").order_by("pk")
    ]


def test_days_are_added_changed_and_removed(cast):
    assert calendar.set_days([OFF, WORKING], by=cast.zhaolei) == 2
    assert calendar.set_days([OFF, WORKING._replace(name="春节")], by=cast.root) == 1
    calendar.remove_day(OFF.day, by=cast.zhaolei)
    assert list(CalendarDay.objects.filter(day__year=2027).values_list()) == [(WORKING.day, True, "春节")]
    assert changes() == [
        ("zhaolei", "2027-02-06", None, [False, "春节"]),
        ("zhaolei", "2027-02-14", None, [True, ""]),
        ("root", "2027-02-14", [True, ""], [True, "春节"]),
        ("zhaolei", "2027-02-06", [False, "春节"], None),
    ]


def test_what_changes_nothing_is_said(cast):
    calendar.set_days([OFF], by=cast.zhaolei)
    with pytest.raises(errors.NothingToChange):
        calendar.set_days([OFF], by=cast.zhaolei)
    with pytest.raises(errors.DayNotKnown):
        calendar.remove_day(WORKING.day, by=cast.zhaolei)
    assert len(changes()) == 1


@pytest.mark.parametrize("person", ["lina", "wangqiang", "zhoulan", "chenjing", "heping", "gone"])
def test_only_administrators_keep_it(person, cast):
    for verb in (lambda by: calendar.set_days([OFF], by=by), lambda by: calendar.remove_day(date(2026, 1, 1), by=by)):
        with pytest.raises(errors.NotAllowed):
            verb(getattr(cast, person))
    assert not changes()
