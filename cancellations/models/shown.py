"""Whether what a request shows of its orders is what the ERP showed: each snapshot bears a mark of what was read.

Whoever owns the database can write an amount, a supplier or a forecast into it, but not its mark.
"""

from decimal import Context
from typing import Any

from django.db.models import F

from cancellations.models import marks
from cancellations.models.cancellations import CancellationRequest
from cancellations.models.lookups import OrderSnapshot

# What an approval rests on. The ERP's own status and quantities are judged into verdict, reason and amount.
SEALED = (
    "line_id",
    "lookup_id",
    "found",
    "status",
    "stockin_status",
    "provider_name",
    "warehouse_name",
    "purchaser_name",
    "total_fee",
    "goods_count",
    "arrive_count",
    "stockin_count",
    "at_stake",
    "verdict",
    "because",
)
# column of the line -> that of the snapshot: kept with the line, so that a search of the history is one walk
KEPT_WITH_LINE = {
    "supplier": "provider_name",
    "warehouse": "warehouse_name",
    "purchaser": "purchaser_name",
    "amount": "at_stake",
}
DIGITS = Context(prec=15)  # that SQLite keeps of a decimal


def seal(snapshot: OrderSnapshot) -> None:
    """Marks the snapshot as what was read and judged; the caller stores it."""
    snapshot.mac = marks.of_snapshot(*_sealed([getattr(snapshot, name) for name in SEALED]))


def is_sealed(snapshot: OrderSnapshot) -> bool:
    """Whether the snapshot holds what was sealed."""
    return marks.fits_snapshot(snapshot.mac, *_sealed([getattr(snapshot, name) for name in SEALED]))


def differing(cancellation: CancellationRequest) -> list[str]:
    """The numbers of those orders that show something else than the last look-up wrote, in the list's order."""
    shown = cancellation.lines.filter(snapshot__isnull=False).order_by("position")
    columns = ("order_no", "pk", *KEPT_WITH_LINE, "snapshot__mac", *(f"snapshot__{name}" for name in SEALED))
    newer = OrderSnapshot.objects.filter(line__cancellation=cancellation, found__isnull=False)
    replaced = set(newer.filter(pk__gt=F("line__snapshot")).values_list("line", flat=True))
    found = []
    for order_no, line, *row in shown.values_list(*columns):
        kept, mac, values = row[: len(KEPT_WITH_LINE)], row[len(KEPT_WITH_LINE)], row[len(KEPT_WITH_LINE) + 1 :]
        by_name = dict(zip(SEALED, values, strict=True))
        copied = [by_name[name] for name in KEPT_WITH_LINE.values()]
        if (
            line in replaced
            or by_name["line_id"] != line
            or (by_name["found"] and _sealed(kept) != _sealed(copied))
            or not marks.fits_snapshot(mac, *_sealed(values))
        ):
            found.append(order_no)
    return found


def _sealed(values: list[Any]) -> list[Any]:
    """As both databases give them back: decimals as text with four places."""
    return [f"{DIGITS.create_decimal(value):.4f}" if hasattr(value, "as_tuple") else value for value in values]
