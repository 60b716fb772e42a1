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
    changed = sum(_set(day, by=by) for day in days)
    if not changed:
        raise NothingToChange
    return changed


def _set(given: Day, *, by: Person) -> bool:
    """False if the table says so already."""
    stored = CalendarDay.objects.select_for_update().filter(pk=given.day).first()
    before = [stored.is_working, stored.name] if stored else None
    after = [given.is_working, given.name]
    if before == after:
        return False
    about = {"is_working": given.is_working, "name": given.name}
    CalendarDay.objects.update_or_create(day=given.day, defaults=about)
    _tell(given.day, by=by, before=before, after=after)
    return True


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
