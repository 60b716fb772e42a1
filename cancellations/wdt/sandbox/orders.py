"""The purchase orders of the stand-in ERP, and what the three operations do to them."""

import random
import threading
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

CANCELLED, EDITING, AWAITING_CHECK, AWAITING_FINANCE, CHECKED = 10, 20, 30, 35, 40
PARTLY_ARRIVED, ARRIVED, AWAITING_SETTLEMENT, PARTLY_SETTLED, COMPLETED = 50, 60, 70, 80, 90
STATUSES = (
    CANCELLED,
    EDITING,
    AWAITING_CHECK,
    AWAITING_FINANCE,
    CHECKED,
    PARTLY_ARRIVED,
    ARRIVED,
    AWAITING_SETTLEMENT,
    PARTLY_SETTLED,
    COMPLETED,
)
NOT_STOCKED_IN, PARTLY_STOCKED_IN, STOCKED_IN, STOCKING_IN_STOPPED = 0, 1, 2, 3

# The vendor's own words (reference section 8), but for the last.
NOT_PARTLY_STOCKED_IN = "采购单非部分入库状态"
UNKNOWN_NUMBER = "单据不存在"
WRONG_STATUS = "采购单不是编辑中状态"
NOT_OUTSOURCED = "采购单未推送委外仓"

PROVIDERS = ("杭州明达纺织", "义乌小商品供应链", "广州恒丰皮具", "苏州瑞安电子", "宁波海通日化")
WAREHOUSES = ("上海主仓", "华南分仓", "北京委外仓")
PURCHASERS = ("赵敏", "周杰", "吴倩")
GOODS = ("纯棉T恤", "帆布背包", "蓝牙耳机", "保温杯", "洗发水", "牛皮腰带")


@dataclass
class PurchaseOrder:
    purchase_no: str
    status: int = EDITING
    stockin_status: int = NOT_STOCKED_IN
    modified: float = 0.0  # unix seconds
    created: float = 0.0
    outsourced: bool = False  # its warehouse is run by somebody else, with a WMS of its own
    wms_stopped: bool = False
    visible: bool = True  # to the ERP employee behind the app key
    provider_name: str = PROVIDERS[0]
    warehouse_name: str = WAREHOUSES[0]
    purchaser_name: str = PURCHASERS[0]
    total_fee: str = "0.0000"
    details: list[dict[str, Any]] = field(default_factory=list)


class OrderBook:
    """All orders by number; safe to use from several threads."""

    def __init__(self) -> None:
        self._orders: dict[str, PurchaseOrder] = {}
        self._lock = threading.RLock()

    def add(self, orders: Iterable[PurchaseOrder]) -> None:
        with self._lock:
            self._orders.update((order.purchase_no.casefold(), order) for order in orders)

    def clear(self) -> None:
        with self._lock:
            self._orders.clear()

    def find(self, number: str) -> PurchaseOrder | None:
        with self._lock:
            return self._orders.get(number.casefold())  # its database compares without regard to case

    def all(self) -> list[PurchaseOrder]:
        with self._lock:
            return list(self._orders.values())

    def change(self, number: str, **values: Any) -> None:
        with self._lock:
            for name, value in values.items():
                setattr(self._orders[number.casefold()], name, value)

    def modified_between(self, start: float, end: float) -> list[PurchaseOrder]:
        """The visible orders by modification time, the newest first."""
        with self._lock:
            found = [order for order in self._orders.values() if order.visible and start <= order.modified <= end]
        return sorted(found, key=lambda order: -order.modified)

    def operate(
        self, operation: int, numbers: Iterable[str], *, allow_checked: bool, now: float, spare: Collection[str] = ()
    ) -> tuple[list[str], dict[str, str]]:
        """Carries the operation out on each order it suits; returns (done, the words for each other one).

        Which status it suits: reference section 3. Orders in `spare` are refused whatever their status is.
        """
        done: list[str] = []
        refused: dict[str, str] = {}
        with self._lock:
            for number in dict.fromkeys(numbers):
                order = self._orders.get(number.casefold())
                if order is None:
                    words = UNKNOWN_NUMBER
                elif operation == 0:
                    checked = order.status in (AWAITING_CHECK, CHECKED) and order.stockin_status == NOT_STOCKED_IN
                    words = "" if order.status == EDITING or (allow_checked and checked) else WRONG_STATUS
                elif operation == 1:
                    words = "" if order.stockin_status == PARTLY_STOCKED_IN else NOT_PARTLY_STOCKED_IN
                else:
                    words = "" if order.outsourced and not order.wms_stopped else NOT_OUTSOURCED
                if number in spare:
                    words = words or WRONG_STATUS
                if words or order is None:
                    refused[number] = words
                else:
                    order.modified = now
                    if operation == 0:
                        order.status = CANCELLED
                    elif operation == 1:
                        order.stockin_status = STOCKING_IN_STOPPED  # an inference of the reference
                    else:
                        order.wms_stopped = True  # what the ERP shows of it is not documented: here it shows nothing
                    done.append(number)
        return done, refused

    def uncheck(self, numbers: Iterable[str], *, now: float) -> dict[str, str]:
        """What the option does before it cancels, and no more: 待审核 and 已审核 become 编辑中; the words for each."""
        with self._lock:
            for order in filter(None, map(self.find, numbers)):
                if order.status in (AWAITING_CHECK, CHECKED) and order.stockin_status == NOT_STOCKED_IN:
                    order.status, order.modified = EDITING, now
        return dict.fromkeys(numbers, "采购单取消失败")

    def dump(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(order) for order in self._orders.values()]


def made_up(count: int, *, seed: int, now: float) -> list[PurchaseOrder]:
    """`count` orders in every status, the same ones for the same seed; half of them can be cancelled."""
    chance = random.Random(seed)  # noqa: S311 - made-up goods, no secrets
    orders = []
    for number in range(1, count + 1):
        status = EDITING if number % 2 else STATUSES[number // 2 % len(STATUSES)]
        stocked_in = STOCKED_IN if status >= ARRIVED else NOT_STOCKED_IN
        stocked_in = PARTLY_STOCKED_IN if status == PARTLY_ARRIVED else stocked_in
        created = now - chance.randint(3, 60) * 86_400
        details = []
        for _ in range(chance.randint(1, 4)):
            num = chance.randint(1, 40) * 5
            arrived = {NOT_STOCKED_IN: 0, PARTLY_STOCKED_IN: num // 2}.get(stocked_in, num)
            detail = {
                "spec_no": f"SKU{chance.randint(1000, 9999)}",
                "goods_name": chance.choice(GOODS),
                "num": f"{num}.0000",
                "stockin_num": f"{arrived}.0000",
                "arrive_num": f"{arrived}.0000",
                "lack_num": f"{num - arrived}.0000",
                "stopwait_num": "0.0000",
                "price": f"{chance.randint(500, 30_000) / 100:.4f}",
            }
            details.append(detail)
        warehouse = chance.choice(WAREHOUSES)
        order = PurchaseOrder(
            purchase_no=f"CG20261101{number:04}",
            status=status,
            stockin_status=stocked_in,
            created=created,
            modified=created + chance.randint(60, 80_000),
            outsourced=warehouse == WAREHOUSES[-1],
            provider_name=chance.choice(PROVIDERS),
            warehouse_name=warehouse,
            purchaser_name=chance.choice(PURCHASERS),
            total_fee=f"{sum(float(line['num']) * float(line['price']) for line in details):.4f}",
            details=details,
        )
        orders.append(order)
    return orders
