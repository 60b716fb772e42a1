"""Orders that may be sent now and are not: since when, by seller account."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef
from django.utils import timezone

from cancellations.models import CancellationRequest, Credential, OrderLine
from cancellations.sending.hours import due_since, may_be_sent_now


class Due(NamedTuple):
    """`since`: the oldest may be sent since then. `idle_since`: and since then the account could have called."""

    since: datetime
    idle_since: datetime


def due_orders() -> dict[int, Due]:
    """Of each seller account (its key) that has some; not of one that is paused or has no active credential."""
    waiting = OrderLine.objects.filter(cancellation=OuterRef("pk"), outcome=OrderLine.Outcome.WAITING)
    requests = CancellationRequest.objects.filter(
        Exists(waiting), status__in=CancellationRequest.SENDABLE, shop__is_active=True, shop__paused_at__isnull=True
    )
    oldest: dict[int, datetime] = {}
    for request in requests.select_related("shop").order_by():
        if may_be_sent_now(request):
            since = due_since(request)
            oldest[request.shop_id] = min(since, oldest.get(request.shop_id, since))
    active = Credential.objects.filter(is_active=True, shop__in=oldest).values_list("shop", "next_call_at")
    return {
        shop: Due(oldest[shop], max(oldest[shop], next_call_at or oldest[shop]))
        for shop, next_call_at in active
        if next_call_at is None or next_call_at <= timezone.now()
    }
