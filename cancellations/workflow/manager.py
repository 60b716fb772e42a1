"""What a manager does: approve, reject."""

from django.db import transaction
from django.utils import timezone

from cancellations.workflow import lookups, permissions
from cancellations.workflow.clerk import release_orders
from cancellations.workflow.errors import ContentChanged, NoteMissing
from cancellations.workflow.transitions import _move, check_possible


@transaction.atomic
def approve(cancellation, *, by, seen_hash, note=""):
    """Approves exactly what was seen: `seen_hash` is the content hash of the page that was looked at.

    Raises NotAllowed, OwnRequest, MovedOn, ContentChanged.
    """
    _decide(cancellation, "approve", by=by, seen_hash=seen_hash, note=note.strip(), at=timezone.now())


@transaction.atomic
def reject(cancellation, *, by, seen_hash, note):
    """Rejects the request for good. Raises NotAllowed, OwnRequest, MovedOn, ContentChanged, NoteMissing."""
    now = timezone.now()
    permissions.check_may_decide(by, cancellation)
    check_possible("reject", cancellation)
    if not note.strip():
        raise NoteMissing
    _decide(cancellation, "reject", by=by, seen_hash=seen_hash, note=note.strip(), at=now, ended_at=now)
    release_orders(cancellation, at=now)


def _decide(cancellation, verb, *, by, seen_hash, note, at, **changes):
    permissions.check_may_decide(by, cancellation)
    check_possible(verb, cancellation)
    if not seen_hash == cancellation.content_hash == cancellation.stored_hash():
        raise ContentChanged
    _move(
        cancellation,
        verb,
        by=by,
        at=at,
        note=note,
        data={"content_hash": seen_hash} | lookups.knowledge(cancellation),
        decided_by=by,
        decided_at=at,
        decided_hash=seen_hash,
        decision_note=note,
        **changes,
    )
