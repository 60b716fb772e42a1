"""When a request may be sent: after its hold, and in the working hours of its shop."""

from datetime import datetime, timedelta

from django.utils import timezone

from cancellations.models import CancellationRequest


def may_be_sent_now(cancellation: CancellationRequest) -> bool:
    """Whether neither its hold nor the hours of its shop keep the request from being sent."""
    return sent_from(cancellation) <= timezone.now()


def sent_from(cancellation: CancellationRequest) -> datetime:
    """The earliest moment at which the request may be sent; in the past if that is now."""
    moment = timezone.now()
    if cancellation.status == CancellationRequest.Status.APPROVED:
        moment = max(moment, cancellation.held_until)
    return cancellation.shop.opens_at(moment)


def due_since(cancellation: CancellationRequest) -> datetime:
    """Since when the request may be sent: its hold was over, and its shop has opened, if it has hours."""
    shop, local = cancellation.shop, timezone.localtime()
    if shop.send_from is None or shop.send_until is None:
        return cancellation.held_until
    opening = datetime.combine(local.date(), shop.send_from, local.tzinfo)
    return max(cancellation.held_until, opening if opening <= local else opening - timedelta(days=1))
