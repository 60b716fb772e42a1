"""Every order of a search, a thousand at a time: by key, so that no cursor and no transaction stays open."""

from cancellations.history.search import OF_LINES, of_requests, select
from cancellations.history.selection import OF_PEOPLE, REQUESTS, WITH_PEOPLE, local_text, rows_of

CHUNK = 1000
KEPT = 10_000  # requests


def chunks(filters, reader):
    """Pairs of a list of lines and a dict of requests, in which each of theirs is.

    A line: (id, order number, position, outcome, known by, why, message, since when as text, request id). A request: (
    number, shop id, operation, status, reason, requester, who decided, submitted and decided as texts).
    """
    selected, columns = select(filters, reader), f"{OF_LINES}, {local_text('line.outcome_at')}, line.cancellation_id"
    requests, key = {}, None
    while lines := selected.rows(columns, CHUNK, key=key):
        if len(requests) > KEPT:
            requests.clear()
        requests |= _requests({line[-1] for line in lines}.difference(requests))
        yield lines, requests
        if len(lines) < CHUNK:
            return
        pk, order_no, position, *_, request = lines[-1]
        key = selected.key(pk=pk, order_no=order_no, position=position, cancellation_id=request)


def _requests(keys):
    """{id: what `chunks` says of a request}; apart from the lines, because each has many of them."""
    if not keys:
        return {}
    times = ", ".join(local_text(of_requests(name)) for name in ("submitted_at", "decided_at"))
    columns = f"{of_requests('id', 'number', 'shop_id', 'operation', 'status', 'reason')}, {OF_PEOPLE}, {times}"
    places = ", ".join(["%s"] * len(keys))
    text = f"SELECT {columns} FROM {REQUESTS} {WITH_PEOPLE} WHERE {REQUESTS}.id IN ({places})"  # noqa: S608
    return {key: row for key, *row in rows_of(text, (*keys,))}
