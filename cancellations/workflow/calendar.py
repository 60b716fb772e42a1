"""What administrators do to the calendar: holidays, and the days that make up for them. Deadlines that stand stay."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from cancellations.models import CalendarDay, Event, Person
from cancellations.workflow import permissions
from cancellations.workflow.errors import DayNotKnown, NothingToChange


class Day(NamedTuple):
    """What the table is to say of a day; `name` is that of the holiday, or empty."""

    day: date
    is_working: bool
    name: str = ""


@transaction.atomic
def set_days(days: Iterable[Day], *, by: Person) -> int:
    """Adds the days to the table, or changes what it says of them; returns how many changed.

    Raises NotAllowed, NothingToChange.
    """
    permissions.check_may_change_calendar(by)
    changed = 0
    for day, is_working, name in days:
        stored = CalendarDay.objects.select_for_update().filter(pk=day).first()
        before = [stored.is_working, stored.name] if stored else None
        if before != [is_working, name]:
            CalendarDay.objects.update_or_create(day=day, defaults={"is_working": is_working, "name": name})
            _tell(day, by=by, before=before, after=[is_working, name])
            changed += 1
    if not changed:
        raise NothingToChange
    return changed


@transaction.atomic
def remove_day(day: date, *, by: Person) -> None:
    """From now on the day is as its weekday. Raises NotAllowed, DayNotKnown."""
    permissions.check_may_change_calendar(by)
    stored = CalendarDay.objects.select_for_update().filter(pk=day).first()
    if stored is None:
        raise DayNotKnown
    stored.delete()
    _tell(day, by=by, before=[stored.is_working, stored.name], after=None)


def _tell(day: date, *, by: Person, before: list[Any] | None, after: list[Any] | None) -> None:
    Event.write(Event.Kind.CALENDAR_CHANGED, by=by, at=timezone.now(), day=day.isoformat(), before=before, after=after)
