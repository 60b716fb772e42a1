"""Sends the next orders of a request, and reads the answers into outcomes.

At the ERP's own pace one call is written ahead, made and recorded at a time. Where an account may be called faster,
some calls are written ahead together: those that fit into AHEAD seconds. If the sender is gone before their answers
are recorded, all of them may have been carried out, and the ERP is asked about all of their orders.
"""

import time
from collections import Counter
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from cancellations import sending
from cancellations.models import ApiCall, CancellationRequest, Event, Operation, OrderLine
from cancellations.sending import calls, lease, pace, problems
from cancellations.sending.statements import update_each
from cancellations.wdt.answers import Answer, CancelResult, read_cancel
from cancellations.wdt.client import CANCEL_BY_TYPE, body_of
from cancellations.wdt.errors import State
from cancellations.workflow import machine

Outcome, KnownBy, Why = OrderLine.Outcome, OrderLine.KnownBy, OrderLine.Why
AHEAD = 0.5  # seconds
MAX_AHEAD = 500  # calls
LOOK_AFTER = 0.05  # seconds; within a batch, how often it is asked whether somebody has stopped the request
NOT_MADE = "not_made"


class _Interfered(Exception):
    """Somebody stopped the request between our look and our claim."""


class _Sending(NamedTuple):
    """A call that is written down, and its orders."""

    call: ApiCall
    order_nos: list[str]


class _Made(NamedTuple):
    """The same after the call; the rest is None if it was not made after all."""

    call: ApiCall
    order_nos: list[str]
    answer: Answer | None = None
    called_at: datetime | None = None


def send_next(credential, client, cancellation):
    """Sends one call, or as many as AHEAD allows, with the next waiting orders. Raises lease.LeaseLost."""
    try:
        batch = _claim(credential, cancellation)
    except _Interfered:
        return
    made = _make(credential, client, batch)
    calls.retry_until_recorded(_record, credential, cancellation.pk, made)


@transaction.atomic
def _claim(credential, cancellation):
    """The write-ahead: the calls and their lines are SENDING before anything goes out."""
    in_a_call = credential.shop.orders_per_call
    waiting = cancellation.lines.filter(outcome=Outcome.WAITING).order_by("position")
    rows = list(waiting.values_list("order_no", "position")[: in_a_call * _how_many(credential)])
    chunks = [rows[first : first + in_a_call] for first in range(0, len(rows), in_a_call)]
    numbers = [[order_no for order_no, _ in chunk] for chunk in chunks]
    written = calls.write_ahead(
        credential,
        purpose=ApiCall.Purpose.SEND,
        method=CANCEL_BY_TYPE,
        bodies=[_body(cancellation, order_nos) for order_nos in numbers],
        cancellation=cancellation,
    )
    last_positions = [chunk[-1][1] for chunk in chunks]
    if not rows or _claim_lines(cancellation, written, last_positions) != len(rows):
        raise _Interfered
    return [_Sending(*pair) for pair in zip(written, numbers, strict=True)]


def _how_many(credential):
    """How many calls are made within AHEAD seconds at the account's pace, at least one."""
    seconds = float(credential.shop.seconds_between_calls)
    return MAX_AHEAD if seconds * MAX_AHEAD <= AHEAD else max(1, int(AHEAD / seconds))


def _claim_lines(cancellation, written, last_positions):
    """Lays the waiting lines to the calls in the order of the list; returns how many lines those are.

    Nothing if the request may not be sent any more: its lines are on their way to being skipped.
    """
    if calls.locked(cancellation.pk).status not in CancellationRequest.SENDABLE:
        return 0
    return update_each(
        OrderLine,
        ["outcome", "sent_in", "outcome_at"],
        "cancellation_id = %s AND outcome = %s AND position <= %s",
        [
            (Outcome.SENDING.value, call.pk, call.started_at, cancellation.pk, Outcome.WAITING.value, last)
            for call, last in zip(written, last_positions, strict=True)
        ],
    )


def _body(cancellation, order_nos):
    """cancelByType's only argument (the vendor's page, 3.3)."""
    return body_of(
        {
            "operate_type": int(cancellation.operation),
            "purchase_no_list": order_nos,
            "allow_cancel_checked_order": int(cancellation.allow_checked),
        }
    )


def _make(credential, client, batch):
    """Makes the calls one after the other, at the pace; the first that does not go well is the last one."""
    pause, give_up_at = float(credential.shop.seconds_between_calls), time.monotonic() + 2 * AHEAD
    looked_at = time.monotonic()
    made, goes_on = [], True
    for number, one in enumerate(batch):
        if number and goes_on:
            if pause:
                time.sleep(pause)
            if time.monotonic() - looked_at > LOOK_AFTER:
                goes_on, looked_at = _is_still_wanted(one.call), time.monotonic()
        exchange = calls.make(client, one.call) if goes_on else ()
        made.append(_Made(*one, *exchange))
        goes_on = goes_on and made[-1].answer.state is State.ANSWERED and time.monotonic() < give_up_at
    return made


def _is_still_wanted(call):
    """Whether nobody has stopped the request, or this process, since the calls were written ahead."""
    if sending.stopping.is_set():
        return False
    wanted = CancellationRequest.objects.filter(pk=call.cancellation_id, status__in=CancellationRequest.SENDABLE)
    return wanted.filter(shop__paused_at__isnull=True).exists()


