"""The forecast is held against what the stand-in ERP then does: every status, stock-in status, operation and option."""

import itertools
import time

import pytest
from django.utils import translation

from cancellations.models import Forecast, ForecastReason, Operation
from cancellations.wdt.sandbox.orders import STATUSES
from cancellations.workflow import manager
from cancellations.workflow.forecast import RULES, forecast
from tests.people import submitted

pytestmark = pytest.mark.django_db
STOCKIN_STATUSES = range(6)
WAYS = [
    (Operation.CANCEL, False),
    (Operation.CANCEL, True),
    (Operation.STOP_WAITING, False),
    (Operation.WMS_STOP_WAITING, False),
]
# What the reference marks as unknown: whether 35 is covered by the option, whether 5 counts as partly stocked in,
# and which orders are at an outsourced warehouse.
UNKNOWN = {
    (Operation.CANCEL, True): lambda status, stockin_status: status == 35,
    (Operation.STOP_WAITING, False): lambda status, stockin_status: stockin_status == 5,
    (Operation.WMS_STOP_WAITING, False): lambda status, stockin_status: True,
}


def every_kind_of_order():
    """{number: (status, stock-in status)}, each with each; those with an odd one are at an outsourced warehouse."""
    codes = itertools.product(STATUSES, STOCKIN_STATUSES)
    return {f"CG{status}-{stockin_status}": (status, stockin_status) for status, stockin_status in codes}


@pytest.mark.parametrize(("operation", "option"), WAYS)
def test_it_agrees_with_what_the_erp_then_does(operation, option, account, erp, shop, cast):
    kinds = every_kind_of_order()
    erp.add(
        {
            "purchase_no": number,
            "status": status,
            "stockin_status": stockin_status,
            "modified": time.time(),
            "outsourced": bool(stockin_status % 2),
        }
        for number, (status, stockin_status) in kinds.items()
    )
    cancellation = submitted(shop, cast.lina, list(kinds), operation=operation, allow_checked=option)
    account.work()
    assert cancellation.lookups.get(occasion="submitted").ended_at
    expected = dict(cancellation.lines.values_list("order_no", "snapshot__verdict"))
    manager.approve(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash)
    account.work()
    became = dict(cancellation.lines.values_list("order_no", "outcome"))

    unknown = UNKNOWN.get((operation, option), lambda *_: False)
    for number, codes in kinds.items():
        agreed = {"DONE": Forecast.WILL, "REFUSED": Forecast.REFUSED}[became[number]]
        assert expected[number] == (Forecast.MAY if unknown(*codes) else agreed), (number, became[number])


@pytest.mark.parametrize("status", [None, 15, 99])
@pytest.mark.parametrize("stockin_status", [None, 6])
@pytest.mark.parametrize(("operation", "option"), WAYS)
def test_a_code_that_nobody_knows_makes_it_say_may(operation, option, status, stockin_status):
    verdict, _ = forecast(operation, allow_checked=option, status=status, stockin_status=stockin_status)
    assert verdict == Forecast.MAY


def test_a_checked_order_without_stock_in_may_be_cancelled():
    found = forecast(Operation.CANCEL, allow_checked=True, status=40, stockin_status=None)
    assert found == (Forecast.MAY, ForecastReason.STOCKIN_UNKNOWN)


def test_every_rule_has_a_source_and_is_needed():
    assert all(rule.source for rule in RULES)
    codes = itertools.product((*STATUSES, None), (*STOCKIN_STATUSES, None), WAYS)
    used = {
        next(rule for rule in RULES if rule.fits(operation, option, status, stockin_status))
        for status, stockin_status, (operation, option) in codes
    }
    assert used == set(RULES)


def test_every_verdict_of_a_rule_begins_its_sentence():
    words = {Forecast.WILL: "Will ", Forecast.MAY: "May ", Forecast.REFUSED: "Will be refused: "}
    with translation.override("en"):
        for rule in RULES:
            assert str(rule.because.label).startswith(words[rule.verdict]), rule
            assert rule.verdict is Forecast.REFUSED or "Will be refused" not in str(rule.because.label)
