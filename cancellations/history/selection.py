"""The statement that finds order lines. It is SQL of our own: the ORM takes longer to build it than the database needs
to carry it out (docs/decisions/0009). Who may read what is not written here: it comes from the models, as a condition.

Each statement begins at the table whose index holds what is looked for, in the order of the list, so that it ends with
the page. With an order number, or for an outcome that few orders have, these are the lines; otherwise the requests.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from cancellations.figures import reasons
from cancellations.models import CancellationRequest, OrderLine, Person

if TYPE_CHECKING:
    from cancellations.history.search import Filters

OLDEST = "oldest"
MAX_COUNTED = 1_000  # orders: finding a page must not take longer because of its total
MAX_SUMMED = 1_000  # requests
RARE = (OrderLine.Outcome.UNKNOWN, OrderLine.KnownBy.BY_HAND)  # of which an index of their own holds the lines
HAS_A_MESSAGE = "NOT (line.message = '')"  # as the index of those lines has it, and not as a parameter

LINES, REQUESTS, PEOPLE = (model._meta.db_table for model in (OrderLine, CancellationRequest, Person))
FROM_LINES = f"{LINES} line JOIN {REQUESTS} ON {REQUESTS}.id = line.cancellation_id"
FROM_REQUESTS = f"{REQUESTS} JOIN {LINES} line ON line.cancellation_id = {REQUESTS}.id"
# Who is behind a request, for the columns of its people.
WITH_PEOPLE = f"""
    JOIN {PEOPLE} requester ON requester.id = {REQUESTS}.requester_id
    LEFT JOIN {PEOPLE} decider ON decider.id = {REQUESTS}.decided_by_id
"""
# As Person.__str__ calls them; a machine is told from a person, with whom it asked for: `SAP-01 (API: 张三)`.
OF_MACHINES = f"""
    CASE WHEN requester.is_machine
        THEN ' (API' || CASE WHEN {REQUESTS}.on_behalf_of = '' THEN '' ELSE ': ' || {REQUESTS}.on_behalf_of END || ')'
        ELSE '' END