@transaction.atomic
def _record(credential, cancellation_pk, made):
    """The answers, their conclusions for the lines, the request and the account, and the events, all or nothing."""
    cancellation = calls.locked(cancellation_pk)
    answered = [one for one in made if one.answer is not None]
    last = answered[-1]
    calls.finish_all([(one.call, one.answer) for one in answered])
    changes, park = pace.after(credential, last.answer, last.called_at)
    not_executed = [last] if last.answer.state is State.NOT_EXECUTED else []
    _put_back([*not_executed, *(one for one in made if one.answer is None)], cancellation)
    if not_executed:
        if credential.waiting_for != changes["waiting_for"] or not changes["waiting_for"]:
            _tell(Event.Kind.NOT_EXECUTED, [last], cancellation, note=last.answer.message, why=str(last.answer.why))
        answered.pop()
    if answered:
        counts = _record_outcomes(answered, cancellation.operation)
        calls.start_if_approved(cancellation)
        _tell(Event.Kind.SENT, answered, cancellation, **counts)
    try:
        lease.renew(credential, **changes)
    except lease.LeaseLost:
        # What is known of the orders is kept all the same, but whoever sends now knows better whether it can go on.
        return
    problem = problems.that_pauses(last.answer, waited_in_vain=park)
    if problem and cancellation.status in CancellationRequest.SENDABLE:
        machine.pause(cancellation, reason=problem, message=last.answer.message)


def _put_back(unmade, cancellation):
    """Nothing was executed: the lines wait again, unless the request was stopped in the meantime."""
    if not unmade:
        return
    now = timezone.now()
    ApiCall.objects.filter(pk__in=[one.call.pk for one in unmade], state=ApiCall.State.IN_FLIGHT).update(
        state=ApiCall.State.NOT_EXECUTED, problem=NOT_MADE, finished_at=now
    )
    lines = OrderLine.objects.filter(sent_in__in=[one.call.pk for one in unmade], outcome=Outcome.SENDING)
    if cancellation.status in CancellationRequest.IN_PROGRESS:
        lines.update(outcome=Outcome.WAITING, sent_in=None, outcome_at=None)
    else:
        skipped = lines.update(outcome=Outcome.SKIPPED, sent_in=None, outcome_at=now)
        if skipped:
            about = {"calls": [one.call.pk for one in unmade], "not_sent": skipped}
            Event.write(
                Event.Kind.NOT_SENT, by=None, shop=cancellation.shop, cancellation=cancellation, at=now, **about
            )


def _record_outcomes(made, operation):
    """Writes what the answers say of each order; returns the counts by outcome.

    A line that was taken for UNKNOWN in the meantime learns the truth now.
    """
    results = [(one, _result(one)) for one in made]
    counts = Counter(
        {str(Outcome.DONE): _set_done([one.call.pk for one, result in results if result.proved], operation)}
    )
    for one, result in results:
        if not result.proved:
            counts += _record_mixed(one, result)
    return dict(+counts)


def _result(one):
    """What the answer says of each order; where there is no usable one, all of them are unclear."""
    if one.answer.state is State.UNKNOWN:
        return CancelResult(unclear=dict.fromkeys(one.order_nos, one.answer.message))
    return read_cancel(one.answer.data, one.order_nos)


def _set_done(call_pks, operation):
    """Everything in these calls was done, say their answers; returns how many lines that are."""
    now = timezone.now()
    return _learning(call_pks).update(
        outcome=Outcome.DONE,
        known_by=KnownBy.REPORTED,
        why="",
        message="",
        outcome_at=now,
        settle_count=0,
        settle_at=now if provable(operation, Outcome.DONE) else None,
    )


def _learning(call_pks):
    """The lines of calls that an answer tells something of; a line whose fate is known by other means is none."""
    return OrderLine.objects.filter(sent_in__in=call_pks, outcome__in=[Outcome.SENDING, Outcome.UNKNOWN])


def _record_mixed(one, result):
    lines = list(_learning([one.call.pk]))
    unclear = Why.NO_ANSWER if one.answer.state is State.UNKNOWN else Why.UNCLEAR
    for line in lines:
        _conclude(line, result, unclear)
    OrderLine.objects.bulk_update(
        lines, ["outcome", "known_by", "why", "message", "outcome_at", "settle_at", "settle_count"]
    )
    return Counter(str(line.outcome) for line in lines)


def _conclude(line, result, unclear):
    if line.order_no in result.refused:
        _set(line, Outcome.REFUSED, KnownBy.REPORTED, message=result.refused[line.order_no])
    elif line.order_no in result.unclear:
        _set(line, Outcome.UNKNOWN, why=unclear, message=result.unclear[line.order_no])
    else:
        _set(line, Outcome.DONE, KnownBy.REPORTED, why=Why.UNNAMED)


def _set(line, outcome, known_by="", *, why="", message=""):
    """What is done or unknown is to be settled by asking the ERP; a refusal in the ERP's words stands."""
    now = timezone.now()
    line.outcome, line.known_by, line.why, line.message = outcome, known_by, why, message[:500]
    line.outcome_at, line.settle_count = now, 0
    line.settle_at = None if outcome == Outcome.REFUSED or not provable(line.operation, outcome) else now


def provable(operation, outcome):
    """Whether asking could tell anything: what 'WMS stop waiting' changes in an order is not documented."""
    return outcome == Outcome.UNKNOWN or operation != Operation.WMS_STOP_WAITING


def _tell(kind, made, cancellation, *, note="", **data):
    calls_made = [one.call.pk for one in made]
    Event.write(
        kind,
        by=None,
        shop=cancellation.shop,
        cancellation=cancellation,
        at=made[-1].call.finished_at,
        note=note[:500],
        calls=calls_made,
        **data,
    )
