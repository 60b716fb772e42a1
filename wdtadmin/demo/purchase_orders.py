"""The purchase orders of the made history: they stand in the stand-in ERP as they would have at that time."""

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils import timezone

from cancellations.wdt.sandbox import orders as erp

PLENTY = 4000
DAY = 86_400  # seconds
# what a story calls them -> (status, what differs from an order that was made up with it)
KINDS = {
    "editing": (erp.EDITING, {}),
    "checked": (erp.CHECKED, {}),
    "partly": (erp.PARTLY_ARRIVED, {}),
    "arrived": (erp.ARRIVED, {}),
    "cancelled": (erp.CANCELLED, {}),
    "outsourced": (erp.CHECKED, {"outsourced": True, "warehouse_name": erp.WAREHOUSES[-1]}),
    "invisible": (erp.EDITING, {"visible": False}),
}


class PurchaseOrders:
    """Puts new orders into the ERP's book, each some days old and named after its day."""

    def __init__(self, book):
        self.book = book
        self.made_up = defaultdict(list)
        for order in erp.made_up(PLENTY, seed=7, now=0):
            self.made_up[order.status].append(order)
        self.count = 0

    def add(self, at: Any, **kinds: Any) -> Any:
        """Adds so many orders of each kind, changed last before the moment `at`; returns their numbers in order.

        Of the kind `missing` the ERP has never heard.
        """
        return [self._add(at, kind) for kind, count in kinds.items() for _ in range(count)]

    def _add(self, at, kind):
        self.count += 1
        days_ago = 2 + self.count % 9
        created = at.timestamp() - days_ago * DAY
        number = f"CG{timezone.localtime(at) - timedelta(days=days_ago):%Y%m%d}{5000 + self.count}"
        if kind != "missing":
            status, differing = KINDS[kind]
            order = self.made_up[status].pop()
            changed = created + order.modified - order.created
            self.book.add([replace(order, purchase_no=number, created=created, modified=changed, **differing)])
        return number
