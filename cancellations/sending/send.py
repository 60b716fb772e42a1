"""Sends the next orders of a request, and reads the answers into outcomes.

At the ERP's own pace one call is written ahead, made and recorded at a time. Where an account may be called faster,
some calls are written ahead together: those that fit into AHEAD seconds. If the sender is gone before their answers
are recorded, all of them may have been carried out, and the ERP is asked about all of their orders.
"""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models.expressions import RawSQL
from django.utils import timezone

from cancellations import sending
from cancellations.models import ApiCall, CancellationRequest, Credential, Event, Operation, OrderLine
from cancellations.sending import calls, lease, pace, problems
from cancellations.sending.statements import update_each
from cancellations.wdt.answers import Answer, CancelResult, read_cancel
from cancellations.wdt.client import CANCEL_BY_TYPE, Client, body_of
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
    """The same after the call."""

    call: ApiCall
    order_nos: list[str]
    answer: Answer
    called_at: datetime


def send_next(credential: Credential, client: Client, cancellation: CancellationRequest) -> None:
    """Sends one call, or as many as AHEAD allows, with the next waiting orders. Raises lease.LeaseLost."""
    try:
        batch = _claim(credential, cancellation)
    except _Interfered:
        return
    made = _make(credential, client, batch)
    calls.retry_until_recorded(_record, credential, cancellation.pk, made, batch[len(made) :])


@transaction.atomic
def _claim(credential: Credential, cancellation: CancellationRequest) -> list[_Sending]:
    """The write-ahead: the calls and their lines are SENDING before anything goes out."""
    in_a_call, seconds = credential.shop.orders_per_call, float(credential.shop.seconds_between_calls)
    how_many = MAX_AHEAD if seconds * MAX_AHEAD <= AHEAD else max(1, int(AHEAD / seconds))  # calls
    waiting = cancellation.lines.filter(outcome=Outcome.WAITING).order_by("position")
    rows = list(waiting.values_list("order_no", "position")[: in_a_call * how_many])
    chunks = [rows[first : first + in_a_call] for first in range(0, len(rows), in_a_call)]
    numbers = [[order_no for order_no, _ in chunk] for chunk in chunks]
    operation, option = int(cancellation.operation), int(cancellation.allow_checked)
    bodies = [  # cancelByType's only argument (the vendor's page, 3.3)
        body_of({"operate_type": operation, "purchase_no_list": order_nos, "allow_cancel_checked_order": option})
        for order_nos in numbers
    ]
    written = calls.write_ahead(
        credential,
        purpose=ApiCall.Purpose.SEND,
        method=CANCEL_BY_TYPE,
        bodies=bodies,
        cancellation=cancellation,
    )
    # The lines of a request that may not be sent any more are on their way to being skipped.
    if not rows or calls.locked(cancellation.pk).status not in CancellationRequest.SENDABLE:
        raise _Interfered
    claimed = _mark(cancellation, written, [(chunk[0][1], chunk[-1][1]) for chunk in chunks])
    if claimed != len(rows):
        raise _Interfered
    return [_Sending(*pair) for pair in zip(written, numbers, strict=True)]


def _mark(cancellation: CancellationRequest, written: list[ApiCall], spans: list[tuple[int, int]]) -> int:
    """Makes the waiting lines SENDING, in the calls whose (first, last) positions they lie between; returns how many.

    PostgreSQL gets one statement: it would plan those of the calls one by one, each for an index in which it has to
    pass by all that the earlier ones have changed.
    """
    marked, at = Outcome.SENDING.value, written[0].started_at
    if connection.vendor == "postgresql":
        firsts, pks = [first for first, _ in spans], [call.pk for call in written]
        call_of_line = RawSQL("(%s::bigint[])[width_bucket(position, %s::int[])]", [pks, firsts])
        lines = cancellation.lines.filter(outcome=Outcome.WAITING, position__lte=spans[-1][1])
        return lines.update(outcome=marked, sent_in=call_of_line, outcome_at=at)
    return update_each(
        OrderLine,
        ["outcome", "sent_in", "outcome_at"],
        "cancellation_id = %s AND outcome = %s AND position BETWEEN %s AND %s",
        [
            (marked, call.pk, at, cancellation.pk, Outcome.WAITING.value, *span)
            for call, span in zip(written, spans, strict=True)
        ],
    )


def _make(credential: Credential, client: Client, batch: list[_Sending]) -> list[_Made]:
    """Makes the calls one after the other, at the pace; the first that does not go well is the last one.

    Nor are further ones made once somebody has stopped the request, or this process.
    """
    pause, began = float(credential.shop.seconds_between_calls), time.monotonic()
    looked_at, made = began, [_Made(*batch[0], *calls.make(client, batch[0].call))]
    wanted = CancellationRequest.objects.filter(
        calls=batch[0].call, status__in=CancellationRequest.SENDABLE, shop__paused_at__isnull=True
    )
    for one in batch[1:]:
        if made[-1].answer.state is not State.ANSWERED or time.monotonic() >= began + 2 * AHEAD:
            break
        if pause:
            time.sleep(pause)
        if time.monotonic() - looked_at > LOOK_AFTER:
            if sending.stopping.is_set() or not wanted.exists():
                break
            looked_at = time.monotonic()
        made.append(_Made(*one, *calls.make(client, one.call)))
    return made


