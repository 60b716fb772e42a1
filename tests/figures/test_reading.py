"""Reading the figures of the days: over time, by shop, by person, and why orders were refused."""

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from cancellations.figures import reading
from cancellations.figures.reading import Asked, Period
from cancellations.models import CancellationRequest, OrderLine, Shop
from tests.made_requests import make

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
FIVE_DAYS = Asked(date(2026, 11, 19), date(2026, 11, 24))


@pytest.fixture
def shops(shop, shop_of_others, cast):
    both = [shop, shop_of_others]
    people = [cast.lina, cast.sunyue, cast.heping]
    make(both, people, cast.wangqiang, count=200, around=NOON, random=random.Random(3))
    call_command("recount", verbosity=0)
    return both


def submitted(**filters):
    return CancellationRequest.objects.filter(submitted_at__isnull=False, **filters)


def orders(**filters):
    return OrderLine.objects.filter(cancellation__submitted_at__isnull=False, **filters)


def test_the_total_is_what_a_count_gives(shops):
    total = reading.read(shops, FIVE_DAYS).total
    assert total.requests == submitted().count() > 100
    assert total.orders == orders().count()
    assert total.done == orders(outcome="DONE").count()
    assert total.refused == orders(outcome="REFUSED").count()
    assert total.verified == orders(known_by="verified").count()
    assert total.share_verified == total.verified / orders(outcome__in=["DONE", "REFUSED"]).count()


def test_periods_shops_and_people_add_up_to_the_total(shops):
    found = reading.read(shops, FIVE_DAYS)
    for by in (found.periods, found.by_shop, found.by_person):
        assert sum(numbers.orders for numbers in by.values()) == found.total.orders
        assert sum(numbers.requests for numbers in by.values()) == found.total.requests
    assert {key: numbers.orders for key, numbers in found.by_shop.items()} == {
        shop.pk: orders(shop=shop).count() for shop in shops
    }


def test_one_shop_one_person_one_operation_are_counted_alone(shops, cast):
    [shop, _] = shops
    found = reading.read(shops, FIVE_DAYS._replace(shop=shop.pk, person=cast.lina.username, operation=1))
    wanted = {"shop": shop, "operation": 1, "cancellation__requester": cast.lina}
    assert found.total.orders == orders(**wanted).count() > 0
    assert sum(reason.orders for reason in found.reasons) == orders(**wanted, outcome="REFUSED").count()
    assert list(found.by_shop) == [shop.pk]
    assert found.people["heping"] == "何平"  # who could be chosen instead


@pytest.mark.parametrize(
    ("trait", "field"), [("reason", "cancellation__reason_kind"), ("supplier", "supplier"), ("warehouse", "warehouse")]
)
def test_each_value_of_a_trait_has_its_share(shops, trait, field):
    shares = reading.read(shops, FIVE_DAYS._replace(by=trait)).shares
    assert [share.orders for share in shares] == sorted((share.orders for share in shares), reverse=True)
    assert sum(share.orders for share in shares) == orders().count()
    for share in shares:
        own = orders(**{field: share.value or None})
        assert share.orders == own.count() > 0
        assert share.done == own.filter(outcome="DONE").count()
        assert share.refused == own.filter(outcome="REFUSED").count()


def test_only_the_values_with_most_orders_are_read(shops, monkeypatch):
    monkeypatch.setattr(reading, "VALUES_SHOWN", 2)
    assert len(reading.read(shops, FIVE_DAYS._replace(by="warehouse")).shares) == 2


def test_what_lies_outside_of_the_range_is_not_counted(shops):
    day = date(2026, 11, 22)
    found = reading.read(shops, Asked(day, day))
    start = datetime(2026, 11, 21, 16, tzinfo=UTC)
    of_the_day = {"submitted_at__gte": start, "submitted_at__lt": start + timedelta(days=1)}
    assert found.total.requests == submitted(**of_the_day).count() > 0
    assert list(found.periods) == [Period(day, day)]


def test_the_reasons_come_with_the_most_frequent_first(shops):
    reasons = reading.read(shops, FIVE_DAYS).reasons
    assert [reason.orders for reason in reasons] == sorted((reason.orders for reason in reasons), reverse=True)
    assert sum(reason.orders for reason in reasons) == orders(outcome="REFUSED").count()
    assert {"采购单 # 状态不正确，不能取消", "采购单非部分入库状态", "已入库 # 件"} <= {
        reason.words for reason in reasons
    }


