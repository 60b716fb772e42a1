"""What a manager does: approve, reject, extend the deadline of the decision."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cancellations.models import CancellationRequest, Event, Person, shown
from cancellations.models.vouching import vouched_for
from cancellations.workflow import lookups, permissions, working_days
from cancellations.workflow.errors import AlreadyExtended, ContentChanged, NoteMissing, ShownChanged, WorkflowError
from cancellations.workflow.transitions import check_possible, move
from cancellations.workflow.waking import wake_shop


@transaction.atomic
def approve(cancellation: CancellationRequest, *, by: Person, seen_hash: str, note: str = "") -> None:
    """Approves exactly what was seen: `seen_hash` is the content hash of the page that was looked at.

    The account is woken when the hold ends; before that there is nothing to do.
    Raises NotAllowed, OwnRequest, MovedOn, ContentChanged, ShownChanged.
    """
    permissions.check_may_decide(by, cancellation)
    check_possible("approve", cancellation)
    if orders := shown.differing(cancellation):
        raise ShownChanged(examples=", ".join(orders[:5]) + (" …" if len(orders) > 5 else ""))
    _decide(cancellation, "approve", by=by, seen_hash=seen_hash, note=note.strip(), at=timezone.now())
    wake_shop(cancellation.shop, at=cancellation.held_until)


def not_as_approved(cancellation: CancellationRequest) -> str:
    """Why the request is not what a person approved, as a reason to pause it; '' if it is."""
    if cancellation.stored_hash() != cancellation.decided_hash:
        return CancellationRequest.LIST_CHANGED
    # Whether the audit trail holds its submission by its requester and the approval of this content.
    if cancellation.pk not in vouched_for([cancellation]):
        return CancellationRequest.NOT_VOUCHED_FOR
    if cancellation.status == CancellationRequest.Status.APPROVED and shown.differing(cancellation):
        return CancellationRequest.SHOWN_CHANGED
    return ""


def approve_each(
    seals: Mapping[CancellationRequest, str], *, by: Person
) -> tuple[list[CancellationRequest], list[tuple[CancellationRequest, WorkflowError]]]:
    """Approves several, each bound to the seal that was seen of it and by itself: one that is refused holds up none.

    Returns (what was approved, [(what was not, why)]).
    """
    approved, left = [], []
    for cancellation, seen_hash in seals.items():
        try:
            approve(cancellation, by=by, seen_hash=seen_hash)
        except WorkflowError as error:
            left.append((cancellation, error))
        else:
            approved.append(cancellation)
    return approved, left


@transaction.atomic
def reject(cancellation: CancellationRequest, *, by: Person, seen_hash: str, note: str) -> None:
    """Rejects the request for good. Raises NotAllowed, OwnRequest, MovedOn, NoteMissing, ContentChanged."""
    permissions.check_may_decide(by, cancellation)
    check_possible("reject", cancellation)
    if not note.strip():
        raise NoteMissing
    _decide(cancellation, "reject", by=by, seen_hash=seen_hash, note=note.strip(), at=timezone.now())


@transaction.atomic
def extend(cancellation: CancellationRequest, *, by: Person) -> datetime:
    """Gives the decision more time, once; returns the new deadline.

    Raises NotAllowed, OwnRequest, MovedOn, AlreadyExtended.
    """
    permissions.check_may_decide(by, cancellation)
    check_possible("approve", cancellation)
    before, now = cancellation.expires_at, timezone.now()
    assert before, "what awaits a decision has a deadline"  # noqa: S101
    after = extended_deadline(before)
    undecided = CancellationRequest.objects.filter(pk=cancellation.pk, status=cancellation.status)
    if undecided.filter(extended_at__isnull=True).update(expires_at=after, extended_at=now) != 1:
        cancellation.refresh_from_db()
        check_possible("approve", cancellation)
        raise AlreadyExtended
    cancellation.expires_at, cancellation.extended_at = after, now
    Event.write(
        Event.Kind.EXTENDED,
        by=by,
        shop=cancellation.shop,
        cancellation=cancellation,
        at=now,
        before=before.isoformat(),
        after=after.isoformat(),
    )
    return after


def extended_deadline(deadline: datetime) -> datetime:
    """What `extend` makes of a deadline: as many working days again, after it or after now, whichever is later."""
    later = max(timezone.now(), deadline)
    return working_days.add_working_days(later, settings.SUBMITTED_EXPIRES_AFTER_WORKING_DAYS)


def _decide(
    cancellation: CancellationRequest, verb: str, *, by: Person, seen_hash: str, note: str, at: datetime
) -> None:
    """Moves the request by the decision, if what was seen is what is stored. Raises MovedOn, ContentChanged."""
    if not seen_hash == cancellation.content_hash == cancellation.stored_hash():
        raise ContentChanged
    move(
        cancellation,
        verb,
        by=by,
        at=at,
        note=note,
        data={"content_hash": seen_hash} | lookups.lookup_summary(cancellation),
        decided_by=by,
        decided_at=at,
        decided_hash=seen_hash,
        decision_note=note,
    )
