"""The moves that the machine itself makes; no person is behind them."""

from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from cancellations.models import CancellationRequest, Upload
from cancellations.workflow.errors import MovedOn
from cancellations.workflow.transitions import is_possible, move

UPLOADS_KEPT = timedelta(days=1)


@transaction.atomic
def start(cancellation: CancellationRequest) -> None:
    """The first call was made. Raises MovedOn."""
    move(cancellation, "start", by=None, at=timezone.now())


@transaction.atomic
def pause(cancellation: CancellationRequest, *, reason: str, message: str = "") -> None:
    """The account cannot be used until somebody mends it; starts the request first if it had not begun.

    `reason` is one of CancellationRequest.PAUSE_REASONS, `message` the ERP's own words. Raises MovedOn.
    """
    if is_possible("start", cancellation):
        start(cancellation)
    move(
        cancellation,
        "pause",
        by=None,
        at=timezone.now(),
        note=message[:500],
        data={"reason": str(reason)},
        pause_reason=reason,
        pause_message=message[:500],
    )


@transaction.atomic
def finish(cancellation: CancellationRequest, **figures: int) -> None:
    """Every order has its outcome; `figures` are the counts by outcome, for the event. Raises MovedOn."""
    move(cancellation, "finish", by=None, at=timezone.now(), data=figures)


def expire_overdue() -> int:
    """Ends the requests that nobody decided on before their deadlines; returns how many."""
    expired = 0
    for cancellation in _overdue().select_related("shop"):
        with suppress(MovedOn), transaction.atomic():  # somebody decided at this very moment
            if _overdue().select_for_update(no_key=True).filter(pk=cancellation.pk):  # nobody has extended the deadline
                move(cancellation, "expire", by=None, at=timezone.now())
                expired += 1
    return expired


def _overdue() -> QuerySet[CancellationRequest]:
    return CancellationRequest.objects.filter(
        status=CancellationRequest.Status.SUBMITTED, expires_at__lt=timezone.now()
    )


def forget_uploads() -> int:
    """Removes the files that nobody made a draft of within a day; returns how many."""
    old = Upload.objects.filter(brought_at__lt=timezone.now() - UPLOADS_KEPT)
    return old.delete()[0] if old.exists() else 0
