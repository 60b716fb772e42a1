"""After a restore: what may have been sent since the copy was made is held until a person has looked."""

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from cancellations.models import CancellationRequest, Event, OrderLine, Person, RestoredCopy
from cancellations.models.cancellations import CancellationQuerySet
from cancellations.workflow import machine, permissions
from cancellations.workflow.errors import NothingRestored

Status = CancellationRequest.Status


def may_be_sent_twice() -> CancellationQuerySet:
    """The requests that were on their way in the copy and have orders that are not answered."""
    open_lines = OrderLine.objects.filter(
        cancellation=OuterRef("pk"), outcome__in=[OrderLine.Outcome.WAITING, OrderLine.Outcome.SENDING]
    )
    return CancellationRequest.objects.filter(Exists(open_lines), status__in=CancellationRequest.IN_PROGRESS)


@transaction.atomic
def confirm(*, by: Person) -> int:
    """The workers may send again; what may be sent twice is paused, each to be resumed by a person. Returns how many.

    A request that was paused before now says why it must be looked at, unless it was forged. Raises NotAllowed,
    NothingRestored.
    """
    permissions.check_may_confirm_restore(by)
    now = timezone.now()
    if not RestoredCopy.objects.unconfirmed().update(confirmed_by=by, confirmed_at=now):
        raise NothingRestored
    held = list(may_be_sent_twice().select_for_update(of=["self"], no_key=True).select_related("shop"))
    for cancellation in held:
        if cancellation.status != Status.PAUSED:
            machine.pause(cancellation, reason=CancellationRequest.PERHAPS_SENT)
    before = [one.pk for one in held if one.pause_reason not in CancellationRequest.OF_FORGERY]
    CancellationRequest.objects.filter(pk__in=before).update(
        pause_reason=CancellationRequest.PERHAPS_SENT, pause_message=""
    )
    Event.write(Event.Kind.RESTORE_CONFIRMED, by=by, at=now, requests=len(held))
    return len(held)
