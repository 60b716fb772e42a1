"""Every order of a search, as texts, a thousand at a time: by key, so that no cursor and no transaction stays open."""

from cancellations.history.search import OF_LINES, OF_PEOPLE, of_requests, select
from cancellations.history.selection import local_text

CHUNK = 1000


def chunks(filters, reader):
    """Lists of tuples. Of the line: id, order number, position, outcome, known by, why, message; of the request: id,
    number, shop, operation, status, reason, names of the two people; as texts: submitted, decided, since when
    the outcome is so.
    """
    selected = select(filters, reader)
    times = [local_text(column) for column in (*map(of_requests, ("submitted_at", "decided_at")), "line.outcome_at")]
    of_request = of_requests("id", "number", "shop_id", "operation", "status", "reason")
    columns = ", ".join([OF_LINES, of_request, OF_PEOPLE, *times])
    key = None
    while rows := selected.rows(columns, CHUNK, key=key):
        yield rows
        if len(rows) < CHUNK:
            return
        pk, order_no, position, _outcome, _known_by, _why, _message, request, *_ = rows[-1]
        key = selected.key(pk=pk, order_no=order_no, position=position, cancellation_id=request)
