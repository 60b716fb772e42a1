"""Every order of a search as rows, a thousand at a time: by key, so that no cursor and no transaction stays
open."""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import product
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cancellations import words
from cancellations.history.search import OF_LINES, Filters, Reader, of_requests, select
from cancellations.history.selection import OF_PEOPLE, REQUESTS, WITH_PEOPLE, local_text, rows_of
from cancellations.models import CancellationRequest, Operation, OrderLine, ReasonKind
from cancellations.models.lines import label_of

CHUNK = 1000
MAX_KEPT = 10_000  # requests
Lines = list[tuple[Any, ...]]
Requests = dict[int, list[Any]]
Row = tuple[Any, ...]


def chunks(filters: Filters, reader: Reader) -> Iterator[tuple[Lines, Requests]]:
    """Pairs of a list of lines and a dict of requests, in which each of theirs is.

    A line: (id, order number, position, outcome, known by, why, message, since when as text, supplier, warehouse,
    purchaser, yuan that the operation takes away, request id). A request: (number, shop id, operation, status, kind of
    reason, reason, requester, who decided, submitted and decided as texts).
    """
    kept = "line.supplier, line.warehouse, line.purchaser, line.amount"
    wanted = f"{OF_LINES}, {local_text('line.outcome_at')}, {kept}, line.cancellation_id"
    selected = select(filters, reader)
    times = ", ".join(local_text(of_requests(name)) for name in ("submitted_at", "decided_at"))
    own = of_requests("id", "number", "shop_id", "operation", "status", "reason_kind", "reason")
    requests: Requests = {}  # apart from the lines, because each has many of them
    key = None
    while lines := selected.rows(wanted, CHUNK, key=key):
        if len(requests) > MAX_KEPT:
            requests.clear()
        if new := {line[-1] for line in lines}.difference(requests):
            text = f"SELECT {own}, {OF_PEOPLE}, {times} FROM {REQUESTS} {WITH_PEOPLE} WHERE {REQUESTS}.id IN "  # noqa: S608
            places = ", ".join(["%s"] * len(new))
            requests |= {pk: row for pk, *row in rows_of(f"{text} ({places})", (*new,))}
        yield lines, requests
        if len(lines) < CHUNK:
            return
        pk, order_no, position, *_, amount, request = lines[-1]
        key = selected.key(pk=pk, order_no=order_no, position=position, cancellation_id=request, amount=amount)


def columns() -> list[tuple[str, int]]:
    """[(heading, width in characters)] of an export."""
    return [
        (_("Order number"), 20),
        (_("List position"), 8),
        (pgettext("label", "Outcome"), 12),
        (_("Outcome source"), 16),
        (pgettext("label", "Explanation"), 30),
        (_("ERP message"), 40),
        (_("Outcome time"), 20),
        (pgettext("label", "Supplier"), 20),
        (pgettext("label", "Warehouse"), 14),
        (pgettext("label", "Purchaser"), 12),
        (pgettext("label", "Amount (¥)"), 14),
        (_("Request number"), 18),
        (pgettext("label", "Status"), 12),
        (pgettext("label", "Operation"), 14),
        (_("Seller account"), 16),
        (pgettext("reason", "Category"), 14),
        (pgettext("label", "Reason"), 40),
        (pgettext("label", "Requester"), 12),
        (pgettext("label", "Submitted"), 20),
        (pgettext("label", "Approver"), 12),
        (pgettext("label", "Decided"), 20),
    ]


def headings() -> list[str]:
    """The first line of an export."""
    return [heading for heading, _width in columns()]


def as_moment(text: str) -> datetime:
    """The local time of a text as `chunks` makes it, for a program that knows no time zones."""
    return datetime.fromisoformat(text[:19])


def export_rows(
    shops: dict[int, str], clean: Callable[[object], str] = str, moment: Callable[[str], object] = str
) -> Callable[[Lines, Requests], Iterator[Row]]:
    """A function from a chunk to rows; what people or the ERP wrote is cleaned, times are made of texts by `moment`."""
    known, whys = words.history.labels(OrderLine.KnownBy), words.history.labels(OrderLine.Why)
    outcomes = {pair: str(label_of(*pair)) for pair in product(OrderLine.Outcome.values, OrderLine.KnownBy.values)}
    operations, statuses = words.history.labels(Operation), words.history.labels(CancellationRequest.Status)
    reasons = words.history.labels(ReasonKind)

    def rows(lines: Lines, requests: Requests) -> Iterator[Row]:
        of_requests: dict[int, Row] = {}
        for _pk, order_no, position, outcome, known_by, why, message, since, *parties, yuan, request in lines:
            if request not in of_requests:
                number, shop, operation, status, kind, reason, requester, decider, *times = requests[request]
                of_requests[request] = (
                    *(number, statuses[status], operations[operation], clean(shops[shop])),
                    *(reasons[kind], clean(reason)),
                    *(clean(requester), moment(times[0]) if times[0] else ""),
                    *(clean(decider or ""), moment(times[1]) if times[1] else ""),
                )
            yield (
                *(clean(order_no), position, outcomes[outcome, known_by], known[known_by], whys[why]),
                *(clean(message), moment(since) if since else "", *(clean(name or "") for name in parties)),
                *("" if yuan is None else round(Decimal(str(yuan)), 2), *of_requests[request]),
            )

    return rows
