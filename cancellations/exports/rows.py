"""Every order of a search as rows of texts, a thousand at a time: by key, so that no cursor and no transaction stays
open."""

from collections.abc import Callable, Collection, Iterator
from decimal import Decimal
from itertools import product
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cancellations import words
from cancellations.history.search import OF_LINES, Filters, Reader, of_requests, select
from cancellations.history.selection import OF_PEOPLE, REQUESTS, WITH_PEOPLE, local_text, rows_of
from cancellations.models import CancellationRequest, Operation, OrderLine
from cancellations.models.lines import label_of

CHUNK = 1000
MAX_KEPT = 10_000  # requests
AT_STAKE = "(SELECT at_stake FROM cancellations_ordersnapshot WHERE id = line.snapshot_id)"
Lines = list[tuple[Any, ...]]
Requests = dict[int, list[Any]]
Row = tuple[Any, ...]


def chunks(filters: Filters, reader: Reader) -> Iterator[tuple[Lines, Requests]]:
    """Pairs of a list of lines and a dict of requests, in which each of theirs is.

    A line: (id, order number, position, outcome, known by, why, message, since when as text, yuan that the operation
    takes away, request id). A request: (number, shop id, operation, status, reason, requester, who decided, submitted
    and decided as texts).
    """
    columns = f"{OF_LINES}, {local_text('line.outcome_at')}, {AT_STAKE}, line.cancellation_id"
    selected = select(filters, reader)
    requests: Requests = {}
    key = None
    while lines := selected.rows(columns, CHUNK, key=key):
        if len(requests) > MAX_KEPT:
            requests.clear()
        requests |= _requests({line[-1] for line in lines}.difference(requests))
        yield lines, requests
        if len(lines) < CHUNK:
            return
        pk, order_no, position, *_, request = lines[-1]
        key = selected.key(pk=pk, order_no=order_no, position=position, cancellation_id=request)


def _requests(keys: Collection[int]) -> Requests:
    """{id: what `chunks` says of a request}; apart from the lines, because each has many of them."""
    if not keys:
        return {}
    times = ", ".join(local_text(of_requests(name)) for name in ("submitted_at", "decided_at"))
    columns = f"{of_requests('id', 'number', 'shop_id', 'operation', 'status', 'reason')}, {OF_PEOPLE}, {times}"
    places = ", ".join(["%s"] * len(keys))
    text = f"SELECT {columns} FROM {REQUESTS} {WITH_PEOPLE} WHERE {REQUESTS}.id IN ({places})"  # noqa: S608
    return {key: row for key, *row in rows_of(text, (*keys,))}


def headings() -> list[str]:
    """The first line of an export."""
    return [
        _("Order number"),
        _("List position"),
        pgettext("label", "Outcome"),
        _("Outcome source"),
        pgettext("label", "Explanation"),
        _("ERP message"),
        _("Outcome time"),
        pgettext("label", "Amount (¥)"),
        _("Request number"),
        pgettext("label", "Status"),
        pgettext("label", "Operation"),
        _("Seller account"),
        pgettext("label", "Reason"),
        pgettext("label", "Requester"),
        pgettext("label", "Submitted"),
        pgettext("label", "Approver"),
        pgettext("label", "Decided"),
    ]


def export_rows(
    shops: dict[int, str], clean: Callable[[object], str] = str
) -> Callable[[Lines, Requests], Iterator[Row]]:
    """A function from a chunk to rows of texts; what people or the ERP wrote is cleaned."""
    known, whys = words.history.labels(OrderLine.KnownBy), words.history.labels(OrderLine.Why)
    outcomes = {pair: str(label_of(*pair)) for pair in product(OrderLine.Outcome.values, OrderLine.KnownBy.values)}
    of_request = _request_texts(shops, clean)

    def rows(lines: Lines, requests: Requests) -> Iterator[Row]:
        of_requests = {}
        for _pk, order_no, position, outcome, known_by, why, message, since, yuan, request in lines:
            if request not in of_requests:
                of_requests[request] = of_request(*requests[request])
            yield (
                *(clean(order_no), position, outcomes[outcome, known_by], known[known_by], whys[why]),
                *(clean(message), since or "", "" if yuan is None else f"{Decimal(yuan):.2f}", *of_requests[request]),
            )

    return rows


def _request_texts(shops: dict[int, str], clean: Callable[[object], str]) -> Callable[..., Row]:
    operations, statuses = words.history.labels(Operation), words.history.labels(CancellationRequest.Status)

    def texts(
        number: str,
        shop: int,
        operation: int,
        status: str,
        reason: str,
        requester: str,
        decider: str | None,
        submitted: str | None,
        decided: str | None,
    ) -> Row:
        return (
            *(number, statuses[status], operations[operation], clean(shops[shop]), clean(reason)),
            *(clean(requester), submitted or "", clean(decider or ""), decided or ""),
        )

    return texts
