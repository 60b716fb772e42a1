"""Keeps the figures of the days and months. What it writes can be counted anew at any time: it may be stopped anywhere.

A request belongs to the day on which it was submitted, for good; what became of it is counted there. Which days have to
be counted again is known from the events: whatever happens to a request or to its orders leaves one.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import BigIntegerField, CharField, Count, DateField, Max, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Coalesce, Round, TruncDate
from django.utils import timezone

from cancellations.figures import months
from cancellations.figures.months import REASON, SHARE, WHOSE
from cancellations.figures.reasons import normalised
from cancellations.models import (
    ApiCall,
    CancellationRequest,
    DailyFigures,
    DailyRefusals,
    DailyShares,
    Event,
    FiguresCursor,
    OrderLine,
    StaleDay,
)
from cancellations.models.figures import (
    CALLS,
    LIMITS,
    OUTCOMES,
    PER_YUAN,
    SHARES,
    STATUSES,
    KnownBy,
    Outcome,
    Status,
    Trait,
)

EVERY = timedelta(minutes=1)
MADE = [state for state in ApiCall.State if state != ApiCall.State.NOT_EXECUTED]
AT_ONCE = 3  # seconds

_FIELD_OF_STATUS = {status: field for field, statuses in STATUSES.items() for status in statuses}
_FIELD_OF_OUTCOME = {
    (outcome, known_by): field for field, (outcomes, known_by) in OUTCOMES.items() for outcome in outcomes
}


def catch_up(*, seconds: float = AT_ONCE) -> None:
    """Counts the days anew that something has happened to; every worker may call it as often as it likes.

    Counts for some `seconds`, the newest day first; what is left then is left to the next call. One of the workers,
    once in EVERY, notes the days of the requests that have new events.
    """
    mark, _ = FiguresCursor.objects.get_or_create(pk=1)
    now = timezone.now()
    # Looked at first: on SQLite the transaction below takes the write lock, and every sweep comes here.
    if not (mark.looked_at and mark.looked_at <= now < mark.looked_at + EVERY):
        with transaction.atomic():
            newest = Event.objects.aggregate(newest=Max("pk"))["newest"] or 0
            unmoved = FiguresCursor.objects.filter(pk=1, looked_at=mark.looked_at)
            # On PostgreSQL an event may become visible after later ones, so each is looked at two times.
            if unmoved.update(event=newest, event_before=mark.event, looked_at=now):
                changed = Event.objects.filter(pk__gt=mark.event_before, cancellation__isnull=False)
                note(days_of(CancellationRequest.objects.filter(pk__in=changed.values("cancellation"))))
    count_due(seconds=seconds)


def days_of(requests: QuerySet[CancellationRequest]) -> Iterable[date]:
    """The days on which these requests were submitted."""
    zone = timezone.get_default_timezone()
    days = requests.filter(submitted_at__isnull=False).annotate(day=TruncDate("submitted_at", tzinfo=zone))
    return days.order_by().values_list("day", flat=True).distinct()


def note(days: Iterable[date]) -> None:
    """Notes that the figures of these days are out of date."""
    StaleDay.objects.bulk_create((StaleDay(day=day) for day in days), ignore_conflicts=True, batch_size=500)


@transaction.atomic
def start_over() -> None:
    """Drops all figures and notes every day that has requests: also what rows of figures were changed by hand."""
    FiguresCursor.objects.select_for_update().get_or_create(pk=1)
    months.drop_all()
    note(days_of(CancellationRequest.objects.all()))


def count_due(*, seconds: float | None = None) -> int:
    """Counts the days that are out of date, the newest first; returns how many. `seconds`: about how long at most."""
    end = None if seconds is None else time.monotonic() + seconds
    counted, is_new = 0, False
    while day := StaleDay.objects.order_by("-day").values_list("day", flat=True).first():
        try:
            counted += _count(day)
        except IntegrityError:  # rows of figures were changed by hand: less than nothing would be left of a month
            if is_new:
                raise
            start_over()
            is_new = True
        if end is not None and time.monotonic() > end:
            break
    return counted


@transaction.atomic
def _count(day: date) -> bool:
    """Counts one day, unless another process has in the meantime; twice gives the same rows."""
    # One after the other, because days share their month. On SQLite only one writes anyway.
    FiguresCursor.objects.select_for_update().get_or_create(pk=1)
    if not StaleDay.objects.filter(day=day).delete()[0]:
        return False
    months.take_out(day)
    week, month = day - timedelta(days=day.weekday()), day.replace(day=1)
    rows = (DailyFigures(day=day, week=week, month=month, **key, **counts) for key, counts in _figures(day))
    DailyFigures.objects.bulk_create(rows, batch_size=200)
    # The refused orders by whose they are and by the reason.
    refused: Counter[tuple[Any, ...]] = Counter()
    lines = _of(day).filter(lines__outcome=Outcome.REFUSED)
    said = lines.values_list(*WHOSE, "lines__known_by", "lines__why", "lines__message")
    for *key, known_by, why, message, count in said.annotate(Count("lines")):
        # Of these the one that says why the order was refused.
        words = normalised(message) if known_by == KnownBy.REPORTED else ""
        refused[(*key, known_by, why if known_by == KnownBy.VERIFIED else "", words)] += count
    refusals = (
        DailyRefusals(day=day, orders=orders, **dict(zip((*WHOSE, *REASON), key, strict=True)))
        for key, orders in refused.items()
    )
    DailyRefusals.objects.bulk_create(refusals, batch_size=200)
    for trait, column in _TRAITS.items():
        _write_shares(day, trait, column)
    months.put_in(day)
    return True


def _of(day: date) -> QuerySet[CancellationRequest]:
    start = datetime.combine(day, datetime.min.time(), tzinfo=timezone.get_default_timezone())
    return CancellationRequest.objects.filter(
        submitted_at__gte=start, submitted_at__lt=start + timedelta(days=1)
    ).order_by()


def _figures(day: date) -> Iterator[tuple[dict[str, Any], Counter[str]]]:
    """(shop, operation and requester, the counts of their requests and orders)"""
    counts: defaultdict[tuple[int, ...], Counter[str]] = defaultdict(Counter)
    requests = _of(day).values_list(*WHOSE, "status", "submitted_at", "decided_at", "ended_at")
    for *key, status, submitted_at, decided_at, ended_at in requests:
        own = counts[tuple(key)]
        own[_FIELD_OF_STATUS[status]] += 1
        if decided_at:
            _add_time(own, "decided", decided_at - submitted_at)
        if status == Status.FINISHED:
            _add_time(own, "ended", ended_at - decided_at)
    # From the requests to their lines: without statistics SQLite would begin with all the lines.
    lines = _of(day).filter(lines__isnull=False).values_list(*WHOSE, "lines__outcome", "lines__known_by", "lines__why")
    for *key, outcome, known_by, why, count, stake in lines.annotate(Count("lines"), Sum("lines__snapshot__at_stake")):
        own = counts[tuple(key)]
        own[_FIELD_OF_OUTCOME[outcome, known_by]] += count
        before = why in OrderLine.BEFORE
        if outcome == Outcome.DONE and before:
            own["orders_before"] += count
        _add_stake(own, outcome, before, stake)
    made = _of(day).filter(calls__purpose__in=CALLS, calls__state__in=MADE)
    for *key, purpose, count in made.values_list(*WHOSE, "calls__purpose").annotate(Count("calls")):
        counts[tuple(key)][CALLS[purpose]] += count
    for key, own in counts.items():
        yield dict(zip(WHOSE, key, strict=True)), own


def _add_stake(counts: Counter[str], outcome: str, before: bool, stake: Decimal | None) -> None:
    if outcome not in (Outcome.DONE, Outcome.REFUSED, Outcome.SKIPPED):
        return
    done = outcome == Outcome.DONE and not before
    counts["amount_done" if done else "amount_not_done"] += round((stake or 0) * PER_YUAN)


def _add_time(counts: Counter[str], what: str, time_taken: timedelta) -> None:
    counts[what] += 1
    counts[f"{what}_seconds"] += max(0, round(time_taken.total_seconds()))
    for name, limit in LIMITS.items():
        counts[f"{what}_in_{name}"] += time_taken <= limit


_TRAITS = {
    Trait.REASON: "reason_kind",
    Trait.SUPPLIER: "lines__supplier",
    Trait.WAREHOUSE: "lines__warehouse",
    Trait.PURCHASER: "lines__purchaser",
}


def _write_shares(day: date, trait: Trait, column: str) -> None:
    """Writes the orders by whose they are and by each value of the trait. In the database: there may be as many."""
    done, before = Q(lines__outcome=Outcome.DONE), Q(lines__why__in=OrderLine.BEFORE)
    left = Q(lines__outcome__in=(Outcome.REFUSED, Outcome.SKIPPED)) | (done & before)
    value = Coalesce(column, Value(""), output_field=CharField())
    shares = (
        _of(day)
        .filter(lines__isnull=False)
        .annotate(day=Value(day, DateField()), trait=Value(trait, CharField()), value=value)
        .values("day", *WHOSE, *SHARE)
        .annotate(
            orders=Count("lines"),
            done=Count("lines", filter=done),
            refused=Count("lines", filter=Q(lines__outcome=Outcome.REFUSED)),
            amount_done=_in_units(done & ~before),
            amount_not_done=_in_units(left),
        )
    )
    statement, parameters = shares.query.sql_with_params()
    columns = ", ".join(("day", *WHOSE, *SHARE, *SHARES))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {DailyShares._meta.db_table} ({columns}) {statement}", parameters)


def _in_units(these: Q) -> Cast:
    yuan = Coalesce(Sum("lines__snapshot__at_stake", filter=these), Decimal(0))
    return Cast(Round(yuan * PER_YUAN), BigIntegerField())
