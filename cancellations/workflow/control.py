"""What people do to a request that was approved: stop, resume."""

from django.db import transaction
from django.utils import timezone

from cancellations.models import CancellationRequest, OrderLine
from cancellations.workflow import permissions
from cancellations.workflow.clerk import release_orders
from cancellations.workflow.transitions import _move


@transaction.atomic
def stop(cancellation, *, by):
    """Nothing further is sent; a call in flight finishes and is recorded. Raises NotAllowed, MovedOn."""
    permissions.check_may_stop(by, cancellation)
    now = timezone.now()
    waiting = cancellation.lines.filter(outcome=OrderLine.Outcome.WAITING).count()
    _move(
        cancellation,
        "stop",
        by=by,
        at=now,
        stopped_by=by,
        stopped_at=now,
        ended_at=now,
        pause_reason="",
        pause_message="",
        data={"orders": cancellation.line_count, "not_sent": waiting},
    )
    release_orders(cancellation, at=now)


@transaction.atomic
def resume(cancellation, *, by):
    """Sending goes on after what made it pause was mended. Raises NotAllowed, MovedOn."""
    permissions.check_may_resume(by, cancellation)
    _move(
        cancellation,
        "resume",
        by=by,
        at=timezone.now(),
        pause_reason=CancellationRequest.PauseReason.NONE,
        pause_message="",
    )
