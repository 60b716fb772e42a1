"""What the operation takes away of an order, by what the ERP shows of it."""

from decimal import Decimal

import pytest

from cancellations.models import Operation
from cancellations.wdt.orders import MAX_GOODS
from cancellations.workflow.forecast import at_stake

CANCEL, STOP, WMS = Operation.CANCEL, Operation.STOP_WAITING, Operation.WMS_STOP_WAITING


def goods(ordered, stocked_in, price):
    return {"ordered": ordered, "stocked_in": stocked_in, "price": price}


def order(*lines, fee="1000.5"):
    return fee and Decimal(fee), lines


HALF, WHOLE = goods("90", "45", "10.2000"), goods("5", "5", "100")


@pytest.mark.parametrize(
    ("operation", "shown", "amount"),
    [
        (CANCEL, order(HALF), "1000.5"),
        (CANCEL, order(), "1000.5"),
        (CANCEL, order(HALF, fee=None), None),
        (STOP, order(HALF), "459.0000"),
        (STOP, order(HALF, WHOLE), "459.0000"),
        (STOP, order(WHOLE), "0.0000"),
        (STOP, order(goods("5", "7", "100")), "0.0000"),  # more than ordered came
        (STOP, order(HALF, goods("5", "0", None)), None),
        (STOP, order(goods(None, "0", "1")), None),
        (STOP, order(goods("5", None, "1")), None),
        (STOP, order(), None),
        (STOP, order(*[HALF] * MAX_GOODS), None),  # there may be more, which are not kept
        (WMS, order(HALF, fee=None), "459.0000"),
    ],
)
def test_at_stake_is_what_the_operation_takes_away(operation, shown, amount):
    assert at_stake(operation, *shown) == (None if amount is None else Decimal(amount))
