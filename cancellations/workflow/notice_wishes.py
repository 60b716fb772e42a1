"""What a person decides about the notices to themselves."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from cancellations.models import Notice, NoticeSettings, Person

LONGEST_MUTE = timedelta(days=14)


def change_wishes(*, by: Person, **wishes: Any) -> NoticeSettings:
    """Writes the fields of NoticeSettings that are given; the others stay."""
    return NoticeSettings.objects.update_or_create(person=by, defaults=wishes)[0]


def mute(*, by: Person, hours: int) -> datetime | None:
    """Keeps back what is not urgent for so many hours; 0 ends it. Returns until when."""
    until = timezone.now() + min(timedelta(hours=hours), LONGEST_MUTE) if hours > 0 else None
    change_wishes(by=by, muted_until=until)
    return until


def mark_read(*, by: Person, notices: Iterable[int] | None = None) -> int:
    """Marks the person's own notices as read, all of them if none are named; returns how many were not."""
    unread = Notice.objects.filter(person=by, read_at__isnull=True)
    if notices is not None:
        unread = unread.filter(pk__in=list(notices))
    return unread.update(read_at=timezone.now())
