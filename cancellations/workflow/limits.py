"""How much heavy work one person may have done in an hour, so that nobody takes the server, or the ERP's pace, for
themselves."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from cancellations.models import Person, Usage
from cancellations.workflow.errors import TooOften

UPLOAD, READ, DRAFT = "upload", "read", "draft"
EXPORT, LOOK_UP, TEST, VERIFY = "export", "look_up", "test", "verify"
KEPT = timedelta(hours=26)  # machines are counted by the day


@transaction.atomic
def consume(work: str, *, by: Person) -> None:
    """Counts one more piece of heavy work of the person. Raises TooOften if the hour's share is used up."""
    limit = settings.HEAVY_WORK_PER_HOUR[work]
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    if not count(work, by=by, since=hour, limit=limit):
        again = timezone.localtime(hour + timedelta(hours=1))
        raise TooOften(count=limit, when=f"{again:%H:%M}")


def count(work: str, *, by: Person, since: datetime, limit: int, more: int = 1) -> bool:
    """Counts so much `more` work since a moment, unless it would be beyond the limit; returns whether it was counted.

    Call it in a transaction.
    """
    Usage.objects.get_or_create(person=by, work=work, hour=since)
    counted = Usage.objects.filter(person=by, work=work, hour=since, count__lte=limit - more)
    return counted.update(count=F("count") + more) == 1


def forget_usage() -> int:
    """Removes the counts of hours and days that are over; returns how many."""
    return Usage.objects.filter(hour__lt=timezone.now() - KEPT).delete()[0]
