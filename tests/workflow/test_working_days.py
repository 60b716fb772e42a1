"""Working days: by the table, else by the weekday, and always in Asia/Shanghai."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cancellations.models import CalendarDay
from cancellations.workflow.working_days import add_working_days, is_working_day, known_days, working_days_between

DAY = timedelta(days=1)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
TABLES = st.dictionaries(DAYS, st.booleans(), max_size=60)
MOMENTS = st.builds(datetime.combine, DAYS, st.times(timezones=st.just(UTC)))
COUNTS = st.integers(0, 30)


def shanghai(text):
    return datetime.fromisoformat(f"{text}+08:00")


def local(moment):
    return timezone.localtime(moment, timezone.get_default_timezone())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "is_working"),
    [
        ("2026-01-04", True),  # a Sunday that makes up for the Friday before
        ("2026-02-14", True),
        ("2026-02-15", False),
        ("2026-02-23", False),  # a Monday
        ("2026-02-24", True),
        ("2026-02-28", True),
        ("2026-04-06", False),
        ("2026-05-05", False),
        ("2026-05-09", True),
        ("2026-06-19", False),
        ("2026-09-20", True),
        ("2026-09-25", False),
        ("2026-10-07", False),
        ("2026-10-08", True),
        ("2026-10-10", True),
        ("2026-10-11", False),
        ("2026-11-26", True),  # as its weekday
        ("2026-11-28", False),
        ("2031-01-01", True),  # of which the table knows nothing: a Wednesday
    ],
)
def test_the_table_knows_the_holidays_of_2026(day, is_working):
    assert is_working_day(date.fromisoformat(day)) is is_working


@pytest.mark.django_db
def test_the_table_has_each_day_of_the_announcement():
    off = CalendarDay.objects.filter(day__year=2026, is_working=False)
    working = CalendarDay.objects.filter(day__year=2026, is_working=True)
    assert (off.count(), working.count()) == (3 + 9 + 3 + 5 + 3 + 3 + 7, 6)
    assert all(each.day.weekday() >= 5 for each in working)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-24 18:00", 3, "2026-11-27 18:00"),
        ("2026-11-27 18:00", 3, "2026-12-02 18:00"),  # over a weekend
        ("2026-11-28 14:30", 3, "2026-12-03 00:00"),  # from Saturday: from the beginning of Monday
        ("2026-11-28 14:30", 0, "2026-11-30 00:00"),
        ("2026-11-26 23:59", 0, "2026-11-26 23:59"),
        ("2026-09-30 17:00", 1, "2026-10-08 17:00"),  # over the national holidays
        ("2026-10-08 17:00", 2, "2026-10-10 17:00"),  # to a Saturday on which people work
        ("2026-02-13 09:00", 2, "2026-02-24 09:00"),  # Saturday the 14th is a working day
        ("2026-10-02 09:00", 1, "2026-10-09 00:00"),
    ],
)
def test_a_deadline_in_working_days(start, days, end):
    assert add_working_days(shanghai(start), days) == shanghai(end)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-11-27 18:00", "2026-12-02 18:00", 3),
        ("2026-11-27 18:00", "2026-12-02 17:59", 2),
        ("2026-11-27 18:00", "2026-11-29 18:00", 0),
        ("2026-11-27 18:00", "2026-11-27 17:00", 0),
        ("2026-10-03 09:00", "2026-10-10 18:00", 2),
        ("2026-12-02 18:00", "2026-11-27 18:00", 0),
    ],
)
def test_whole_working_days_between(start, end, days):
    assert working_days_between(shanghai(start), shanghai(end)) == days


@pytest.mark.django_db
@pytest.mark.parametrize(
    "call",
    [
        lambda: is_working_day(date(2026, 5, 9)),
        lambda: add_working_days(shanghai("2026-04-30 18:00"), 20),
        lambda: working_days_between(shanghai("2026-04-30 18:00"), shanghai("2026-10-30 18:00")),
    ],
)
def test_the_table_is_read_once(call):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        call()
    assert len(queries) == 1


def test_days_are_not_counted_backwards():
    with pytest.raises(ValueError, match="forwards"):
        add_working_days(shanghai("2026-11-27 18:00"), -1, known={})


@given(MOMENTS, COUNTS, TABLES)
def test_the_end_is_on_a_working_day_at_the_same_time(moment, n, known):
    end = add_working_days(moment, n, known=known)
    assert is_working_day(local(end).date(), known=known)
    if is_working_day(local(moment).date(), known=known):
        assert local(end).time() == local(moment).time()
    else:
        assert local(end).time() == time(0)


@given(MOMENTS, COUNTS, TABLES)
def test_n_working_days_lie_behind_the_start(moment, n, known):
    start, end = (local(add_working_days(moment, number, known=known)).date() for number in (0, n))
    behind = [start + DAY * number for number in range(1, (end - start).days + 1)]
    assert sum(is_working_day(day, known=known) for day in behind) == n


@given(MOMENTS, COUNTS, COUNTS, TABLES)
def test_days_can_be_added_in_two_steps(moment, first, second, known):
    at_once = add_working_days(moment, first + second, known=known)
    assert add_working_days(add_working_days(moment, first, known=known), second, known=known) == at_once


@given(MOMENTS, MOMENTS, COUNTS, TABLES)
def test_who_starts_later_ends_no_earlier(one, other, n, known):
    first, second = sorted((one, other))
    assert first <= add_working_days(first, n, known=known) <= add_working_days(second, n, known=known)


@given(MOMENTS, MOMENTS, TABLES)
def test_between_is_the_most_that_can_be_added(start, end, known):
    days = working_days_between(start, end, known=known)
    assert add_working_days(start, days + 1, known=known) > end
    if days:
        assert add_working_days(start, days, known=known) <= end


@given(MOMENTS, COUNTS, TABLES)
def test_what_was_added_lies_between(moment, n, known):
    assert working_days_between(moment, add_working_days(moment, n, known=known), known=known) == n


@pytest.mark.django_db
def test_known_days_are_the_table():
    assert known_days()[date(2026, 10, 10)] is True
    assert date(2026, 11, 26) not in known_days()
