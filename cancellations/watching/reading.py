"""The moment of a scrape, and what all metrics of seller accounts need."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from cancellations.models import Shop
from cancellations.watching.exposition import Sample


class Names(dict[int, str]):
    """The seller accounts by their keys; one that was added in the middle of a scrape is looked up by itself."""

    def __missing__(self, shop: int) -> str:
        return Shop.objects.values_list("name", flat=True).get(pk=shop)


@dataclass(frozen=True)
class Reading:
    now: datetime = field(default_factory=timezone.now)
    names: Names = field(default_factory=lambda: Names(Shop.objects.values_list("pk", "name")))

    def by_shop(self, rows: Iterable[tuple[int, float]]) -> list[Sample]:
        """A sample of each seller account: of its row (seller account, value), or 0."""
        values = dict.fromkeys(self.names, 0.0) | dict(rows)
        return [Sample(value, {"shop": self.names[shop]}) for shop, value in values.items()]

    def by_shop_and(self, rows: Iterable[tuple[int, str, float]], label: str) -> list[Sample]:
        """A sample of each (seller account, value of the other label, value)."""
        return [Sample(value, {"shop": self.names[shop], label: other}) for shop, other, value in rows]

    def ages(self, rows: Iterable[tuple[int, datetime]]) -> list[Sample]:
        """A sample of each (seller account, since when), in seconds."""
        return self.by_shop((shop, self.age(since)) for shop, since in rows)

    def age(self, since: datetime) -> float:
        """In seconds; clocks of machines differ, so never less than nothing."""
        return max(0.0, round((self.now - since).total_seconds(), 1))


def timestamp(moment: datetime | None) -> float:
    """As Prometheus counts time; 0 for never."""
    return round(moment.timestamp(), 3) if moment else 0
