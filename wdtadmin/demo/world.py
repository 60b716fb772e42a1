"""What the stories of the made history work with: the cast, a stand-in ERP in this process, and a clock that is set."""

import uuid
from dataclasses import dataclass, field
from random import Random

from django.db.models import QuerySet

from cancellations.intake import Order
from cancellations.models import CancellationRequest, Operation, OrderLine, ReasonKind, Shop
from cancellations.sending import slices
from cancellations.wdt.sandbox import Sandbox
from cancellations.workflow import clerk, drafts
from wdtadmin.demo.clock import Clock
from wdtadmin.demo.purchase_orders import PurchaseOrders

ENDED = CancellationRequest.ENDED


REASON_KINDS = {
    "供应商停产": ReasonKind.DISCONTINUED,
    "供应商无法按期交货": ReasonKind.OUT_OF_STOCK,
    "重复下单": ReasonKind.DUPLICATE,
    "价格录入有误": ReasonKind.PRICE,
}


@dataclass(frozen=True)
class Case:
    """One request of the history; `kinds` says how many purchase orders of which kind it lists."""

    story: object
    shop: int
    clerk: str
    reason: str
    kinds: dict
    operation: Operation = Operation.CANCEL
    allow_checked: bool = False
    manager: str = "wangqiang"
    note: str = ""  # the manager's
    mishap: str = ""  # how the stand-in ERP goes wrong
    source: dict = field(default_factory=dict)


@dataclass
class World:
    """`people` by user name, `shops` in the order of the cast."""

    people: dict
    shops: list
    erp: Sandbox
    clock: Clock
    random: Random = field(default_factory=lambda: Random(11))  # noqa: S311 - made-up times, no secrets

    def __post_init__(self):
        self.purchase_orders = PurchaseOrders(self.erp.api.book)

    def work(self, shop: Shop) -> None:
        """What a worker does for the shop's account now."""
        for credential in shop.credentials.filter(is_active=True):
            slices.run_account(credential.pk)

    def draft(self, case: Case) -> CancellationRequest:
        """The request that the case is about, as a draft; a worker that comes by looks its orders up."""
        order_nos = self.purchase_orders.add(self.clock.moment, **case.kinds)
        return drafts.draft(
            self.shops[case.shop],
            by=self.people[case.clerk],
            operation=case.operation,
            allow_checked=case.allow_checked,
            reason=case.reason,
            reason_kind=REASON_KINDS.get(case.reason, ReasonKind.OTHER),
            orders=[Order(order_no, line, order_no) for line, order_no in enumerate(order_nos, 1)],
            token=uuid.UUID(int=self.random.getrandbits(128)),
            source=case.source,
        )

    def submit(self, request: CancellationRequest) -> None:
        clerk.submit(request, by=request.requester)
        self.work(request.shop)
        request.refresh_from_db()

    def is_busy(self, request: CancellationRequest) -> bool:
        """Whether orders of it are still sent or asked about."""
        request.refresh_from_db()
        asked = request.lines.filter(settle_at__isnull=False).exists()
        return asked or request.status in CancellationRequest.SENDABLE

    def unknown(self, request: CancellationRequest) -> QuerySet[OrderLine]:
        return request.lines.filter(outcome=OrderLine.Outcome.UNKNOWN)
