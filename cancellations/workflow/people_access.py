"""How people get in and out: their sessions, passwords and second factors. Who works where is not decided here."""

from django.db import transaction
from django.utils import timezone

from cancellations.models import Event, SignOut
from cancellations.workflow import permissions


@transaction.atomic
def sign_out_everywhere(person, *, by):
    """Ends every session of the person, wherever it is; an administrator may do it for others. Raises NotAllowed."""
    permissions.check_may_guard_access(by, person)
    now = timezone.now()
    _end_sessions(person, now)
    Event.write(Event.Kind.SIGNED_OUT, by=by, person=person, at=now)


def _end_sessions(person, at):
    """Those that began before; the session of whoever does this may begin anew."""
    SignOut.objects.update_or_create(person=person, defaults={"at": at})