"""
OF_PEOPLE = (
    f"COALESCE(NULLIF(requester.name, ''), requester.username) || {OF_MACHINES}, "
    "COALESCE(NULLIF(decider.name, ''), decider.username)"
)


Parameters = tuple[Any, ...]
Order = list[tuple[str, bool]]  # (column, it grows)


class Key(NamedTuple):
    """Where a line stands in the list: (order number, line), (yuan as text, line) or (request, position)."""

    first: int | str
    second: int


class Condition(NamedTuple):
    text: str
    parameters: Parameters = ()


class Total(NamedTuple):
    """How many orders are found and whether that is all; then also the yuan of all of them, and of those done."""

    orders: int
    is_all: bool
    amount: Decimal | None = None
    amount_done: Decimal | None = None


class Selection:
    """The lines that fit the filters, of those of the `requests` (a queryset) that the reader may read and that fit.

    `few`: the keys of these requests, where there are so few that the lines of each are looked through.
    """

    def __init__(
        self, filters: "Filters", requests: QuerySet[CancellationRequest], few: Sequence[int] | None = None
    ) -> None:
        # The requests are walked in the order of the list. With an index of the days instead, SQLite would sort all
        # lines of the days before it could show the first; the sign keeps it from that.
        submitted_at = f"+{REQUESTS}.submitted_at" if connection.vendor == "sqlite" else f"{REQUESTS}.submitted_at"
        of_requests = [_condition_of(requests)]
        if filters.since:
            of_requests.append(Condition(f"{submitted_at} >= %s", (_midnight(filters.since),)))
        if filters.until:
            end = _midnight(filters.until + timedelta(days=1))
            of_requests.append(Condition(f"{submitted_at} < %s", (end,)))
        self._of_requests = _both(*of_requests)
        self._of_lines = _conditions_on_lines(filters)
        self._by_number = bool(filters.order_no)
        # Largest first, unless a supplier is looked for: an index holds the supplier's orders in the order of the list.
        self._by_amount = filters.amount is not None and not (self._by_number or filters.supplier)
        self._from_lines = bool(
            self._by_number
            or self._by_amount
            or filters.supplier
            or filters.outcome in RARE
            or filters.known_by in RARE
            or _only_messages(filters)
        )
        if few is not None:
            keys = ", ".join(["%s"] * len(few)) or "NULL"
            self._of_lines.append(Condition(f"line.cancellation_id IN ({keys})", (*few,)))
        grows = filters.sort == OLDEST
        request = "line.cancellation_id" if self._from_lines else f"{REQUESTS}.id"
        self._order = [(request, grows), ("line.position", grows)]  # (column, it grows)
        if self._by_number:
            self._order = [("line.order_no", True), ("line.id", False)]
        if self._by_amount:
            self._order = [("line.amount", False), ("line.id", False)]

    def key(self, *, pk: int, order_no: str, cancellation_id: int, position: int, amount: Any) -> Key:
        """Where this line stands in the order of the list."""
        if self._by_amount:
            return Key(str(amount), pk)
        return Key(order_no, pk) if self._by_number else Key(cancellation_id, position)

    def rows(
        self, columns: str, limit: int, *, joined: str = "", key: Key | None = None, backwards: bool = False
    ) -> list[tuple[Any, ...]]:
        """Tuples of the columns (SQL) behind the key, or the first ones; backwards those before it, nearest first."""
        return rows_of(*self.statement(columns, limit, joined=joined, key=key, backwards=backwards))

    def statement(
        self, columns: str, limit: int, *, joined: str = "", key: Key | None = None, backwards: bool = False
    ) -> tuple[str, Parameters]:
        """(SQL, parameters) of `rows`."""
        order = [(column, grows != backwards) for column, grows in self._order]
        found = self._conditions(order, key)
        tables, by = FROM_REQUESTS, _by(order)
        if self._from_lines:
            # Without the columns of the request, so that no plan begins at the requests; those only of what is shown.
            text = f"SELECT line.id FROM {LINES} line WHERE {found.text} ORDER BY {by} LIMIT %s"  # noqa: S608
            tables, found = FROM_LINES, Condition(f"line.id IN ({text})", (*found.parameters, limit))
        text = f"SELECT {columns} FROM {tables} {joined} WHERE {found.text} ORDER BY {by} LIMIT %s"  # noqa: S608
        return text, (*found.parameters, limit)

    def requests(self, at_most: int) -> list[int]:
        """The keys of the requests, in no order."""
        text = f"SELECT id FROM {REQUESTS} WHERE {self._of_requests.text} LIMIT %s"  # noqa: S608
        return [pk for (pk,) in rows_of(text, (*self._of_requests.parameters, at_most))]

    def count(self, at_most: int) -> int:
        """How many there are; `at_most + 1` says that there are more. It walks as the list does, by the same index."""
        some, parameters = self._some("1", at_most)
        [(count,)] = rows_of(f"SELECT COUNT(*) FROM ({some}) AS found", parameters)  # noqa: S608
        return int(count)

    def _some(self, columns: str, at_most: int) -> tuple[str, Parameters]:
        """(SQL, parameters) of the columns of the first `at_most + 1` of the list."""
        found, by = self._conditions(self._order, None), _by(self._order)
        tables = f"{LINES} line" if self._from_lines else FROM_REQUESTS
        some = f"SELECT {columns} FROM {tables} WHERE {found.text} ORDER BY {by} LIMIT %s"  # noqa: S608
        return some, (*found.parameters, at_most + 1)

    def total(self) -> Total:
        """What is found in all: neither lines nor requests are counted to the end."""
        if self._of_lines:
            return self._counted()
        # Every line of a request fits, and a request knows how many it has.
        some = f"SELECT line_count FROM {REQUESTS} WHERE {self._of_requests.text} LIMIT %s"  # noqa: S608
        text = f"SELECT COUNT(*), SUM(line_count) FROM ({some}) AS found"  # noqa: S608
        [(requests, lines)] = rows_of(text, (*self._of_requests.parameters, MAX_SUMMED + 1))
        if requests <= MAX_SUMMED and (lines or 0) <= MAX_COUNTED:
            return self._counted()
        return Total(lines or 0, requests <= MAX_SUMMED)

    def _counted(self) -> Total:
        some, parameters = self._some("line.amount, line.outcome", MAX_COUNTED)
        sums = "COUNT(*), SUM(amount), SUM(CASE WHEN outcome = 'DONE' THEN amount END)"
        [(found, every, done)] = rows_of(f"SELECT {sums} FROM ({some}) AS found", parameters)  # noqa: S608
        if found > MAX_COUNTED:
            return Total(MAX_COUNTED, False)
        return Total(found, True, Decimal(str(every or 0)), Decimal(str(done or 0)))

    def _conditions(self, order: Order, key: Key | None) -> Condition:
        """What a line and its request must be, and behind the key."""
        of_requests = self._of_requests
        if self._from_lines:
            one = f"SELECT 1 FROM {REQUESTS} WHERE {of_requests.text} AND {REQUESTS}.id = line.cancellation_id"  # noqa: S608
            of_requests = Condition(f"EXISTS ({one})", of_requests.parameters)
        conditions = [of_requests, *self._of_lines]
        if key:
            (first, first_grows), (second, second_grows) = order
            behind, behind_second = (">" if grows else "<" for grows in (first_grows, second_grows))
            conditions.append(Condition(f"{first} {behind}= %s", (key.first,)))  # an index can begin at this one
            if first == f"{REQUESTS}.id":  # said of both tables: PostgreSQL does not conclude the one from the other
                conditions.append(Condition(f"line.cancellation_id {behind}= %s", (key.first,)))
            conditions.append(Condition(f"({first} {behind} %s OR {second} {behind_second} %s)", key))
        return _both(*conditions)


def _both(*conditions: Condition) -> Condition:
    parameters = tuple(each for condition in conditions for each in condition.parameters)
    return Condition(" AND ".join(condition.text for condition in conditions), parameters)


def _by(order: Order) -> str:
    return ", ".join(f"{column} {'ASC' if grows else 'DESC'}" for column, grows in order)


def _condition_of(queryset: QuerySet[Any], name: str = "") -> Condition:
    """What the queryset filters by, as SQL on its table, which the statement may call by another name."""
    query = queryset.query
    if name:
        query.where.relabel_aliases({queryset.model._meta.db_table: name})
    try:
        return Condition(*query.get_compiler(connection=connection).compile(query.where))
    except EmptyResultSet:  # that nothing fits is clear without the database
        return Condition("1 = 0")


def _midnight(day: date) -> Any:
    midnight = timezone.make_aware(datetime.combine(day, time.min))
    return connection.ops.adapt_datetimefield_value(midnight)


def _conditions_on_lines(filters: "Filters") -> list[Condition]:
    """On the lines themselves. A beginning is a range: LIKE would read every row on one database or the other."""
    columns = ("outcome", "known_by", "why", "supplier", "warehouse", "purchaser")
    names = [name for name in columns if getattr(filters, name)]
    conditions = [Condition(f"line.{name} = %s", (getattr(filters, name),)) for name in names]
    if filters.words:
        said = _condition_of(OrderLine.objects.filter(**{reasons.SAYS: filters.words}), name="line")
        # PostgreSQL would take it for granted that few say so, and sort all of them instead of walking.
        conditions.append(Condition(f"CASE WHEN {said.text} THEN TRUE ELSE FALSE END", said.parameters))
        if _only_messages(filters):
            conditions.append(Condition(HAS_A_MESSAGE))
    if filters.amount is not None:
        conditions.append(Condition("line.amount >= %s", (str(filters.amount),)))
    if filters.order_no:
        conditions.append(Condition("line.order_no >= %s", (filters.order_no,)))
        if end := after_prefix(filters.order_no):
            conditions.append(Condition("line.order_no < %s", (end,)))
        if filters.shop is not None:
            conditions.append(Condition("line.shop_id = %s", (filters.shop,)))
    return conditions


def _only_messages(filters: "Filters") -> bool:
    """Whether the index of the lines with a message leads. Nearly all that was refused has one: its own index is as
    good, and PostgreSQL, which takes the two conditions for independent, would expect few and sort all of them."""
    has_words = filters.words and not reasons.finds_silence(filters.words)
    return bool(has_words) and filters.outcome != OrderLine.Outcome.REFUSED


def after_prefix(prefix: str) -> str | None:
    """The smallest text that is greater than all texts with the prefix; None if there is none."""
    while prefix:
        code = ord(prefix[-1])
        prefix = prefix[:-1]
        if code < 0x10FFFF:
            return prefix + chr(0xE000 if code == 0xD7FF else code + 1)  # halves of pairs are no characters
    return None


def local_text(column: str) -> str:
    """A time as text in the application's zone, with its offset: made by the database, which is quicker at it."""
    now = timezone.localtime()
    if connection.vendor == "sqlite":
        hours = (now.utcoffset() or timedelta()) / timedelta(hours=1)
        text = f"strftime('%%Y-%%m-%%d %%H:%%M:%%S', {column}, '{hours:+g} hours')"
    else:
        text = f"to_char({column} AT TIME ZONE '{settings.TIME_ZONE}', 'YYYY-MM-DD HH24:MI:SS')"
    return f"{text} || '{now:%z}'"


def rows_of(statement: str, parameters: Parameters) -> list[tuple[Any, ...]]:
    """All rows that the statement finds."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
