"""What still waits is said again, in working days and not too often."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from cancellations.models import CalendarDay, CancellationRequest, Notice, NoticeSettings
from cancellations.notices import reminding
from tests.people import submitted

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
WEDNESDAY = datetime(2026, 12, 2, 10, 0, tzinfo=SHANGHAI)
SATURDAY = datetime(2026, 12, 5, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture
def at(monkeypatch):
    """`at(moment)`: what the application takes for now."""
    return lambda moment: monkeypatch.setattr(timezone, "now", lambda: moment)


@pytest.fixture
def waiting(shop, cast, at):
    """A request that was submitted two days before that Wednesday."""
    at(WEDNESDAY - timedelta(days=2))
    return submitted(shop, cast.lina)


def told(kind):
    return Notice.objects.filter(kind=kind).count()


def ends(cancellation, at):
    CancellationRequest.objects.filter(pk=cancellation.pk).update(expires_at=at)


@pytest.mark.parametrize(
    ("left", "times"),
    [(timedelta(days=2), 0), (timedelta(hours=20), 1), (timedelta(hours=3), 1), (timedelta(hours=1), 1)],
)
def test_who_may_decide_is_told_before_the_end_once(left, times, waiting, at):
    at(WEDNESDAY)
    ends(waiting, WEDNESDAY + left)
    for _ in range(3):
        reminding.remind_of_deadlines()
    assert told("expires_soon") == 2 * times


def test_each_of_the_three_times_is_told(waiting, at):
    ends(waiting, WEDNESDAY)
    for before in (timedelta(hours=20), timedelta(hours=3), timedelta(hours=1)):
        at(WEDNESDAY - before)
        reminding.remind_of_deadlines()
    assert told("expires_soon") == 2 * 3


def test_a_working_day_before_a_monday_is_the_friday(waiting, at):
    ends(waiting, SATURDAY + timedelta(days=2))
    at(SATURDAY - timedelta(days=2))
    reminding.remind_of_deadlines()
    assert told("expires_soon") == 0
    at(SATURDAY - timedelta(hours=20))
    reminding.remind_of_deadlines()
    assert told("expires_soon") == 2


def test_where_everybody_is_away_the_administrators_are_told(waiting, cast, at):
    at(WEDNESDAY)
    for person in (cast.wangqiang, cast.zhoulan):
        NoticeSettings.objects.create(person=person, away_from=WEDNESDAY.date(), away_until=WEDNESDAY.date())
    ends(waiting, WEDNESDAY + timedelta(hours=1))
    reminding.remind_of_deadlines()
    assert (told("expires_soon"), told("nobody")) == (0, 2)


def test_a_summary_comes_each_working_morning_to_whom_something_waits(waiting, cast, at):
    at(WEDNESDAY.replace(hour=9, minute=29))
    reminding.say_what_waits()
    assert told("summary") == 0
    at(WEDNESDAY)
    for _ in range(2):
        reminding.say_what_waits()
    assert {notice.person.username for notice in Notice.objects.filter(kind="summary")} == {"wangqiang", "zhoulan"}
    at(WEDNESDAY + timedelta(days=1))
    reminding.say_what_waits()
    assert told("summary") == 4


def test_a_person_chooses_the_hour(waiting, cast, at):
    NoticeSettings.objects.create(person=cast.wangqiang, summary_at=time(14))
    at(WEDNESDAY)
    reminding.say_what_waits()
    assert [notice.person.username for notice in Notice.objects.filter(kind="summary")] == ["zhoulan"]


def test_no_summary_comes_on_a_day_off_and_one_on_a_working_saturday(waiting, at):
    at(SATURDAY)
    reminding.say_what_waits()
    assert told("summary") == 0
    CalendarDay.objects.create(day=SATURDAY.date(), is_working=True, name="调休")
    reminding.say_what_waits()
    assert told("summary") == 2


def test_what_was_submitted_today_is_no_summary(shop, cast, at):
    at(WEDNESDAY)
    submitted(shop, cast.lina)
    reminding.say_what_waits()
    assert told("summary") == 0
