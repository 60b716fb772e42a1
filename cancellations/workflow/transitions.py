"""The lifecycle of a cancellation request as one table; docs/workflow.md is generated from it."""

from datetime import datetime
from typing import Any, NamedTuple

from cancellations.models import CancellationRequest, Event, Lookup, OrderLine, Person
from cancellations.workflow import publishing, telling
from cancellations.workflow.errors import MovedOn

Status = CancellationRequest.Status


class Transition(NamedTuple):
    sources: tuple[Status, ...]
    target: Status
    kind: Event.Kind
    actor: str  # for the diagram


TRANSITIONS = {
    "submit": Transition((Status.DRAFT,), Status.SUBMITTED, Event.Kind.SUBMITTED, "requester"),
    "withdraw": Transition((Status.DRAFT, Status.SUBMITTED), Status.WITHDRAWN, Event.Kind.WITHDRAWN, "requester"),
    "restore": Transition((Status.WITHDRAWN,), Status.DRAFT, Event.Kind.RESTORED, "requester, if never submitted"),
    "approve": Transition((Status.SUBMITTED,), Status.APPROVED, Event.Kind.APPROVED, "another manager"),
    "reject": Transition((Status.SUBMITTED,), Status.REJECTED, Event.Kind.REJECTED, "another manager"),
    "expire": Transition((Status.SUBMITTED,), Status.EXPIRED, Event.Kind.EXPIRED, "machine"),
    "start": Transition((Status.APPROVED,), Status.RUNNING, Event.Kind.STARTED, "machine"),
    "pause": Transition((Status.RUNNING,), Status.PAUSED, Event.Kind.PAUSED, "machine"),
    "resume": Transition((Status.PAUSED,), Status.RUNNING, Event.Kind.RESUMED, "manager or administrator"),
    "stop": Transition(
        (Status.APPROVED, Status.RUNNING, Status.PAUSED),
        Status.STOPPED,
        Event.Kind.STOPPED,
        "requester, manager or administrator",
    ),
    "finish": Transition((Status.RUNNING,), Status.FINISHED, Event.Kind.FINISHED, "machine"),
}


def is_possible(verb: str, cancellation: CancellationRequest) -> bool:
    """Whether the verb leads on from where the request, as it was loaded, is."""
    return cancellation.status in TRANSITIONS[verb].sources


def check_possible(verb: str, cancellation: CancellationRequest) -> None:
    """Raises MovedOn if the verb does not lead on from there: for verbs that ask for more before they `move`."""
    if not is_possible(verb, cancellation):
        raise MovedOn(status=cancellation.get_status_display())


def move(
    cancellation: CancellationRequest,
    verb: str,
    *,
    by: Person | None,
    at: datetime,
    note: str = "",
    data: dict[str, Any] | None = None,
    **changes: Any,
) -> None:
    """Moves the request and writes the event; the only place where a status is written.

    A request that ends says when, and its orders that were not sent are free for another one. The update is
    conditional on the status as it was loaded: of two that try, one wins and the other one gets MovedOn. Call it in a
    transaction.
    """
    transition = TRANSITIONS[verb]
    has_ended = transition.target in CancellationRequest.ENDED
    changes["status"] = transition.target
    if has_ended:
        changes["ended_at"] = at
    here = CancellationRequest.objects.filter(pk=cancellation.pk, status=cancellation.status)
    if here.filter(status__in=transition.sources).update(**changes) != 1:
        cancellation.refresh_from_db()
        raise MovedOn(status=cancellation.get_status_display())
    for field, value in changes.items():
        setattr(cancellation, field, value)
    if has_ended:
        unsent = cancellation.lines.filter(outcome__in=[OrderLine.Outcome.LISTED, OrderLine.Outcome.WAITING])
        unsent.update(outcome=OrderLine.Outcome.SKIPPED, outcome_at=at)
    # A look-up that is still running was for the status that the request has left.
    cancellation.lookups.filter(ended_at__isnull=True).update(ended_at=at, failure=Lookup.OVERTAKEN)
    event = Event.write(
        transition.kind,
        by=by,
        shop=cancellation.shop,
        cancellation=cancellation,
        at=at,
        note=note,
        **(data or {}),
    )
    telling.tell(event)
    publishing.publish(event)
