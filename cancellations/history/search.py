"""Finds order lines among millions. A page costs the same wherever it stands: it is cut out by key, never by offset.

Without an order number the lines stand request by request, the newest first: the requests are few, so they are what is
walked and filtered, and the lines of each come from an index. With one they stand in the order of the numbers, which
an index holds: the number itself comes first, then those that begin with it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, Self

from django.db.models import Q, QuerySet

from cancellations.history.selection import OF_PEOPLE, REQUESTS, WITH_PEOPLE, Key, Selection, local_text
from cancellations.models import CancellationRequest, KnownName, Person, Shop

PAGE_SIZE = 100
FEW = 100  # requests


@dataclass(frozen=True)
class Filters:
    """What is looked for; what is left empty does not count. Days are of Asia/Shanghai, both of them included."""

    order_no: str = ""
    shop: int | None = None
    operation: int | None = None
    outcome: str = ""
    known_by: str = ""
    why: str = ""
    supplier: str = ""
    warehouse: str = ""
    purchaser: str = ""
    amount: Decimal | None = None  # at least, in yuan
    reason_kind: str = ""
    reason: str = ""  # is part of it
    words: str = ""  # of the ERP, as `message__says` takes them
    requester: str = ""  # the name on pages, or the one to sign in with
    decider: str = ""
    number: str = ""
    since: date | None = None  # of the request's submission
    until: date | None = None
    sort: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        """Of a query that a form has made of what it understood. Raises ValueError or TypeError if it is no such."""
        read: dict[str, Callable[[str], Any]] = {
            "shop": int,
            "operation": int,
            "since": date.fromisoformat,
            "until": date.fromisoformat,
            "amount": Decimal,
        }
        return cls(**{name: read.get(name, str)(text) for name, text in query.items()})

    @property
    def narrows_requests(self) -> bool:
        """To those that may be few of many."""
        return any((self.number, self.requester, self.decider, self.since, self.until))


class Found(NamedTuple):
    """A line with what the list shows of its request."""

    pk: int
    order_no: str
    position: int
    outcome: str
    known_by: str
    why: str
    message: str
    supplier: str | None
    warehouse: str
    purchaser: str
    amount: Decimal | float | None
    cancellation_id: int
    number: str
    shop_id: int
    operation: int
    submitted_at: str | None  # '2026-11-24 09:00:05+0800'
    requester: str
    decider: str | None

    def key(self, selection: Selection) -> Key:
        """Where the line stands in the list that the selection makes."""
        return selection.key(
            pk=self.pk,
            order_no=self.order_no,
            cancellation_id=self.cancellation_id,
            position=self.position,
            amount=self.amount,
        )


OF_LINES = "line.id, line.order_no, line.position, line.outcome, line.known_by, line.why, line.message"


def of_requests(*names: str) -> str:
    """Columns of the requests, as SQL."""
    return ", ".join(f"{REQUESTS}.{name}" for name in names)


class Page(NamedTuple):
    rows: list[Found]
    before: Key | None  # what stands before the page ends here, None if nothing does
    after: Key | None


class Reader:
    """Who reads, with the shops that the person may read of: {pk: name}. One query, however many searches follow."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.shops = dict(Shop.objects.for_user(person).values_list("pk", "name"))

    def shops_of(self, filters: Filters) -> dict[int, str]:
        """Those of the shops that what is found may be of."""
        return self.shops if filters.shop is None else {filters.shop: self.shops[filters.shop]}

    def requests(self) -> QuerySet[CancellationRequest]:
        """As CancellationRequest.objects.for_user, with the shops written out: the database plans better so."""
        requests = CancellationRequest.objects.filter(shop__in=[*self.shops])
        return requests.without_drafts_of_others(self.person).order_by()


def select(filters: Filters, reader: Reader) -> Selection:
    """The lines that fit the filters and that the reader may read, in the order of the list: a Selection.

    A query, if an order number or words of the ERP are looked for among the requests of somebody, of some days, …: all
    numbers may begin so, all messages may say so, and then it is the requests that say which lines there are.
    """
    requests, few = reader.requests(), None
    if filters.shop is not None:
        requests = requests.filter(shop=filters.shop)
    if filters.operation is not None:
        requests = requests.filter(operation=filters.operation)
    if filters.reason_kind:
        requests = requests.filter(reason_kind=filters.reason_kind)
    if filters.reason:
        requests = requests.filter(reason__icontains=filters.reason)
    for kind in KnownName.Kind.values:
        # A name that no order has would be looked for to the end.
        name = getattr(filters, kind)
        if name and not KnownName.objects.filter(shop__in=[*reader.shops], kind=kind, name=name).exists():
            requests = requests.none()
    if filters.number:
        requests = requests.filter(number=filters.number)
    if filters.requester:
        requests = requests.filter(requester__in=_people(filters.requester))
    if filters.decider:
        requests = requests.filter(decided_by__in=_people(filters.decider))
    if (filters.order_no or filters.words) and filters.narrows_requests:
        few = Selection(filters, requests).requests(at_most=FEW + 1)
        few = few if len(few) <= FEW else None
    return Selection(filters, requests, few=few)


def find(selected: Selection, *, after: Key | None = None, before: Key | None = None) -> Page:
    """A Page of a Selection; `after` and `before` are Keys of an earlier page. One query."""
    backwards = before is not None
    columns = (
        f"{OF_LINES}, line.supplier, line.warehouse, line.purchaser, line.amount, "
        f"{of_requests('id', 'number', 'shop_id', 'operation')}, {local_text(of_requests('submitted_at'))}, {OF_PEOPLE}"
    )
    found = selected.rows(columns, PAGE_SIZE + 1, joined=WITH_PEOPLE, key=before or after, backwards=backwards)
    more, rows = len(found) > PAGE_SIZE, [Found(*row) for row in found[:PAGE_SIZE]]
    if backwards:
        rows.reverse()
    if not rows:
        return Page([], None, None)
    more_before, more_after = (more, True) if backwards else (after is not None, more)
    return Page(rows, rows[0].key(selected) if more_before else None, rows[-1].key(selected) if more_after else None)


def _people(name: str) -> QuerySet[Person, Any]:
    """Everybody who is called so; people who are gone or work elsewhere by now are found too."""
    return Person.objects.filter(Q(username=name) | Q(name=name)).values("pk")
