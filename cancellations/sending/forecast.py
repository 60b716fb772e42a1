"""What is expected of an order when the operation is sent: one table, read from top to bottom; the first row that fits.

The sources are the sections of the reference. Where it marks a fact as unknown, the forecast says 'may'.
"""

from typing import NamedTuple

from cancellations.models import ErpStatus, Forecast, ForecastReason, Operation, StockinStatus

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
