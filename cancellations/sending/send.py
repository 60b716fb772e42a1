"""Sends the next orders of a request, and reads the answer into outcomes."""

from collections import Counter

from django.db import transaction
from django.utils import timezone

from cancellations.models import ApiCall, CancellationRequest, Event, Operation, OrderLine
from cancellations.sending import calls, lease, pace
from cancellations.wdt.answers import read_cancel
from cancellations.wdt.client import CANCEL_BY_TYPE, body_of
from cancellations.wdt.errors import State
from cancellations.workflow import machine

Outcome, KnownBy, Why = OrderLine.Outcome, OrderLine.KnownBy, OrderLine.Why


class _Interfered(Exception):
    """Somebody stopped the request between our look and our claim."""


def send_next(credential, client, cancellation):
    """Sends one call with the next waiting orders of the request. Raises lease.LeaseLost."""
    try:
        call = _claim(credential, cancellation)
    except _Interfered:
        return
    answer = client.call(call.method, call.body)
    calls.insist(_record, credential, call, answer)


@transaction.atomic
def _claim(credential, cancellation):
    """The write-ahead: the call and its lines are SENDING before anything goes out."""
    waiting = cancellation.lines.filter(outcome=Outcome.WAITING).order_by("position")
    chunk = list(waiting.values_list("pk", "order_no")[: credential.shop.orders_per_call])
    call = calls.write_ahead(
        credential,
        purpose=ApiCall.Purpose.SEND,
        method=CANCEL_BY_TYPE,
        body=_body(cancellation, [order_no for _, order_no in chunk]),
        cancellation=cancellation,
    )
    claimed = OrderLine.objects.filter(
        pk__in=[pk for pk, _ in chunk],
        outcome=Outcome.WAITING,
        cancellation__status__in=CancellationRequest.SENDABLE,
    ).update(outcome=Outcome.SENDING, sent_in=call, outcome_at=call.started_at)
    if not chunk or claimed != len(chunk):
        raise _Interfered
    return call


def _body(cancellation, order_nos):
    """cancelByType's only argument (the vendor's page, 3.3)."""
    return body_of(
        {
            "operate_type": int(cancellation.operation),
            "purchase_no_list": order_nos,
            "allow_cancel_checked_order": int(cancellation.allow_checked),
        }
    )


@transaction.atomic
def _record(credential, call, answer):
    """The answer, its conclusions for the lines, the request and the account, and the event, all or nothing."""
    calls.finish(call, answer)
    # On SQLite the transaction holds the only write lock; on PostgreSQL this keeps 'stop' out until we are done.
    cancellation = CancellationRequest.objects.select_for_update().select_related("shop").get(pk=call.cancellation_id)
    changes, park = pace.after(credential, answer)
    news = credential.waiting_for != changes["waiting_for"]
    if answer.state is State.NOT_EXECUTED:
        _put_back(call, cancellation)
        if news or not changes["waiting_for"]:
            _tell_not_executed(call, cancellation, answer)
    else:
        counts = _record_outcomes(call, answer)
        calls.start_if_approved(cancellation)
        _tell(Event.Kind.SENT, call, cancellation, **counts)
    reason = CancellationRequest.PauseReason.RATE if park else calls.pauses(answer)
    if reason and cancellation.status in CancellationRequest.SENDABLE:
        machine.pause(cancellation, reason=reason, message=answer.message)
    try:
        lease.renew(credential, **changes)
    except lease.LeaseLost:
        # What is known of the orders is kept all the same; the slice finds out at its next write-ahead.
        return


def _put_back(call, cancellation):
    """Nothing was executed: the lines wait again, unless the request was stopped in the meantime."""
    lines = call.lines.filter(outcome=Outcome.SENDING)
    if cancellation.status in CancellationRequest.IN_PROGRESS:
        lines.update(outcome=Outcome.WAITING, sent_in=None, outcome_at=None)
    else:
        lines.update(outcome=Outcome.SKIPPED, sent_in=None, outcome_at=timezone.now())


def _record_outcomes(call, answer):
    """Writes what the answer says of each order; returns the counts by outcome.

    A line that was taken for UNKNOWN in the meantime learns the truth now.
    """
    lines = list(call.lines.filter(outcome__in=[Outcome.SENDING, Outcome.UNKNOWN]))
    if answer.state is State.UNKNOWN:
        for line in lines:
            _set(line, Outcome.UNKNOWN, why=Why.NO_ANSWER, message=answer.message)
    else:
        result = read_cancel(answer.data, [line.order_no for line in lines])
        for line in lines:
            _conclude(line, result)
    OrderLine.objects.bulk_update(
        lines, ["outcome", "known_by", "why", "message", "outcome_at", "settle_at", "settle_count"]
    )
    return dict(Counter(str(line.outcome) for line in lines))


def _conclude(line, result):
    if line.order_no in result.refused:
        _set(line, Outcome.REFUSED, KnownBy.REPORTED, message=result.refused[line.order_no])
    elif line.order_no in result.unclear:
        _set(line, Outcome.UNKNOWN, why=Why.UNCLEAR, message=result.unclear[line.order_no])
    else:
        _set(line, Outcome.DONE, KnownBy.REPORTED, why="" if result.proved else Why.UNNAMED)


def _set(line, outcome, known_by="", *, why="", message=""):
    """What is done or unknown is to be settled by asking the ERP; a refusal in the ERP's words stands."""
    now = timezone.now()
    line.outcome, line.known_by, line.why, line.message = outcome, known_by, why, message[:500]
    line.outcome_at, line.settle_count = now, 0
    line.settle_at = None if outcome == Outcome.REFUSED or not provable(line, outcome) else now


def provable(line, outcome):
    """Whether asking could tell anything: what 'WMS stop waiting' changes in an order is not documented."""
    return outcome == Outcome.UNKNOWN or line.operation != Operation.WMS_STOP_WAITING


def _tell_not_executed(call, cancellation, answer):
    _tell(Event.Kind.NOT_EXECUTED, call, cancellation, note=answer.message, why=str(answer.why))


def _tell(kind, call, cancellation, *, note="", **data):
    Event.write(
        kind,
        by=None,
        shop=cancellation.shop,
        cancellation=cancellation,
        at=call.finished_at,
        note=note[:500],
        call=call.pk,
        **data,
    )