@transaction.atomic
def _record(credential: Credential, cancellation_pk: int, made: list[_Made], unmade: list[_Sending]) -> None:
    """The answers, their conclusions for the lines, the request and the account, and the events, all or nothing."""
    cancellation = calls.locked(cancellation_pk)
    last = made[-1]
    calls.finish_all([(one.call, one.answer) for one in made])
    changes, park = pace.after(credential, last.answer, last.called_at)
    answered = made
    if last.answer.state is State.NOT_EXECUTED:
        answered, unmade = made[:-1], [_Sending(last.call, last.order_nos), *unmade]
        if credential.waiting_for != changes["waiting_for"] or not changes["waiting_for"]:
            _tell(Event.Kind.NOT_EXECUTED, [last], cancellation, note=last.answer.message, why=str(last.answer.why))
    if unmade:
        # Nothing was executed: the lines wait again, unless the request was stopped in the meantime.
        pks, now = [one.call.pk for one in unmade], timezone.now()
        ApiCall.objects.filter(pk__in=pks, state=ApiCall.State.IN_FLIGHT).update(
            state=ApiCall.State.NOT_EXECUTED, problem=NOT_MADE, finished_at=now
        )
        lines = cancellation.lines.filter(sent_in__in=pks, outcome=Outcome.SENDING)
        if cancellation.status in CancellationRequest.IN_PROGRESS:
            lines.update(outcome=Outcome.WAITING, sent_in=None, outcome_at=None)
        elif skipped := lines.update(outcome=Outcome.SKIPPED, sent_in=None, outcome_at=now):
            _tell(Event.Kind.NOT_SENT, unmade, cancellation, at=now, not_sent=skipped)
    if answered:
        counts = _record_outcomes(answered, cancellation)
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


def _record_outcomes(made: list[_Made], cancellation: CancellationRequest) -> dict[str, Any]:
    """Writes what the answers say of each order; returns the counts by outcome.

    A line that was taken for UNKNOWN in the meantime learns the truth now; one whose fate is known by other means
    stays. Everything is to be settled by asking the ERP: a refusal is a claim like any other (reference section 8).
    """
    now, learning = timezone.now(), cancellation.lines.filter(outcome__in=[Outcome.SENDING, Outcome.UNKNOWN])
    all_done = []  # calls whose answers prove it of all their orders: one statement for their lines
    others: dict[int | None, tuple[State, CancelResult]] = {}
    for one in made:
        if one.answer.state is State.UNKNOWN:
            result = CancelResult(unclear=dict.fromkeys(one.order_nos, one.answer.message))
        else:
            result = read_cancel(one.answer.data, one.order_nos)
        if result.proved:
            all_done.append(one.call.pk)
        else:
            others[one.call.pk] = one.answer.state, result
    lines = list(learning.filter(sent_in__in=others)) if others else []
    for line in lines:
        state, result = others[line.sent_in_id]
        line.outcome, line.known_by, line.why, line.message = Outcome.DONE, KnownBy.REPORTED, Why.UNNAMED, ""
        if line.order_no in result.refused:
            line.outcome, line.why, line.message = Outcome.REFUSED, "", result.refused[line.order_no][:500]
        elif line.order_no in result.unclear:
            line.outcome, line.known_by, line.message = Outcome.UNKNOWN, "", result.unclear[line.order_no][:500]
            line.why = Why.NO_ANSWER if state is State.UNKNOWN else Why.UNCLEAR
        line.outcome_at, line.settle_count, line.failed_asks = now, 0, 0
        line.settle_at = now if provable(line.operation, line.outcome) else None
    fields = ["outcome", "known_by", "why", "message", "outcome_at", "settle_at", "settle_count", "failed_asks"]
    update_each(
        OrderLine, fields, "id = %s", [[*(getattr(line, field) for field in fields), line.pk] for line in lines]
    )
    counts = Counter(str(line.outcome) for line in lines)
    counts[str(Outcome.DONE)] += learning.filter(sent_in__in=all_done).update(
        outcome=Outcome.DONE,
        known_by=KnownBy.REPORTED,
        why="",
        message="",
        outcome_at=now,
        settle_count=0,
        settle_at=now if provable(cancellation.operation, Outcome.DONE) else None,
    )
    return dict(+counts)


def provable(operation: int, outcome: str) -> bool:
    """Whether asking could tell anything: what 'WMS stop waiting' changes in an order is not documented."""
    return outcome == Outcome.UNKNOWN or operation != Operation.WMS_STOP_WAITING


def _tell(
    kind: Event.Kind,
    made: Sequence[_Made | _Sending],
    cancellation: CancellationRequest,
    at: datetime | None = None,
    note: str = "",
    **data: Any,
) -> None:
    Event.write(
        kind,
        by=None,
        shop=cancellation.shop,
        cancellation=cancellation,
        at=at or made[-1].call.finished_at or timezone.now(),
        note=note[:500],
        calls=[one.call.pk for one in made],
        **data,
    )
