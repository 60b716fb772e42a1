"""Finds order lines among millions. A page costs the same wherever it stands: it is cut out by key, never by offset.

Without an order number the lines stand request by request, the newest first: the requests are few, so they are what is
walked and filtered, and the lines of each come from an index. With one they stand in the order of the numbers, which
an index holds: the number itself comes first, then those that begin with it.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, OuterRef, Q, Sum, Value
from django.db.models.functions import Concat, Trim
from django.utils import timezone

from cancellations.history import reasons
from cancellations.models import CancellationRequest, OrderLine, Shop

PAGE_SIZE = 100
COUNTED_AT_MOST = 1_000  # orders: finding a page must not take longer because of its total
SUMMED_AT_MOST = 1_000  # requests
OLDEST = "oldest"


@dataclass(frozen=True)
class Filters:
    """What is looked for; what is left empty does not count. Days are of Asia/Shanghai, both of them included."""

    order_no: str = ""
    shop: int | None = None
    operation: int | None = None
    outcome: str = ""
    known_by: str = ""
    why: str = ""
    words: str = ""  # of the ERP, as `message__says` takes them
    requester: str = ""  # the name on pages, or the one to sign in with
    decider: str = ""
    number: str = ""
    since: date | None = None  # of the request's submission
    until: date | None = None
    sort: str = ""

    @property
    def is_rare(self):
        """Of many requests only a few have such an order: an index of its own holds these."""
        rare = (OrderLine.Outcome.UNKNOWN, OrderLine.KnownBy.BY_HAND)
        return self.outcome in rare or self.known_by in rare


class Found(NamedTuple):
    """A line with what the list shows of its request."""

    pk: int
    order_no: str
    position: int
    outcome: str
    known_by: str
    why: str
    message: str
    outcome_at: datetime | None
    cancellation_id: int
    number: str
    shop_id: int
    operation: int
    submitted_at: datetime | None
    requester: str
    requester_first: str
    requester_last: str
    decider: str | None
    decider_first: str | None
    decider_last: str | None

    def key(self, selection):
        return selection.key(
            pk=self.pk, order_no=self.order_no, cancellation_id=self.cancellation_id, position=self.position
        )


OF_LINES = ("id", "order_no", "position", "outcome", "known_by", "why", "message", "outcome_at")
OF_PEOPLE = [
    f"{who}__{name}" for who in ("requester", "decided_by") for name in ("username", "first_name", "last_name")
]
OF_REQUESTS = ["id", "number", "shop_id", "operation", "submitted_at", *OF_PEOPLE]


class Key(NamedTuple):
    """Where a line stands in the list: (order number, line) or (request, position)."""

    first: int | str
    second: int


class Page(NamedTuple):
    rows: list[Found]
    before: Key | None  # what stands before the page ends here, None if nothing does
    after: Key | None


class Reader:
    """Who reads, with the shops that the person may read of: {pk: name}. One query, however many searches follow."""

    def __init__(self, person):
        self.person = person
        self.shops = dict(Shop.objects.for_user(person).values_list("pk", "name"))

    def requests(self):
        """As CancellationRequest.objects.for_user, with the shops written out: the database plans better so."""
        requests = CancellationRequest.objects.filter(shop__in=[*self.shops])
        return requests.without_drafts_of_others(self.person).order_by()


class Selection:
    """The lines that fit the filters and that the reader may read, in the order of the list."""

    def __init__(self, filters, reader):
        self._by_number = bool(filters.order_no)
        self._requests = _narrowed(reader.requests(), filters)
        self._conditions = _conditions(filters)
        # From the lines where an index of theirs holds what is looked for, else from the requests.
        self._from_lines = self._by_number or filters.is_rare
        self._of_line, self._of_request = ("", "cancellation__") if self._from_lines else ("lines__", "")
        grows = filters.sort == OLDEST
        self._order = [(f"{self._of_request}id", grows), (f"{self._of_line}position", grows)]  # (column, it grows)
        if self._by_number:
            self._order = [("order_no", True), ("id", False)]

    def key(self, *, pk, order_no, cancellation_id, position):
        return Key(order_no, pk) if self._by_number else Key(cancellation_id, position)

    def rows(self, limit, *, key=None, backwards=False, columns=None):
        """Tuples of the columns behind the key, or the first ones; backwards those before it, the nearest first."""
        order = [(column, grows != backwards) for column, grows in self._order]
        by = [column if grows else f"-{column}" for column, grows in order]
        lines = self._lines(Q() if key is None else self._beyond(order, key))
        if self._from_lines:
            # Without the columns of the request, so that no plan begins at the requests; those only of what is shown.
            lines = OrderLine.objects.filter(pk__in=lines.order_by(*by).values("pk")[:limit])
        return lines.order_by(*by).values_list(*(columns or self.columns()))[:limit]

    def columns(self, of_lines=OF_LINES, of_requests=OF_REQUESTS):
        return [*(self._of_line + name for name in of_lines), *(self._of_request + name for name in of_requests)]

    def count(self, at_most):
        """How many there are; `at_most + 1` says that there are more. It walks as the list does, by the same index."""
        by = [column if grows else f"-{column}" for column, grows in self._order]
        return self._lines(Q()).order_by(*by).values("pk")[: at_most + 1].count()

    def total(self):
        """(how many there are, whether that is all): neither lines nor requests are counted to the end."""
        if self._conditions:
            found = self.count(COUNTED_AT_MOST)
            return min(found, COUNTED_AT_MOST), found <= COUNTED_AT_MOST
        # Every line of a request fits, and a request knows how many it has.
        some = self._requests.values("line_count")[: SUMMED_AT_MOST + 1]
        found = some.aggregate(requests=Count("*"), lines=Sum("line_count"))
        return found["lines"] or 0, found["requests"] <= SUMMED_AT_MOST

    def _beyond(self, order, key):
        """What stands behind the key in this order; the first condition is one that an index can begin at."""
        (first, first_grows), (second, second_grows) = order
        at, behind = ("gte", "gt") if first_grows else ("lte", "lt")
        same = Q(**{f"{second}__{'gt' if second_grows else 'lt'}": key.second})
        begins = Q(**{f"{first}__{at}": key.first})
        if not self._from_lines:  # said of both tables: PostgreSQL does not conclude the one from the other
            begins &= Q(**{f"lines__cancellation__{at}": key.first})
        return begins & (Q(**{f"{first}__{behind}": key.first}) | same)

    def _lines(self, beyond):
        conditions = {f"{self._of_line}{name}": value for name, value in self._conditions.items()}
        if self._from_lines:
            of_the_requests = Exists(self._requests.filter(pk=OuterRef("cancellation")))
            return OrderLine.objects.filter(of_the_requests, beyond, **conditions)
        return self._requests.filter(beyond, lines__isnull=False, **conditions)


def find(filters, reader, *, after=None, before=None):
    """A Page; `after` and `before` are Keys of an earlier page. One query."""
    selection = Selection(filters, reader)
    backwards = before is not None
    rows = [Found(*row) for row in selection.rows(PAGE_SIZE + 1, key=before or after, backwards=backwards)]
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    if backwards:
        rows.reverse()
    if not rows:
        return Page([], None, None)
    more_before, more_after = (more, True) if backwards else (after is not None, more)
    return Page(rows, rows[0].key(selection) if more_before else None, rows[-1].key(selection) if more_after else None)


def total(filters, reader):
    """(how many orders fit, whether that is all of them): it is not counted to the end. One query."""
    return Selection(filters, reader).total()


def count(filters, reader, *, at_most):
    """How many orders fit; `at_most + 1` says that there are more. One query."""
    return Selection(filters, reader).count(at_most)


def after_prefix(prefix):
    """The smallest text that is greater than all texts with the prefix; None if there is none."""
    while prefix:
        code = ord(prefix[-1])
        prefix = prefix[:-1]
        if code < 0x10FFFF:
            return prefix + chr(0xE000 if code == 0xD7FF else code + 1)  # halves of pairs are no characters
    return None


def _conditions(filters):
    """On the lines themselves. A beginning is a range: LIKE would read every row on one database or the other."""
    conditions = {name: getattr(filters, name) for name in ("outcome", "known_by", "why") if getattr(filters, name)}
    if filters.words:
        conditions[reasons.SAYS] = filters.words
    if filters.order_no:
        conditions["order_no__gte"] = filters.order_no
        if end := after_prefix(filters.order_no):
            conditions["order_no__lt"] = end
        if filters.shop is not None:
            conditions["shop"] = filters.shop
    return conditions


def _narrowed(requests, filters):
    """Those of the requests that fit."""
    for name in ("shop", "operation"):
        if (value := getattr(filters, name)) is not None:
            requests = requests.filter(**{name: value})
    if filters.number:
        requests = requests.filter(number=filters.number)
    if filters.requester:
        requests = requests.filter(requester__in=_people(filters.requester))
    if filters.decider:
        requests = requests.filter(decided_by__in=_people(filters.decider))
    if filters.since:
        requests = requests.filter(submitted_at__gte=_midnight(filters.since))
    if filters.until:
        requests = requests.filter(submitted_at__lt=_midnight(filters.until + timedelta(days=1)))
    return requests


def _people(name):
    """Everybody who is called so; people who are gone or work elsewhere by now are found too."""
    full = Trim(Concat("first_name", Value(" "), "last_name"))
    return get_user_model().objects.alias(full=full).filter(Q(username=name) | Q(full=name)).values("pk")


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))
