"""Whose turn it is to deliver something: several workers may do it at once, and each row belongs to one of them.

A row is claimed by a conditional update. A process that dies leaves its claim behind, which ends after CLAIM.
"""

import uuid
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Q, QuerySet
from django.utils import timezone

from cancellations.models import Notice, WebhookDelivery

CLAIM = timedelta(seconds=60)  # longer than an attempt may take
Row = TypeVar("Row", Notice, WebhookDelivery)


def due(rows: QuerySet[Row], now: datetime) -> QuerySet[Row]:
    """Those that are to be delivered by now and that nobody has claimed."""
    unclaimed = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    return rows.filter(unclaimed, state=rows.model.State.DUE, due_at__lte=now)


def claim(rows: QuerySet[Row], *, most: int = 1) -> QuerySet[Row]:
    """The oldest of them that are due, this process's for a minute; none of those where another one was faster."""
    now, token = timezone.now(), str(uuid.uuid4())
    theirs = due(rows, now)
    some = list(theirs.order_by("due_at", "pk").values_list("pk", flat=True)[:most])
    theirs.filter(pk__in=some).update(claimed_by=token, claimed_until=now + CLAIM)
    return rows.filter(pk__in=some, claimed_by=token)
