"""What is expected of an order when the operation is sent: one table, read from top to bottom; the first row that fits.

The sources are the sections of the reference. Where it marks a fact as unknown, the forecast says 'may'.
"""

from typing import NamedTuple

from cancellations.models import Because, Operation, Verdict

EDITING, AWAITING_CHECK, AWAITING_FINANCE, CHECKED, CANCELLED = 20, 30, 35, 40, 10
PARTLY_ARRIVED, ARRIVED, AWAITING_SETTLEMENT, PARTLY_SETTLED, COMPLETED = 50, 60, 70, 80, 90
NOT_STOCKED_IN, PARTLY, STOCKED_IN, STOPPED, OVER, PARTLY_OVER = range(6)  # stockin_status

CHECKING = (AWAITING_CHECK, CHECKED)
ANY, EITHER = (), (True, False)
WITHOUT, WITH = (False,), (True,)  # the option to cancel checked orders too
CANCEL, STOP, WMS = Operation.CANCEL, Operation.STOP_WAITING, Operation.WMS_STOP_WAITING
WILL, MAY, REFUSED = Verdict.WILL, Verdict.MAY, Verdict.REFUSED

ONLY_EDITING = "3, type 0: without the flag only 编辑中; with it also 待审核 and 已审核 [D]"
UNTOUCHED = "3, type 0: with the flag 待审核 and 已审核, nothing stocked in [D]"
PARTLY_ONLY = "3, type 1: partly stocked-in orders only, otherwise 采购单非部分入库状态 [D]"


class Rule(NamedTuple):
    """A row: it fits an order whose codes are among those that it names; ANY fits every code and none."""

    operation: Operation
    status: tuple[int, ...]
    stockin_status: tuple[int, ...]
    option: tuple[bool, ...]
    verdict: Verdict
    because: Because
    source: str

    def fits(self, operation, allow_checked, status, stockin_status):
        return (
            operation == self.operation
            and allow_checked in self.option
            and (not self.status or status in self.status)
            and (not self.stockin_status or stockin_status in self.stockin_status)
        )


RULES = tuple(
    Rule(*row)
    for row in (
        (CANCEL, (EDITING,), ANY, EITHER, WILL, Because.EDITING, ONLY_EDITING),
        (CANCEL, (CANCELLED,), ANY, EITHER, REFUSED, Because.CANCELLED, ONLY_EDITING),
        (CANCEL, (PARTLY_ARRIVED, ARRIVED), ANY, EITHER, REFUSED, Because.ARRIVED, ONLY_EDITING),
        (CANCEL, (AWAITING_SETTLEMENT, PARTLY_SETTLED, COMPLETED), ANY, EITHER, REFUSED, Because.CLOSED, ONLY_EDITING),
        (CANCEL, CHECKING, ANY, WITHOUT, REFUSED, Because.CHECKED, ONLY_EDITING),
        (CANCEL, CHECKING, (NOT_STOCKED_IN,), WITH, WILL, Because.UNCHECKED, UNTOUCHED),
        (
            CANCEL,
            CHECKING,
            (PARTLY, STOCKED_IN, STOPPED, OVER, PARTLY_OVER),
            WITH,
            REFUSED,
            Because.STOCKED_IN,
            UNTOUCHED,
        ),
        (CANCEL, CHECKING, ANY, WITH, MAY, Because.STOCKIN_UNKNOWN, "4: a stock-in status that is not listed"),
        (CANCEL, (AWAITING_FINANCE,), ANY, WITHOUT, REFUSED, Because.FINANCE, ONLY_EDITING),
        (
            CANCEL,
            (AWAITING_FINANCE,),
            ANY,
            WITH,
            MAY,
            Because.FINANCE_OPTION,
            "3, type 0: whether 35 is covered is unknown",
        ),
        (CANCEL, ANY, ANY, EITHER, MAY, Because.STATUS_UNKNOWN, "4: a status that is not listed"),
        (STOP, ANY, (PARTLY,), EITHER, WILL, Because.PARTLY, PARTLY_ONLY),
        (
            STOP,
            ANY,
            (PARTLY_OVER,),
            EITHER,
            MAY,
            Because.PARTLY_OVER,
            "3 and 4: whether 5 counts as partly is not said",
        ),
        (STOP, ANY, (NOT_STOCKED_IN, STOCKED_IN, STOPPED, OVER), EITHER, REFUSED, Because.NOT_PARTLY, PARTLY_ONLY),
        (STOP, ANY, ANY, EITHER, MAY, Because.STOCKIN_UNKNOWN, "4: a stock-in status that is not listed"),
        (WMS, ANY, ANY, EITHER, MAY, Because.WMS, "3, type 2: orders pushed to an outsourced warehouse [G]"),
    )
)


def forecast(operation, *, allow_checked, status, stockin_status):
    """(Verdict, Because) for an order that the ERP shows with these codes; None stands for a code that is not shown."""
    rule = next(rule for rule in RULES if rule.fits(operation, allow_checked, status, stockin_status))
    return rule.verdict, rule.because
