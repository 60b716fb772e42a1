"""The figures of the days are what a count over the rows gives, whenever they are counted."""

import random
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.utils import timezone

from cancellations.figures import counting
from cancellations.figures.reasons import normalised
from cancellations.models import (
    CancellationRequest,
    DailyFigures,
    DailyRefusals,
    DailyShares,
    FiguresCursor,
    MonthlyFigures,
    MonthlyRefusals,
    MonthlyShares,
    OrderLine,
    StaleDay,
)
from cancellations.models.figures import COUNTED
from cancellations.workflow import clerk, manager
from tests.made_calls import call_of
from tests.made_lookups import show
from tests.made_requests import make
from tests.people import approved, draft_of, submitted

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTES = {"5_minutes": 5, "15_minutes": 15, "1_hour": 60, "4_hours": 240, "1_day": 1440}


def stored(model=DailyFigures, when="day"):
    rows = model.objects.values(when, "shop", "operation", "requester", *COUNTED)
    return {
        (row[when], row["shop"], row["operation"], row["requester"]): {name: row[name] for name in COUNTED if row[name]}
        for row in rows
    }


def stored_refusals(model=DailyRefusals, when="day"):
    rows = model.objects.values_list(when, "shop", "operation", "requester", "known_by", "why", "words", "orders")
    return Counter({tuple(row[:-1]): row[-1] for row in rows})


def stored_shares(model=DailyShares, when="day"):
    rows = model.objects.values_list(
        when, "shop", "operation", "requester", "trait", "value", "orders", "done", "refused"
    )
    return {tuple(row[:-3]): Counter(dict(zip(("orders", "done", "refused"), row[-3:], strict=True))) for row in rows}


def by_month(counts):
    """What was counted of days, added up."""
    months = defaultdict(Counter)
    for (day, *key), count in counts.items():
        months[(day.replace(day=1), *key)].update(count if isinstance(count, dict) else {"orders": count})
    return months


def key_of(request):
    return request.submitted_at.astimezone(SHANGHAI).date(), request.shop_id, request.operation, request.requester_id


def counted_directly():
    """One row after the other, in Python."""
    counts, seen = defaultdict(Counter), set()
    lines = OrderLine.objects.filter(cancellation__submitted_at__isnull=False).select_related("cancellation")
    for line in lines:
        request = line.cancellation
        own = counts[key_of(request)]
        own[column_of(line)] += 1
        own["orders_before"] += line.outcome == "DONE" and line.why in ("already", "perhaps_before")
        if request.pk not in seen:
            seen.add(request.pk)
            own[
                {
                    "APPROVED": "requests_in_progress",
                    "RUNNING": "requests_in_progress",
                    "PAUSED": "requests_in_progress",
                    "SUBMITTED": "requests_awaiting",
                }.get(request.status, f"requests_{request.status.lower()}")
            ] += 1
            if request.decided_at:
                add_time(own, "decided", request.decided_at - request.submitted_at)
            if request.status == "FINISHED":
                add_time(own, "ended", request.ended_at - request.decided_at)
    return {key: {name: count for name, count in own.items() if count} for key, own in counts.items()}


def column_of(line):
    if line.known_by:
        return f"orders_{line.outcome.lower()}_{line.known_by}"
    return {"UNKNOWN": "orders_unknown", "SKIPPED": "orders_skipped"}.get(line.outcome, "orders_open")


def add_time(own, what, taken):
    own[what] += 1
    own[f"{what}_seconds"] += round(taken.total_seconds())
    for name, minutes in MINUTES.items():
        own[f"{what}_in_{name}"] += taken.total_seconds() <= 60 * minutes


def refusals_directly():
    counts = Counter()
    for line in OrderLine.objects.filter(outcome="REFUSED").select_related("cancellation"):
        reported = line.known_by == "reported"
        words = normalised(line.message) if reported else ""
        why = line.why if line.known_by == "verified" else ""
        counts[(*key_of(line.cancellation), line.known_by, why, words)] += 1
    return counts


def shares_directly():
    counts = defaultdict(Counter)
    lines = OrderLine.objects.filter(cancellation__submitted_at__isnull=False).select_related("cancellation")
    for line in lines:
        values = {"reason": line.cancellation.reason_kind, "supplier": line.supplier or ""}
        for trait, value in (values | {"warehouse": line.warehouse, "purchaser": line.purchaser}).items():
            own = counts[(*key_of(line.cancellation), trait, value)]
            own.update({"orders": 1, "done": line.outcome == "DONE", "refused": line.outcome == "REFUSED"})
    return dict(counts)


def assert_the_figures_are_right():
    assert stored_shares() == shares_directly()
    assert stored_shares(MonthlyShares, "month") == by_month(shares_directly())
    assert stored() == counted_directly()
    assert stored_refusals() == refusals_directly()
    assert stored(MonthlyFigures, "month") == by_month(counted_directly())
    monthly = stored_refusals(MonthlyRefusals, "month")
    assert monthly == {key: count["orders"] for key, count in by_month(refusals_directly()).items()}


