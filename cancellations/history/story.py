"""What happened to one order, across all requests that it was in."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from cancellations.models import ApiCall, CancellationRequest, Event, OrderLine, OrderSnapshot, Person, Shop

MAX_REQUESTS = 50


@dataclass
class Step:
    """Something that happened to an order; `what` is a word of the template's."""

    at: datetime
    what: str
    who: Person | None = None
    note: str = ""
    call: ApiCall | None = None
    snapshot: OrderSnapshot | None = None


@dataclass
class Chapter:
    """One request that the order was in: its line there, and what happened, the oldest first."""

    line: OrderLine
    steps: list[Step] = field(default_factory=list)


def of_order(shop: Shop, order_no: str, *, person: Person) -> list[Chapter]:
    """The chapters of an order, the newest request first; [] if the person may read none. Four queries."""
    readable = CancellationRequest.objects.for_user(person)
    found = OrderLine.objects.filter(shop=shop, order_no=order_no, cancellation__in=readable)
    people = ("requester", "decided_by", "stopped_by")
    lines = list(
        found.select_related(*(f"cancellation__{name}" for name in people), "sent_in", "settled_in").order_by(
            "-cancellation_id"
        )[:MAX_REQUESTS]
    )
    # The calls that named the order, and those that settled it: a window of time names nobody.
    told = {pk for line in lines for pk in (line.sent_in_id, line.settled_in_id) if pk}
    requests = [line.cancellation_id for line in lines]
    named = Q(body__contains=json.dumps(order_no, ensure_ascii=False), cancellation__in=requests)
    calls = list(ApiCall.objects.filter(Q(pk__in=told) | named).order_by("pk")) if lines else []
    looked_up = OrderSnapshot.objects.filter(line__in=[line.pk for line in lines], at__isnull=False)
    snapshots = list(looked_up.select_related("lookup").order_by("pk"))
    # What the requests say of some of their orders: decided by hand, or not sent after a stop.
    kinds = (Event.Kind.DECIDED_BY_HAND, Event.Kind.NOT_SENT)
    events = list(Event.objects.filter(cancellation__in=requests, kind__in=kinds).select_related("actor"))
    return [Chapter(line, sorted(_steps(line, calls, snapshots, events), key=lambda step: step.at)) for line in lines]


def _steps(
    line: OrderLine, calls: list[ApiCall], snapshots: list[OrderSnapshot], events: list[Event]
) -> Iterator[Step]:
    """What happened to this line, in no order; which orders a call named is known from its text."""
    cancellation = line.cancellation
    decided = "rejected" if cancellation.status == CancellationRequest.Status.REJECTED else "approved"
    for at, what, who, note in (
        (cancellation.created_at, "drafted", cancellation.requester, cancellation.reason_in_words),
        (cancellation.submitted_at, "submitted", cancellation.requester, ""),
        (cancellation.decided_at, decided, cancellation.decided_by, cancellation.decision_note),
        (cancellation.stopped_at, "stopped", cancellation.stopped_by, ""),
    ):
        if at:
            yield Step(at, what, who, note)
    told = (line.sent_in_id, line.settled_in_id)
    own_calls = [call for call in calls if call.cancellation_id == cancellation.pk or call.pk in told]
    yield from (Step(call.started_at, "called", call=call) for call in own_calls)
    yield from (Step(shot.at, "looked_up", snapshot=shot) for shot in snapshots if shot.at and shot.line_id == line.pk)
    skipped, carried = line.outcome == OrderLine.Outcome.SKIPPED, {call.pk for call in own_calls}
    for event in (event for event in events if event.cancellation_id == cancellation.pk):
        if event.kind == Event.Kind.DECIDED_BY_HAND and line.known_by == OrderLine.KnownBy.BY_HAND:
            yield Step(event.at, "decided_by_hand", event.actor, event.note)
        if event.kind == Event.Kind.NOT_SENT and skipped and carried.intersection(event.data["calls"]):
            yield Step(event.at, "not_sent")
