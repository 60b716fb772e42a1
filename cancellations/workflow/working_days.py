"""Which days people work on, and how deadlines count them. A day is one of Asia/Shanghai.

What the table of the calendar does not know is as its weekday: from Monday to Friday people work. Each function reads
the table once, or is given it as `known` by whoever has read it for several.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from cancellations.models import CalendarDay

SATURDAY = 5
DAY = timedelta(days=1)
Known = Mapping[date, bool]


def known_days() -> dict[date, bool]:
    """The table: {day: whether people work on it}. One query."""
    return dict(CalendarDay.objects.values_list("day", "is_working"))


def is_working_day(day: date, *, known: Known | None = None) -> bool:
    """Whether people work on the day."""
    known = known_days() if known is None else known
    return known.get(day, day.weekday() < SATURDAY)


def add_working_days(moment: datetime, n: int, *, known: Known | None = None) -> datetime:
    """The same time of the day, `n` working days later; it falls on a working day.

    A moment on a day off counts as the beginning of the next working day. Raises ValueError if `n` is negative.
    """
    if n < 0:
        raise ValueError("working days are counted forwards")
    known = known_days() if known is None else known
    start = _first_working(moment, known)
    day = start.date()
    for _ in range(n):
        day = _next_working_day(day + DAY, known)
    return datetime.combine(day, start.timetz())


def working_days_between(start: datetime, end: datetime, *, known: Known | None = None) -> int:
    """How many whole working days pass from `start` to `end`: the most that can be added without going beyond it.

    0 if `end` is earlier.
    """
    known = known_days() if known is None else known
    first, last = _first_working(start, known), _local(end)
    days = (first.date() + DAY * number for number in range(1, (last.date() - first.date()).days + 1))
    count = sum(is_working_day(day, known=known) for day in days)
    is_cut = is_working_day(last.date(), known=known) and last.time() < first.time()  # the last day is not a whole one
    return max(0, count - is_cut)


def _first_working(moment: datetime, known: Known) -> datetime:
    local = _local(moment)
    if is_working_day(local.date(), known=known):
        return local
    return datetime.combine(_next_working_day(local.date(), known), time(tzinfo=local.tzinfo))


def _next_working_day(day: date, known: Known) -> date:
    """The day itself, or the first working day after it: the table is finite, so there is one."""
    while not is_working_day(day, known=known):
        day += DAY
    return day


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment, timezone.get_default_timezone())
