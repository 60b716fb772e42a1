"""The lifecycle of a cancellation request as one table; docs/workflow.md is generated from it."""

from typing import NamedTuple

from cancellations.models import CancellationRequest, Event, Lookup
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


def is_possible(verb, cancellation):
    return cancellation.status in TRANSITIONS[verb].sources


def check_possible(verb, cancellation):
    """Raises MovedOn if the request, as it was loaded, is not where the verb starts from."""
    if not is_possible(verb, cancellation):
        raise MovedOn(status=cancellation.get_status_display())


def _move(cancellation, verb, *, by, at, note="", data=None, **changes):
    """Moves the request and writes the event; the only place where a status is written.

    The update is conditional on the status as it was loaded: of two that try, one wins and the other one gets
    MovedOn. Call it in a transaction.
    """
    check_possible(verb, cancellation)
    transition = TRANSITIONS[verb]
    changes["status"] = transition.target
    here = CancellationRequest.objects.filter(pk=cancellation.pk, status=cancellation.status)
    if here.update(**changes) != 1:
        cancellation.refresh_from_db()
        raise MovedOn(status=cancellation.get_status_display())
    for field, value in changes.items():
        setattr(cancellation, field, value)
    # A look-up that is still running was for the status that the request has left.
    cancellation.lookups.filter(ended_at__isnull=True).update(ended_at=at, failure=Lookup.Failure.OVERTAKEN)
    Event.write(
        transition.kind,
        by=by,
        shop=cancellation.shop,
        cancellation=cancellation,
        at=at,
        note=note,
        **(data or {}),
    )
