"""Requests, orders and calls, by seller account."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet, Sum

from cancellations.models import (
    AccountProblem,
    ApiCall,
    CancellationRequest,
    Credential,
    MonthlyFigures,
    OrderLine,
    Shop,
)
from cancellations.models.figures import CALLS, OUTCOMES
from cancellations.watching.due import due_orders
from cancellations.watching.exposition import Metric, Sample
from cancellations.watching.reading import Reading

WINDOW = timedelta(minutes=5)  # of calls: some hundred of each seller account at the ERP's pace
CALLS_AT_ONCE = 500
Status, Outcome = CancellationRequest.Status, OrderLine.Outcome


def requests(reading: Reading) -> Iterator[Metric]:
    """How many there are, and how long the oldest has waited for a person."""
    counts = CancellationRequest.objects.order_by().values_list("shop", "status").annotate(Count("pk"))
    yield Metric("wdtadmin_requests", "Requests by status.", reading.by_shop_and(counts, "status"))
    submitted = CancellationRequest.objects.filter(status=Status.SUBMITTED).order_by()
    yield Metric(
        "wdtadmin_oldest_undecided_seconds",
        "How long the oldest request has waited for a decision.",
        reading.ages(submitted.values_list("shop").annotate(Min("submitted_at"))),
    )


def orders(reading: Reading) -> Iterator[Metric]:
    """Those that nobody is done with: few, whatever the history holds."""
    lines = OrderLine.objects.order_by()
    approved = lines.filter(cancellation__status__in=CancellationRequest.IN_PROGRESS, outcome__in=OrderLine.OPEN)
    yield Metric(
        "wdtadmin_orders_open",
        "Orders of approved requests that are not sent, or are being sent.",
        reading.by_shop_and(approved.values_list("cancellation__shop", "outcome").annotate(Count("pk")), "outcome"),
    )
    yield Metric(
        "wdtadmin_orders_unknown",
        "Orders whose outcome is unknown.",
        reading.by_shop(lines.filter(outcome=Outcome.UNKNOWN).values_list("shop").annotate(Count("pk"))),
    )
    yield Metric(
        "wdtadmin_orders_for_people",
        "Orders that only a person can settle.",
        reading.by_shop(lines.filter(needs_person=True).values_list("shop").annotate(Count("pk"))),
    )
    yield Metric(
        "wdtadmin_orders_to_verify",
        "Orders about which the ERP will be asked.",
        reading.by_shop(lines.filter(settle_at__isnull=False).values_list("shop").annotate(Count("pk"))),
    )


def due(reading: Reading) -> Iterator[Metric]:
    """How long orders wait that nothing keeps from being sent."""
    waiting = due_orders().items()
    yield Metric(
        "wdtadmin_oldest_due_order_seconds",
        "How long the oldest order that may be sent has waited for it.",
        reading.ages((shop, one.since) for shop, one in waiting),
    )
    yield Metric(
        "wdtadmin_idle_with_due_orders_seconds",
        "How long no call was made although orders may be sent.",
        reading.ages((shop, one.idle_since) for shop, one in waiting),
    )


def outcomes(reading: Reading) -> Iterator[Metric]:
    """As the figures have them, which a worker keeps counted and which are a minute or so behind."""
    sums = {column: Sum(column) for column in (*OUTCOMES, *CALLS.values())}
    rows = [dict[str, Any](row) for row in MonthlyFigures.objects.order_by().values("shop").annotate(**sums)]
    ended = {column: which[0] for column, (which, _) in OUTCOMES.items() if column != "orders_open"}
    yield Metric(
        "wdtadmin_orders",
        "Orders of submitted requests by outcome, and by how it is known.",
        [
            Sample(
                row[column], {"shop": reading.names[row["shop"]], "outcome": outcome, "known_by": OUTCOMES[column][1]}
            )
            for row in rows
            for column, outcome in ended.items()
        ],
    )
    yield Metric(
        "wdtadmin_calls",
        "Calls that the ERP has answered or may have, by purpose.",
        reading.by_shop_and(
            ((row["shop"], purpose, row[column]) for row in rows for purpose, column in CALLS.items()), "purpose"
        ),
    )


def calls(reading: Reading) -> Iterator[Metric]:
    """Those of the last minutes: how they went, and how near to the pace they are."""
    recent = recent_calls(since=reading.now - WINDOW)
    totals: Counter[int] = Counter()
    limited: Counter[int] = Counter()
    for (shop, _, _, problem), count in recent.items():
        totals[shop] += count
        limited[shop] += count if problem == AccountProblem.RATE else 0
    yield Metric(
        "wdtadmin_recent_calls",
        "Calls that began in the last five minutes, by method, state and what kept them from success.",
        [
            Sample(count, {"shop": reading.names[shop], "method": method, "state": state, "problem": problem})
            for (shop, method, state, problem), count in recent.items()
        ],
    )
    yield Metric(
        "wdtadmin_recent_rate_answers",
        "Of these, those that the ERP refused because there were too many.",
        reading.by_shop(limited.items()),
    )
    paces = Shop.objects.filter(is_active=True, seconds_between_calls__gt=0)
    yield Metric(
        "wdtadmin_pace_used_ratio",
        "Calls of the last five minutes as a part of those that the pace of the account allows.",
        reading.by_shop(
            (shop, round(totals[shop] * float(pace) / WINDOW.total_seconds(), 4))
            for shop, pace in paces.order_by().values_list("pk", "seconds_between_calls")
        ),
    )


def recent_calls(*, since: datetime) -> Counter[tuple[int, str, str, str]]:
    """(shop, method, state, problem) -> how many calls began since then: the newest are read, until one is older."""
    counts: Counter[tuple[int, str, str, str]] = Counter()
    newest: QuerySet[ApiCall, Any] = ApiCall.objects.order_by("-pk")
    fields = ("pk", "started_at", "credential__shop", "method", "state", "problem")
    before = Q()
    while rows := list(newest.filter(before).values_list(*fields)[:CALLS_AT_ONCE]):
        counts.update(row[2:] for row in rows if row[1] >= since)
        oldest, began_at, *_ = rows[-1]
        if began_at < since:
            break
        before = Q(pk__lt=oldest)
    return counts


def accounts(reading: Reading) -> Iterator[Metric]:
    """What keeps them from calling."""
    credentials = Credential.objects.filter(is_active=True, shop__is_active=True).order_by()
    rows = list(credentials.values_list("shop", "shop__paused_at", "waiting_for", "failures"))
    yield Metric(
        "wdtadmin_account_paused",
        "1 if somebody has paused the seller account.",
        reading.by_shop((shop, int(paused_at is not None)) for shop, paused_at, *_ in rows),
    )
    yield Metric(
        "wdtadmin_account_failures",
        "How many calls of the seller account have failed in a row, for which it waits.",
        reading.by_shop((shop, failures if waits else 0) for shop, _, waits, failures in rows),
    )
