"""Writes what the ERP shows of an order, what is to be expected of it, and what has changed since the submission."""

from collections.abc import Iterable, Sequence

from django.db.models.functions import Upper
from django.utils import timezone

from cancellations.models import (
    ApiCall,
    CancellationRequest,
    Forecast,
    ForecastReason,
    KnownName,
    Lookup,
    OrderLine,
    OrderSnapshot,
)
from cancellations.models.lines import folded
from cancellations.models.shown import KEPT_WITH_LINE, seal
from cancellations.sending.statements import update_each
from cancellations.wdt.answers import same
from cancellations.wdt.orders import ErpOrder
from cancellations.workflow.forecast import judge

# What tells a manager that an order is not the one that was submitted any more.
COMPARED = (
    "found",
    "status",
    "stockin_status",
    "provider_name",
    "warehouse_name",
    "total_fee",
    "goods_count",
    "arrive_count",
    "stockin_count",
)
AS_TEXT = ("ordered", "arrived", "stocked_in", "price")  # of a line of goods: JSON has no decimals


def write_found(lookup: Lookup, call: ApiCall, orders: Iterable[ErpOrder]) -> int:
    """Writes the snapshots of those orders that the look-up still waits for; returns how many."""
    by_number = {same(order.order_no): order for order in orders}
    waiting = lookup.snapshots.filter(at__isnull=True).alias(folded=Upper("line__order_no")).select_related("line")
    shown = waiting.filter(folded__in=[folded(order.order_no) for order in by_number.values()])
    snapshots = [snapshot for snapshot in shown if same(snapshot.line.order_no) in by_number]
    for snapshot in snapshots:
        order = by_number[same(snapshot.line.order_no)]
        snapshot.found, snapshot.status, snapshot.stockin_status = True, order.status, order.stockin_status
        snapshot.spelling = order.order_no[:64] if order.order_no != snapshot.line.order_no else ""
        snapshot.provider_name, snapshot.warehouse_name = order.provider_name, order.warehouse_name
        snapshot.purchaser_name, snapshot.total_fee = order.purchaser_name, order.total_fee
        snapshot.goods_count, snapshot.arrive_count = order.ordered, order.arrived
        snapshot.stockin_count, snapshot.modified_at = order.stocked_in, order.modified
        snapshot.goods = [
            {
                field: str(value) if field in AS_TEXT and value is not None else value
                for field, value in vars(goods).items()
            }
            for goods in order.goods
        ]
        judge(snapshot, lookup.cancellation)
    _write(snapshots, lookup.cancellation, call)
    return len(snapshots)


def write_missing(lookup: Lookup, snapshot: OrderSnapshot, call: ApiCall) -> None:
    """The ERP was asked by number and does not show the order: 'not found' is not 'does not exist'."""
    snapshot.found, snapshot.verdict, snapshot.because = False, Forecast.NOT_VISIBLE, ForecastReason.NOT_VISIBLE
    _write([snapshot], lookup.cancellation, call)


def write_unanswered(lookup: Lookup, snapshot: OrderSnapshot, call: ApiCall) -> None:
    """No answer was understood: nothing is known of the order from this look-up."""
    snapshot.because = ForecastReason.NO_ANSWER
    _write([snapshot], lookup.cancellation, call)


def _write(snapshots: Sequence[OrderSnapshot], cancellation: CancellationRequest, call: ApiCall) -> None:
    now = timezone.now()
    # What was known of each line when it was submitted: from the last look before, else from the first one after.
    known = OrderSnapshot.objects.filter(line__in=[snapshot.line_id for snapshot in snapshots], found__isnull=False)
    before = known.filter(at__lte=cancellation.submitted_at) if cancellation.submitted_at else known.none()
    submitted = {shot.line_id: shot for shot in known.order_by("-at", "-pk")}
    submitted |= {shot.line_id: shot for shot in before.order_by("at", "pk")}
    for snapshot in snapshots:
        snapshot.at, snapshot.call = now, call
        if snapshot.found is not None and (then := submitted.get(snapshot.line_id)):
            pairs = {field: [getattr(then, field), getattr(snapshot, field)] for field in COMPARED}
            snapshot.changes = {  # as text where JSON has no such type
                field: [value if value is None or isinstance(value, bool | int | str) else str(value) for value in pair]
                for field, pair in pairs.items()
                if pair[0] != pair[1]
            }
            snapshot.is_changed = bool(snapshot.changes)
        seal(snapshot)
    rows = [[*(getattr(shot, field) for field in _WRITTEN), shot.pk] for shot in snapshots]
    update_each(OrderSnapshot, _WRITTEN, "id = %s", rows)
    answered = [shot for shot in snapshots if shot.found is not None]
    update_each(OrderLine, ["snapshot"], "id = %s", [(shot.pk, shot.line_id) for shot in answered])
    found = [shot for shot in answered if shot.found]
    shown = [(*(getattr(shot, field) for field in KEPT_WITH_LINE.values()), shot.line_id) for shot in found]
    update_each(OrderLine, [*KEPT_WITH_LINE], "id = %s", shown)
    names = {(kind, getattr(shot, KEPT_WITH_LINE[kind])) for shot in found for kind in KnownName.Kind.values}
    KnownName.objects.bulk_create(
        (KnownName(shop_id=cancellation.shop_id, kind=kind, name=name) for kind, name in sorted(names) if name),
        ignore_conflicts=True,
    )


_WRITTEN = [
    "at", "call_id", "found", "status", "stockin_status", "spelling", "provider_name", "warehouse_name",
    "purchaser_name", "total_fee", "at_stake", "goods_count", "arrive_count", "stockin_count", "modified_at", "goods",
    "verdict", "because", "changes", "is_changed", "mac",
]  # fmt: skip
