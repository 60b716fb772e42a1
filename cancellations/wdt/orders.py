"""Reads what queryWithDetail shows of purchase orders (reference section 4). Pure: values in, values out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from cancellations.wdt.values import decimal, identifier, integer, moment, text

LONGEST_NAME = 100
MAX_GOODS = 200  # lines of an order that are kept


@dataclass(frozen=True)
class Goods:
    """A line of a purchase order."""

    spec_no: str
    name: str
    ordered: Decimal | None
    arrived: Decimal | None
    stocked_in: Decimal | None
    price: Decimal | None


@dataclass(frozen=True)
class ErpOrder:
    """A purchase order as queryWithDetail shows it; a number or a time that cannot be read is None."""

    order_no: str
    status: int | None
    stockin_status: int | None
    provider_name: str = ""
    warehouse_name: str = ""
    purchaser_name: str = ""
    total_fee: Decimal | None = None
    ordered: Decimal | None = None
    arrived: Decimal | None = None
    stocked_in: Decimal | None = None
    modified: datetime | None = None
    goods: tuple[Goods, ...] = ()


@dataclass(frozen=True)
class OrdersPage:
    orders: tuple[ErpOrder, ...]
    total: int | None


def read_orders(data: Any) -> OrdersPage | None:
    """A page of queryWithDetail, or None if the answer has another shape (then nothing was learned).

    Where no order fits, `data` may be null, absent or `[]`, and so may its `order` (reference section 8).
    """
    if data is None or data == []:
        return OrdersPage((), 0)
    if not isinstance(data, dict):
        return None
    rows, total = data.get("order"), integer(data.get("total_count"))
    if rows is None:
        return OrdersPage((), 0) if not total else None
    if not isinstance(rows, list):
        return None
    orders = [order for row in rows if isinstance(row, dict) and (order := _order(row)).order_no]
    return OrdersPage(tuple(orders), total) if orders or not rows else None


def _order(row: Mapping[str, Any]) -> ErpOrder:
    lines = row.get("detail_list")
    known = lines[:MAX_GOODS] if isinstance(lines, list) else []
    return ErpOrder(
        order_no=identifier(row.get("purchase_no")),
        status=_code(row.get("status")),
        stockin_status=_code(row.get("stockin_status")),
        provider_name=_name(row, "provider"),
        warehouse_name=_name(row, "warehouse"),
        purchaser_name=text(row.get("purchaser_name"), LONGEST_NAME),
        total_fee=decimal(row.get("total_fee")),
        ordered=decimal(row.get("goods_count")),
        arrived=decimal(row.get("goods_arrive_count")),
        stocked_in=decimal(row.get("goods_stockin_count")),
        modified=moment(row.get("modified")),
        goods=tuple(
            (
                Goods(
                    spec_no=text(line.get("spec_no"), LONGEST_NAME),
                    name=text(line.get("goods_name"), LONGEST_NAME),
                    ordered=decimal(line.get("num")),
                    arrived=decimal(line.get("arrive_num")),
                    stocked_in=decimal(line.get("stockin_num")),
                    price=decimal(line.get("price")),
                )
            )
            for line in known
            if isinstance(line, dict)
        ),
    )


def _code(value: Any) -> int | None:
    code = integer(value)
    return code if code is not None and 0 <= code <= 32_767 else None


def _name(row: Mapping[str, Any], what: str) -> str:
    """The name, or the number where the ERP gives no name."""
    return text(row.get(f"{what}_name") or row.get(f"{what}_no"), LONGEST_NAME)
