import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancellations.wdt.answers import read_answer
from cancellations.wdt.orders import MAX_GOODS, read_orders
from cancellations.wdt.values import decimal, erp_time, integer, moment, text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["order", "purchase_no"]), inner),
)


def test_rows_are_read_with_numbers_as_numbers_and_as_text():
    page = read_orders(
        {
            "total_count": "2",
            "order": [
                {"purchase_no": "CG1", "status": 10, "stockin_status": "0"},
                {"purchase_no": "CG2", "status": "20.0", "stockin_status": None},
                {"status": 10},
                "rubbish",
            ],
        }
    )
    assert page.total == 2
    assert [(order.order_no, order.status, order.stockin_status) for order in page.orders] == [
        ("CG1", 10, 0),
        ("CG2", 20, None),
    ]


@pytest.mark.parametrize("data", [{"order": {}}, "x", [1], {"order": [1]}])
def test_a_page_of_another_shape_teaches_nothing(data):
    assert read_orders(data) is None


def test_a_row_shows_who_what_and_how_much():
    """Numbers come as numbers or as text, times as milliseconds or as text at UTC+8 (reference section 4)."""
    body = """{"status": 0, "data": {"order": [{
        "purchase_no": "CG1", "status": 40, "stockin_status": 1, "provider_name": "杭州明达", "warehouse_no": "WH1",
        "purchaser_name": "赵敏", "total_fee": 1234567890123.4567, "goods_count": "30.0000", "goods_arrive_count": 10,
        "goods_stockin_count": 7.5, "modified": "2026-11-24 08:00:01", "created": 1795478400000,
        "detail_list": [{"spec_no": "S1", "goods_name": "T恤", "num": "30", "price": 12.3, "stockin_num": "x"}, 7]
    }]}}"""
    order = read_orders(read_answer(200, body).data).orders[0]
    assert (order.provider_name, order.warehouse_name, order.purchaser_name) == ("杭州明达", "WH1", "赵敏")
    assert order.total_fee == Decimal("1234567890123.4567")
    assert (order.ordered, order.arrived, order.stocked_in) == (Decimal(30), Decimal(10), Decimal("7.5"))
    assert order.modified == datetime(2026, 11, 24, 0, 0, 1, tzinfo=UTC)
    (goods,) = order.goods
    assert (goods.spec_no, goods.name, goods.ordered, goods.price) == ("S1", "T恤", Decimal(30), Decimal("12.3"))
    assert goods.stocked_in is None


def test_only_the_first_lines_of_a_long_order_are_kept():
    rows = [{"purchase_no": "CG1", "detail_list": [{"num": 1}] * (MAX_GOODS + 5)}]
    assert len(read_orders({"order": rows}).orders[0].goods) == MAX_GOODS


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("12.50", "12.5"),
        (12, "12"),
        (0.1, "0.1"),
        ("-3.25", "-3.25"),
        ("1E+3", "1000"),
        ("12,500.00", None),
        ("", None),
        (None, None),
        (True, None),
        (float("nan"), None),
        (float("inf"), None),
        ("1e99", None),
        (10**30, None),
        ([1], None),
    ],
)
def test_an_amount_is_a_decimal_or_not_known(value, amount):
    assert decimal(value) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    ("value", "known"),
    [
        (1795478401000, "2026-11-24 08:00:01"),
        ("1795478401000", "2026-11-24 08:00:01"),
        ("2026-11-24 08:00:01", "2026-11-24 08:00:01"),
        ("2026-11-24 08:00:01.0", "2026-11-24 08:00:01"),
        ("0000-00-00 00:00:00", None),
        ("", None),
        (0, None),
        (None, None),
        (10**17, None),
        ("yesterday", None),
    ],
)
def test_a_time_comes_in_two_shapes_or_is_not_known(value, known):
    found = moment(value)
    assert (found and erp_time(found)) == known


@given(JSON)
def test_no_value_makes_a_reader_raise(value):
    for read in (integer, decimal, moment, text, read_orders):
        read(value)
    read_orders({"order": [value, {"purchase_no": "CG1", "modified": value, "total_fee": value, "detail_list": value}]})
    json.dumps(text(value))
