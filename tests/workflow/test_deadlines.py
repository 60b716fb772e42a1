"""A submitted request has a deadline, kept with it."""

from datetime import date, datetime

import pytest

from cancellations.workflow import calendar, clerk, machine
from cancellations.workflow.calendar import Day
from tests.people import draft_of, submitted

pytestmark = pytest.mark.django_db
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