def test_times_are_counted_by_how_long_they_are(shops):
    total = reading.read(shops, FIVE_DAYS).total
    taken = sorted(request.decided_at - request.submitted_at for request in submitted(decided_at__isnull=False))
    assert sum(total.bins("decided")) == len(taken)
    assert total.bins("decided")[0] == sum(time <= timedelta(minutes=5) for time in taken)
    assert total.bins("decided")[-1] == sum(time > timedelta(days=1) for time in taken)
    assert total.mean("decided") == sum(taken, timedelta()) / len(taken)
    limits = {"5_minutes": 5, "15_minutes": 15, "1_hour": 60, "4_hours": 240, "1_day": 1440}
    half = next(name for name, minutes in limits.items() if taken[(len(taken) - 1) // 2] <= timedelta(minutes=minutes))
    assert total.half_in("decided") == half


def test_many_can_be_taken_together(shops):
    found = reading.read(shops, FIVE_DAYS)
    assert reading.together(found.by_person.values()).sums == found.total.sums
    assert reading.together([]).orders == 0


def test_where_nothing_was_decided_there_is_no_time(db):
    empty = reading.Numbers()
    assert empty.mean("decided") is empty.half_in("decided") is empty.share_verified is None


@pytest.mark.parametrize(
    ("days", "count", "first", "last"),
    [
        (1, 1, Period(date(2026, 11, 24), date(2026, 11, 24)), Period(date(2026, 11, 24), date(2026, 11, 24))),
        (31, 31, Period(date(2026, 10, 25), date(2026, 10, 25)), Period(date(2026, 11, 24), date(2026, 11, 24))),
        (90, 14, Period(date(2026, 8, 27), date(2026, 8, 30)), Period(date(2026, 11, 23), date(2026, 11, 24))),
        (365, 13, Period(date(2025, 11, 25), date(2025, 11, 30)), Period(date(2026, 11, 1), date(2026, 11, 24))),
    ],
)
def test_a_range_is_shown_by_day_week_or_month(days, count, first, last):
    today = date(2026, 11, 24)
    periods = reading.periods_of(Asked(today - timedelta(days=days - 1), today))
    assert (len(periods), periods[0], periods[-1]) == (count, first, last)
    assert sum((period.last - period.first).days + 1 for period in periods) == days


@pytest.mark.parametrize("days", [31, 90, 365])
def test_weeks_and_months_hold_what_their_days_hold(days, shops):
    asked = Asked(date(2026, 11, 24) - timedelta(days=days - 1), date(2026, 11, 24))
    found = reading.read(shops, asked)
    assert found.total.orders == orders().count()
    for period, numbers in found.periods.items():
        assert numbers.orders == reading.read(shops, Asked(*period)).total.orders


RANGES = [
    (date(2026, 2, 10), date(2026, 11, 24)),
    (date(2026, 1, 31), date(2026, 9, 30)),
    (date(2026, 3, 1), date(2026, 9, 30)),
    (date(2025, 12, 31), date(2027, 1, 1)),
]


def test_months_and_days_together_equal_a_count(shop, shop_of_others, cast):
    both, people = [shop, shop_of_others], [cast.lina, cast.sunyue, cast.heping]
    make(both, people, cast.wangqiang, count=400, around=NOON, random=random.Random(8), days=330)
    call_command("recount", verbosity=0)  # which takes most of the time: once for all ranges
    for first, last in RANGES:
        _equal_a_count(both, first, last)


def _equal_a_count(both, first, last):
    start, end = (datetime.combine(day, time(), ZoneInfo("Asia/Shanghai")) for day in (first, last + timedelta(days=1)))
    within = {"submitted_at__gte": start, "submitted_at__lt": end}
    of_lines = {f"cancellation__{name}": value for name, value in within.items()}
    found = reading.read(both, Asked(first, last))
    assert found.total.requests == submitted(**within).count() > 200
    assert found.total.sums["decided"] == submitted(**within, decided_at__isnull=False).count()
    for by in (found.periods, found.by_shop, found.by_person):
        assert sum(numbers.orders for numbers in by.values()) == orders(**of_lines).count()
    assert sum(reason.orders for reason in found.reasons) == orders(**of_lines, outcome="REFUSED").count()
    [shop, _] = both
    own = reading.read(both, Asked(first, last, shop.pk, "lina", 0))
    wanted = of_lines | {"shop": shop, "cancellation__requester__username": "lina", "operation": 0}
    assert own.total.orders == orders(**wanted).count() > 0
    assert sum(reason.orders for reason in own.reasons) == orders(**wanted, outcome="REFUSED").count()


def test_a_person_reads_the_figures_of_their_own_shops(shops, cast):
    for person, own in (("wangqiang", shops[:1]), ("heping", shops[1:]), ("root", shops), ("gone", [])):
        assert set(reading.own_shops(getattr(cast, person))[0]) == set(own)
    assert reading.read([], FIVE_DAYS).total.orders == 0
    assert Shop.objects.count() == 2


def test_the_figures_say_until_when_they_are_complete(shop, cast, time_machine):
    from cancellations.figures import counting

    assert reading.own_shops(cast.wangqiang)[1:] == (None, False)
    time_machine.move_to(NOON, tick=False)
    counting.catch_up()
    assert reading.own_shops(cast.wangqiang)[1:] == (NOON, False)
    counting.note([date(2026, 11, 24)])
    assert reading.own_shops(cast.wangqiang)[1:] == (NOON, True)
