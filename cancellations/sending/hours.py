"""When a request may be sent: after its hold, and in the working hours of its shop."""

import math
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from cancellations.models import CancellationRequest


class Wait(NamedTuple):
    """Why nothing is called for a request: its account is paused, or it is held, or its shop is closed.

    `until` is when it goes on by itself, `seconds` how long a hold lasts.
    """

    why: str  # paused, held, closed
    seconds: int | None = None
    until: datetime | None = None


def may_be_sent_now(cancellation: CancellationRequest) -> bool:
    """Whether neither its hold nor the hours of its shop keep the request from being sent."""
    return sent_from(cancellation) <= timezone.now()


def sent_from(cancellation: CancellationRequest) -> datetime:
    """The earliest moment at which the request may be sent; in the past if that is now."""
    moment = timezone.now()
    if cancellation.status == CancellationRequest.Status.APPROVED:
        moment = max(moment, cancellation.held_until)
    return cancellation.shop.opens_at(moment)


def wait_of(cancellation: CancellationRequest, *, is_due: bool, is_waiting: bool) -> Wait | None:
    """What keeps the request from going on; None if nothing does.

    `is_due` says that something is to be called for it at all, `is_waiting` that some of its orders are to be sent.
    """
    if is_due and cancellation.shop.paused_at:
        return Wait("paused")
    if cancellation.status not in CancellationRequest.SENDABLE or not is_waiting:
        return None
    until = sent_from(cancellation)
    seconds = math.ceil((until - timezone.now()).total_seconds())
    if seconds <= 0:
        return None
    if cancellation.status == CancellationRequest.Status.APPROVED and until == cancellation.held_until:
        return Wait("held", seconds, until)
    return Wait("closed", until=until)


def due_since(cancellation: CancellationRequest) -> datetime:
    """Since when the request may be sent: its hold was over, and its shop has opened, if it has hours."""
    shop, local = cancellation.shop, timezone.localtime()
    if shop.send_from is None or shop.send_until is None:
        return cancellation.held_until
    opening = datetime.combine(local.date(), shop.send_from, local.tzinfo)
    return max(cancellation.held_until, opening if opening <= local else opening - timedelta(days=1))
