"""The page of the calendar: a day, several days at once, and up to which year it reaches."""

from datetime import date

import pytest
from django.urls import reverse

from cancellations.models import CalendarDay, Event

pytestmark = pytest.mark.django_db
PAGE, SET, PASTE, REMOVE = (reverse(name) for name in ("calendar", "calendar-set", "calendar-paste", "calendar-remove"))
PASTED = """
2027-02-06 春节 休
2027/2/14\t班

２０２７年１０月１日，国庆节，放假
"""


@pytest.fixture
def admin(cast, browser_of):
    return browser_of(cast.zhaolei)


def of_2027():
    return list(CalendarDay.objects.filter(day__year=2027).values_list())


def text_of(answer):
    return " ".join(answer.content.decode().split())


def test_the_page_shows_this_year_and_how_far_it_reaches(admin, time_machine):
    time_machine.move_to("2026-06-01 09:00+08:00")
    page = text_of(admin.get(PAGE))
    assert "2026-10-10" in page
    assert "国庆节" in page
    assert "The calendar reaches to the end of 2026." in page
    assert "announces" not in page
    time_machine.move_to("2026-11-26 09:00+08:00")
    assert "The State Council announces the holidays of the next year in November" in text_of(admin.get(PAGE))


def test_an_empty_calendar_says_so(admin):
    CalendarDay.objects.all().delete()
    assert "The calendar is empty" in text_of(admin.get(PAGE))


def test_a_day_is_added_and_changed(admin):
    answer = admin.post(SET, {"day": "2027-02-06", "kind": "off", "name": "春节"}, follow=True)
    assert "1 day was changed." in text_of(answer)
    assert "2027-02-06: none → off 春节" in text_of(answer)
    page = admin.get(PAGE, {"year": "2027", "day": "2027-02-06"}).content.decode()
    assert 'value="2027-02-06"' in page
    admin.post(SET, {"day": "2027-02-06", "kind": "working", "name": ""})
    assert of_2027() == [(date(2027, 2, 6), True, "")]
    answer = admin.post(SET, {"day": "2027-02-06", "kind": "working", "name": ""}, follow=True)
    assert "No change" in text_of(answer)


@pytest.mark.parametrize(
    "wrong",
    [{"day": ""}, {"day": "2027-02-30"}, {"day": "1999-01-01"}, {"kind": "maybe"}, {"name": "x" * 41}, {"name": "\0"}],
)
def test_a_day_that_makes_no_sense_comes_back(wrong, admin):
    answer = admin.post(SET, {"day": "2027-02-06", "kind": "off", "name": "春节"} | wrong)
    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert not of_2027()


def test_several_days_are_pasted(admin):
    assert "3 days were changed." in text_of(admin.post(PASTE, {"lines": PASTED}, follow=True))
    assert of_2027() == [
        (date(2027, 2, 6), False, "春节"),
        (date(2027, 2, 14), True, ""),
        (date(2027, 10, 1), False, "国庆节"),
    ]
    assert Event.objects.filter(kind="calendar_changed").count() == 3


@pytest.mark.parametrize(
    "wrong",
    [
        "2027-02-30 春节 休",
        "2027-02-06 春节",
        "2027-02-06",
        "春节 休",
        "1999-01-01 元旦 休",
        f"2027-01-01 {'长' * 41} 休",
        "<b>",
        "2027-02-06 休 2027-02-07 休 x",
    ],
)
def test_a_line_that_is_not_understood_is_named_and_nothing_is_kept(wrong, admin):
    answer = admin.post(PASTE, {"lines": f"2027-01-01 元旦 休\n{wrong}"})
    assert answer.status_code == 422
    assert "This line is not understood" in answer.content.decode()
    assert not of_2027()


@pytest.mark.parametrize("lines", ["2027-02-06 春节 休\n2027-02-06 班", "", "2027-02-06 春节 休\n" * 401])
def test_a_paste_holds_each_day_once(lines, admin):
    assert admin.post(PASTE, {"lines": lines}).status_code == 422
    assert not of_2027()


def test_a_day_is_removed(admin):
    answer = admin.post(REMOVE, {"day": "2026-10-10"}, follow=True)
    assert "Day removed" in text_of(answer)
    assert not CalendarDay.objects.filter(pk="2026-10-10").exists()
    assert "The calendar says nothing of this day." in text_of(admin.post(REMOVE, {"day": "2026-10-10"}, follow=True))
    assert admin.post(REMOVE, {"day": "nonsense"}).status_code == 400


@pytest.mark.parametrize("query", ["?year=abc", "?year=1999", "?day=abc", "?day=2031-01-01", "?year=2026\x00"])
def test_an_odd_address_shows_the_calendar(query, admin):
    assert admin.get(PAGE + query).status_code == 200


def test_others_have_no_business_there(cast, browser_of):
    for person in (cast.lina, cast.wangqiang, cast.chenjing):
        other = browser_of(person)
        assert other.get(PAGE).status_code == 403
        for address in (SET, PASTE, REMOVE):
            assert other.post(address, {"day": "2026-10-10"}).status_code == 403
        assert "Holidays" not in other.get(reverse("history")).content.decode()
    assert CalendarDay.objects.filter(pk="2026-10-10").exists()


def test_the_page_costs_the_same_queries_whatever_the_table_holds(admin, django_assert_max_num_queries):
    admin.post(PASTE, {"lines": PASTED})
    admin.get(PAGE)
    with django_assert_max_num_queries(10):
        admin.get(PAGE)
