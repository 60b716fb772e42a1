"""What is expected of an order when the operation is sent: one table, read from top to bottom; the first row that fits.

The sources are the sections of the reference. Where it marks a fact as unknown, the forecast says 'may'.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from cancellations.models import (
    CancellationRequest,
    ErpStatus,
    Forecast,
    ForecastReason,
    Operation,
    OrderSnapshot,
    StockinStatus,
)
from cancellations.wdt.orders import MAX_GOODS

CHECKING = (ErpStatus.AWAITING_CHECK, ErpStatus.CHECKED)
FINANCE = (ErpStatus.AWAITING_FINANCE,)
CLOSED = (ErpStatus.AWAITING_SETTLEMENT, ErpStatus.PARTLY_SETTLED, ErpStatus.COMPLETED)
STOCKED_IN = tuple(code for code in StockinStatus if code is not StockinStatus.NOTHING)
NOT_PARTLY = (StockinStatus.NOTHING, StockinStatus.ALL, StockinStatus.STOPPED, StockinStatus.OVER)
ANY, EITHER = (), (True, False)
WITHOUT, WITH = (False,), (True,)  # the option to cancel checked orders too
CANCEL, STOP, WMS = Operation.CANCEL, Operation.STOP_WAITING, Operation.WMS_STOP_WAITING
WILL, MAY, REFUSED = Forecast.WILL, Forecast.MAY, Forecast.REFUSED
Reason = ForecastReason

ONLY_EDITING = "3, type 0: without the flag only 编辑中; with it also 待审核 and 已审核 [D]"
UNTOUCHED = "3, type 0: with the flag 待审核 and 已审核, nothing stocked in [D]"
NOT_LISTED = "4: a code that is not listed"
PARTLY_ONLY = "3, type 1: partly stocked-in orders only, otherwise 采购单非部分入库状态 [D]"


class Rule(NamedTuple):
    """A row: it fits an order whose codes are among those that it names; ANY fits every code and none."""

    operation: Operation
    status: tuple[int, ...]
    stockin_status: tuple[int, ...]
    option: tuple[bool, ...]
    verdict: Forecast
    because: ForecastReason
    source: str

    def fits(self, operation: int, allow_checked: bool, status: int | None, stockin_status: int | None) -> bool:
        return (
            operation == self.operation
            and allow_checked in self.option
            and (not self.status or status in self.status)
            and (not self.stockin_status or stockin_status in self.stockin_status)
        )


RULES = tuple(
    Rule(*row)
    for row in (
        (CANCEL, (ErpStatus.EDITING,), ANY, EITHER, WILL, Reason.EDITING, ONLY_EDITING),
        (CANCEL, (ErpStatus.CANCELLED,), ANY, EITHER, REFUSED, Reason.CANCELLED, ONLY_EDITING),
        (CANCEL, (ErpStatus.PARTLY_ARRIVED, ErpStatus.ARRIVED), ANY, EITHER, REFUSED, Reason.ARRIVED, ONLY_EDITING),
        (CANCEL, CLOSED, ANY, EITHER, REFUSED, Reason.CLOSED, ONLY_EDITING),
        (CANCEL, CHECKING, ANY, WITHOUT, REFUSED, Reason.CHECKED, ONLY_EDITING),
        (CANCEL, CHECKING, (StockinStatus.NOTHING,), WITH, WILL, Reason.UNCHECKED, UNTOUCHED),
        (CANCEL, CHECKING, STOCKED_IN, WITH, REFUSED, Reason.STOCKED_IN, UNTOUCHED),
        (CANCEL, CHECKING, ANY, WITH, MAY, Reason.STOCKIN_UNKNOWN, NOT_LISTED),
        (CANCEL, FINANCE, ANY, WITHOUT, REFUSED, Reason.FINANCE, ONLY_EDITING),
        (CANCEL, FINANCE, ANY, WITH, MAY, Reason.FINANCE_OPTION, "3, type 0: whether 35 is covered is unknown"),
        (CANCEL, ANY, ANY, EITHER, MAY, Reason.STATUS_UNKNOWN, NOT_LISTED),
        (STOP, ANY, (StockinStatus.PARTLY,), EITHER, WILL, Reason.PARTLY, PARTLY_ONLY),
        (STOP, ANY, (StockinStatus.PARTLY_OVER,), EITHER, MAY, Reason.PARTLY_OVER, "3, type 1: whether 5 is partly"),
        (STOP, ANY, NOT_PARTLY, EITHER, REFUSED, Reason.NOT_PARTLY, PARTLY_ONLY),
        (STOP, ANY, ANY, EITHER, MAY, Reason.STOCKIN_UNKNOWN, NOT_LISTED),
        (WMS, ANY, ANY, EITHER, MAY, Reason.WMS, "3, type 2: orders pushed to an outsourced warehouse [G]"),
    )
)


def forecast(
    operation: int, *, allow_checked: bool, status: int | None, stockin_status: int | None
) -> tuple[Forecast, ForecastReason]:
    """What is to be expected of an order that the ERP shows with these codes; None is a code that is not shown."""
    rule = next(rule for rule in RULES if rule.fits(operation, allow_checked, status, stockin_status))
    return rule.verdict, rule.because


def at_stake(operation: int, total_fee: Decimal | None, goods: Sequence[dict[str, Any]]) -> Decimal | None:
    """What the operation takes away of an order, in yuan; None where the ERP does not show enough for it.

    Cancelling takes the whole. What is left by stopping to wait is an estimate: quantity not stocked in yet × price.
    `goods` are those of a snapshot.
    """
    if operation == Operation.CANCEL:
        return total_fee
    left = Decimal(0)
    for line in goods:
        if line["ordered"] is None or line["stocked_in"] is None or line["price"] is None:
            return None
        left += max(Decimal(line["ordered"]) - Decimal(line["stocked_in"]), Decimal(0)) * Decimal(line["price"])
    is_complete = 0 < len(goods) < MAX_GOODS  # further ones are not kept
    return left.quantize(Decimal("0.0001")) if is_complete else None


def judge(snapshot: OrderSnapshot, cancellation: CancellationRequest) -> None:
    """Writes into the snapshot of an order that was found what the request's operation is expected to do to it."""
    snapshot.at_stake = at_stake(cancellation.operation, snapshot.total_fee, snapshot.goods)
    snapshot.verdict, snapshot.because = forecast(
        cancellation.operation,
        allow_checked=cancellation.allow_checked,
        status=snapshot.status,
        stockin_status=snapshot.stockin_status,
    )
