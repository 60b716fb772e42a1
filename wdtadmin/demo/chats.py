"""The robots and the webhook of the demo's first seller account: a stand-in plays the three chats, and shows what they
say; it takes the messages of the webhook, too."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from cancellations.models import Notice, Webhook
from cancellations.robots.stand_in import DEMO, WEBHOOK_PATH
from cancellations.workflow import groups, webhooks

NEWS = timedelta(days=2)  # older notices have been read


def add(made: Any) -> None:
    """Adds a robot of each chat."""
    for kind, known in DEMO.items():
        groups.add_robot(
            made.shops[0],
            by=made.people["admin"],
            kind=kind,
            name=f"采购群 {kind}",
            address=known.url,
            secret=known.secret,
        )


def add_webhook(made: Any) -> None:
    """Adds a webhook, which is told of everything from now on, if a stand-in is there to take it."""
    if not settings.NOTICE_ROBOTS_BASE:
        return
    webhooks.add_webhook(
        made.shops[0],
        by=made.people["admin"],
        name="财务系统",
        url=f"{settings.NOTICE_ROBOTS_BASE}{WEBHOOK_PATH}",
        kinds=Webhook.Kind.values,
    )


def has_said_everything_before(now: datetime) -> None:
    """What the history has to say was said when it was time."""
    Notice.objects.filter(robot__isnull=False).delete()
    Notice.objects.update(state=Notice.State.PAGE_ONLY)
    Notice.objects.filter(at__lt=now - NEWS).update(read_at=now - NEWS)
