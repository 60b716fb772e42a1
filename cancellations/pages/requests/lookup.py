"""What the ERP shows of a request's orders, summed up."""

from typing import Any

from django.db.models import Count, Q, Sum

from cancellations.models import CancellationRequest, Forecast, Lookup, Person
from cancellations.workflow import permissions

MAX_ROWS = 8  # of the suppliers, of the warehouses; the rest is one row


def progress_of(cancellation: CancellationRequest) -> tuple[Lookup | None, int]:
    """(the latest look-up or None, how many orders it has asked for)"""
    lookup = cancellation.lookups.last()
    return lookup, lookup.snapshots.filter(at__isnull=False).count() if lookup else 0


def summary(person: Person, cancellation: CancellationRequest, lookup: Lookup | None, answered: int) -> dict[str, Any]:
    """How far the look-up is, the forecast in figures, amounts by supplier and warehouse, and what can be done."""
    if lookup is None:
        return {"lookup": None}
    undecided = cancellation.is_undecided
    may_drop = cancellation.status == CancellationRequest.Status.DRAFT and permissions.may(
        permissions.check_may_drop, person, cancellation
    )
    known = cancellation.lines.filter(snapshot__found=True)
    # {verdict: orders}, with 'none' for those of which nothing is known.
    counted = dict(cancellation.lines.order_by().values_list("snapshot__verdict").annotate(Count("pk")))
    return {
        "lookup": lookup,
        "answered": answered,
        "is_looking_up": lookup.ended_at is None,
        "verdicts": ({str(verdict): counted.get(verdict, 0) for verdict in Forecast} | {"none": counted.get(None, 0)}),
        "known": known.aggregate(
            orders=Count("pk"),
            amount=Sum("snapshot__total_fee"),
            changed=Count("pk", filter=Q(snapshot__is_changed=True)),
        ),
        "amounts": [
            ("supplier", _amounts(known, "snapshot__provider_name")),
            ("warehouse", _amounts(known, "snapshot__warehouse_name")),
        ],
        "may_look_again": undecided and permissions.may(permissions.check_may_look_up, person, cancellation),
        "may_drop": may_drop,
    }


def _amounts(known, name):
    """[(name, orders, amount, percent of the largest)], the largest first, the small ones as one without a name."""
    groups = known.order_by().values_list(name).annotate(orders=Count("pk"), amount=Sum("snapshot__total_fee"))
    rows = sorted(((name, orders, amount or 0) for name, orders, amount in groups), key=lambda row: (-row[2], row[0]))
    if len(rows) > MAX_ROWS + 1:
        rest = rows[MAX_ROWS:]
        rows = [*rows[:MAX_ROWS], (None, sum(row[1] for row in rest), sum(row[2] for row in rest))]
    largest = max((row[2] for row in rows), default=0) or 1
    return [(*row, max(0, round(100 * row[2] / largest))) for row in rows]
