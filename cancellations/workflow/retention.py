"""What is emptied when it is old: raw texts of calls, if a setting says so, and what machines were answered."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cancellations.models import ApiAnswer, ApiCall, CancellationRequest, Event, OrderLine

API_ANSWERS_ARE_KEPT = timedelta(days=30)


@transaction.atomic
def empty_calls(*, ended_before: datetime) -> int:
    """Empties what was sent and answered in calls that ended before the moment; returns of how many calls.

    Only of requests that have ended and of whose orders nothing is unknown or left to ask. Outcomes, events, and that
    the call was made, when, and how it went, stay. The event says how many and up to when.
    """
    now = timezone.now()
    undecided = OrderLine.objects.filter(
        Q(outcome__in=[*OrderLine.OPEN, OrderLine.Outcome.UNKNOWN]) | Q(settle_at__isnull=False)
    )
    count = (
        ApiCall.objects.filter(
            finished_at__lt=ended_before, pruned_at=None, cancellation__status__in=CancellationRequest.ENDED
        ).exclude(cancellation__in=undecided.order_by().values("cancellation"))
    ).update(body="", answer="", pruned_at=now)
    if count:
        Event.write(Event.Kind.PRUNED, by=None, at=now, calls=count, ended_before=ended_before.isoformat())
    return count


def forget_api_answers() -> int:
    """Removes what machines were answered API_ANSWERS_ARE_KEPT ago: a repetition is not expected any more."""
    return ApiAnswer.objects.filter(at__lt=timezone.now() - API_ANSWERS_ARE_KEPT).delete()[0]
