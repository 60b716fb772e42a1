"""How much heavy work one person may have done in an hour, so that nobody takes the server, or the ERP's pace, for
themselves."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from cancellations.models import Person, Usage
from cancellations.workflow.errors import TooOften

UPLOAD, READ, DRAFT = "upload", "read", "draft"
EXPORT, LOOK_UP, TEST, VERIFY = "export", "look_up", "test", "verify"
TEST_WEBHOOK = "test_webhook"


@transaction.atomic
def consume(work: str, *, by: Person) -> None:
    """Counts one more piece of heavy work of the person. Raises TooOften if the hour's share is used up."""
    limit = settings.HEAVY_WORK_PER_HOUR[work]
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    Usage.objects.get_or_create(person=by, work=work, hour=hour)
    of_the_hour = Usage.objects.filter(person=by, work=work, hour=hour)
    if not of_the_hour.filter(count__lt=limit).update(count=F("count") + 1):
        again = timezone.localtime(hour + timedelta(hours=1))
        raise TooOften(count=limit, when=f"{again:%H:%M}")


def forget_usage() -> int:
    """Removes the counts of hours that are over; returns how many."""
    return Usage.objects.filter(hour__lt=timezone.now() - timedelta(hours=2)).delete()[0]