@pytest.fixture
def requests(shop, shop_of_others, cast):
    return make(
        [shop, shop_of_others],
        [cast.lina, cast.sunyue, cast.heping],
        cast.wangqiang,
        count=300,
        around=NOON,
        random=random.Random(7),
    )


def test_figures_equal_a_count_in_every_status_and_outcome(requests):
    call_command("recount", verbosity=0)
    assert {request.status for request in requests} >= {"FINISHED", "STOPPED", "PAUSED", "EXPIRED", "DRAFT"}
    assert DailyFigures.objects.values("day").distinct().count() >= 5
    assert_the_figures_are_right()


def test_a_month_is_the_sum_of_its_days(shop, shop_of_others, cast):
    around = datetime(2027, 1, 20, tzinfo=UTC)
    people = [cast.lina, cast.heping]
    make([shop, shop_of_others], people, cast.wangqiang, count=200, around=around, random=random.Random(9), days=70)
    call_command("recount", verbosity=0)
    assert {month for month, *_ in stored(MonthlyFigures, "month")} == {
        date(2026, 11, 1),
        date(2026, 12, 1),
        date(2027, 1, 1),
    }
    assert_the_figures_are_right()


def test_a_month_moves_with_each_of_its_days(requests):
    call_command("recount", verbosity=0)
    OrderLine.objects.filter(outcome="UNKNOWN").update(outcome="REFUSED", known_by="verified", why="not_carried_out")
    before = stored(MonthlyFigures, "month")
    counting.note([date(2026, 11, 21), date(2026, 11, 22)])
    for _ in range(2):
        counting.count_due(seconds=0)
        assert stored(MonthlyFigures, "month") == by_month(stored()) != before
        assert stored_shares(MonthlyShares, "month") == by_month(stored_shares())
        before = stored(MonthlyFigures, "month")


def test_what_no_day_has_any_more_leaves_its_month(requests):
    call_command("recount", verbosity=0)
    OrderLine.objects.update(supplier="杭州明达纺织")
    counting.note(counting.days_of(CancellationRequest.objects.all()))
    counting.count_due()
    suppliers = MonthlyShares.objects.filter(trait="supplier")
    assert set(suppliers.values_list("value", flat=True)) == {"杭州明达纺织"}
    assert_the_figures_are_right()


def test_recount_of_all_days_mends_what_was_changed_by_hand(requests):
    call_command("recount", verbosity=0)
    MonthlyShares.objects.filter(trait="reason").update(orders=7)
    MonthlyFigures.objects.all()[0].delete()
    DailyFigures.objects.update(requests_finished=100)
    call_command("recount", verbosity=0)
    assert_the_figures_are_right()


def test_recount_without_a_worker_claims_no_events_were_read(requests):
    call_command("recount", verbosity=0)
    assert FiguresCursor.objects.get().looked_at is None


def test_counting_a_day_twice_gives_the_same_rows(requests):
    call_command("recount", verbosity=0)
    before = stored(), stored_refusals(), DailyFigures.objects.count(), DailyRefusals.objects.count()
    call_command("recount", verbosity=0)
    assert (stored(), stored_refusals(), DailyFigures.objects.count(), DailyRefusals.objects.count()) == before


def test_a_month_that_somebody_has_emptied_is_counted_anew(requests):
    call_command("recount", verbosity=0)
    MonthlyShares.objects.update(orders=0)
    MonthlyFigures.objects.update(requests_finished=0)
    counting.note([date(2026, 11, 21)])
    counting.count_due()
    assert_the_figures_are_right()


def test_a_range_of_days_is_counted_and_no_other_day(requests):
    call_command("recount", "--from", "2026-11-21", "--until", "2026-11-22", verbosity=0)
    assert set(DailyFigures.objects.values_list("day", flat=True)) == {date(2026, 11, 21), date(2026, 11, 22)}


def test_a_late_outcome_is_right_after_the_day_is_recounted(requests):
    call_command("recount", verbosity=0)
    OrderLine.objects.filter(outcome="UNKNOWN").update(outcome="REFUSED", known_by="verified", why="not_carried_out")
    assert stored() != counted_directly()
    call_command("recount", verbosity=0)
    assert_the_figures_are_right()


def test_an_empty_day_loses_its_rows(requests):
    call_command("recount", verbosity=0)
    OrderLine.objects.all().delete()
    for request in requests:
        request.delete()
    call_command("recount", verbosity=0)
    for model in (DailyFigures, DailyRefusals, DailyShares, MonthlyFigures, MonthlyRefusals, MonthlyShares):
        assert not model.objects.exists()


def test_midnight_is_midnight_in_shanghai(shop, cast):
    [before] = make([shop], [cast.lina], cast.wangqiang, count=1, around=NOON, random=random.Random(1))
    type(before).objects.filter(pk=before.pk).update(
        submitted_at=datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC),
        expires_at=datetime(2026, 11, 26, 15, 59, 59, tzinfo=UTC),
        status="SUBMITTED",
        decided_by=None,
        decided_at=None,
        decided_hash="",
        ended_at=None,
        stopped_by=None,
        stopped_at=None,
        pause_reason="",
    )
    call_command("recount", verbosity=0)
    assert DailyFigures.objects.get().day == date(2026, 11, 23)
    type(before).objects.filter(pk=before.pk).update(submitted_at=datetime(2026, 11, 23, 16, tzinfo=UTC))
    call_command("recount", verbosity=0)
    row = DailyFigures.objects.get()
    assert (row.day, row.week, row.month) == (date(2026, 11, 24), date(2026, 11, 23), date(2026, 11, 1))


