"""The robots of the demo's first seller account: a stand-in plays the three chats, and shows what they say."""

from datetime import datetime, timedelta
from typing import Any

from cancellations.models import Notice
from cancellations.robots.stand_in import DEMO
from cancellations.workflow import groups

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


def has_said_everything_before(now: datetime) -> None:
    """What the history has to say was said when it was time."""
    Notice.objects.filter(robot__isnull=False).delete()
    Notice.objects.update(state=Notice.State.PAGE_ONLY)
    Notice.objects.filter(at__lt=now - NEWS).update(read_at=now - NEWS)