def test_everything_done_is_counted_a_minute_later(shop, cast, time_machine):
    time_machine.move_to(NOON)
    draft_of(shop, cast.lina, ["CG1"])
    waiting = submitted(shop, cast.lina, ["CG2", "CG3"])
    approved(shop, cast.lina, cast.wangqiang, ["CG4"])
    counting.catch_up()
    assert_the_figures_are_right()
    assert sum(DailyFigures.objects.values_list("requests_awaiting", flat=True)) == 1
    manager.reject(waiting, by=cast.wangqiang, seen_hash=waiting.content_hash, note="不")
    time_machine.move_to(NOON + timedelta(seconds=30))
    counting.catch_up()
    assert stored() != counted_directly()  # at most once a minute
    time_machine.move_to(NOON + timedelta(minutes=2))
    counting.catch_up()
    assert_the_figures_are_right()
    assert not StaleDay.objects.exists()


def test_what_happens_later_counts_on_the_day_of_submission(shop, cast, time_machine):
    time_machine.move_to(NOON)
    waiting = submitted(shop, cast.lina, ["CG1"])
    counting.catch_up()
    time_machine.move_to(NOON + timedelta(days=2))
    clerk.withdraw(waiting, by=cast.lina)
    counting.catch_up()
    assert_the_figures_are_right()
    assert DailyFigures.objects.get().day == date(2026, 11, 24)


def test_nothing_is_counted_where_nothing_has_happened(shop, cast, time_machine):
    time_machine.move_to(NOON)
    submitted(shop, cast.lina, ["CG1"])
    for minute in range(3):  # each event is looked at two times
        time_machine.move_to(NOON + timedelta(minutes=2 * minute))
        counting.catch_up()
    rows = set(DailyFigures.objects.values_list("pk", flat=True))
    time_machine.move_to(NOON + timedelta(minutes=9))
    counting.catch_up()
    assert set(DailyFigures.objects.values_list("pk", flat=True)) == rows


def test_a_call_is_short_and_the_newest_day_comes_first(requests):
    counting.note(counting.days_of(type(requests[0]).objects.all()))
    due = StaleDay.objects.count()
    counting.count_due(seconds=0)
    assert StaleDay.objects.count() == due - 1
    assert set(DailyFigures.objects.values_list("day", flat=True)) == {date(2026, 11, 24)}


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("采购单 CG2026-0001 已入库 12.5 件", "采购单 # 已入库 # 件"),
        ("采购单CG20261101不存在", "采购单#不存在"),
        ("采购单非部分入库状态", "采购单非部分入库状态"),
        ("x" * 500, "x" * 200),
        (" a \n b ", "a b"),
        ("", ""),
    ],
)
def test_equal_reasons_have_equal_words(words, kept):
    assert normalised(words) == kept


def test_the_clock_of_the_mark_may_have_been_wrong(shop, cast, time_machine):
    """A mark that lies in the future does not keep everybody from counting until then."""
    time_machine.move_to(NOON + timedelta(days=30))
    counting.catch_up()
    time_machine.move_to(NOON)
    submitted(shop, cast.lina, ["CG1"])
    counting.catch_up()
    assert_the_figures_are_right()


def test_amounts_calls_and_what_was_done_before_are_counted(shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, ["CG1", "CG2", "CG3", "CG4"])
    results = [("DONE", ""), ("DONE", "already"), ("REFUSED", ""), ("UNKNOWN", "")]
    sent, _ = call_of(cancellation), call_of(cancellation, purpose="settle")
    call_of(cancellation, purpose="settle", state="not_executed")
    for line, (outcome, why) in zip(cancellation.lines.order_by("position"), results, strict=True):
        show(line, provider_name="杭州明达纺织", at_stake="12.3456")
        OrderLine.objects.filter(pk=line.pk).update(
            outcome=outcome,
            why=why or ("no_answer" if outcome == "UNKNOWN" else ""),
            known_by="" if outcome == "UNKNOWN" else "verified",
            sent_in=sent,
        )
    counting.note([timezone.localdate(cancellation.submitted_at)])
    counting.count_due()
    row = DailyFigures.objects.get()
    assert (row.orders_before, row.calls_sent, row.calls_settled, row.calls_looked_up) == (1, 1, 1, 0)
    assert (row.amount_done, row.amount_not_done) == (123_456, 2 * 123_456)
    share = DailyShares.objects.get(trait="supplier")
    assert (share.value, share.orders, share.done, share.refused) == ("杭州明达纺织", 4, 2, 1)
    assert (share.amount_done, share.amount_not_done) == (123_456, 2 * 123_456)
