"""Who guesses passwords is stopped: by person and address soon, by person, and by address, later.

The counting is django-axes'; here is what it cannot be told by settings alone.
"""

import ipaddress
from datetime import datetime, timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.db.models import Max
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cancellations.models import Person

LOCKED_OUT = _("Too many failed attempts. Try again in 15 minutes. Your account is not affected.")
MAX_NAME = Person._meta.get_field("username").max_length
FAILURES_OF_ADDRESS = 60  # in AXES_COOLOFF_TIME, of all names together
FAILURES_SHOWN = 5
FAILURES_ANYWHERE = 30  # in an hour, of one person over all addresses
REMEMBERED = timedelta(days=30)  # an address from which the person has signed in


class Throttle(AxesDatabaseHandler):
    """Counts in the database. The limit by person and address is AXES_FAILURE_LIMIT."""

    def is_whitelisted(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        """A provider's sign-in has no name here: the guessing is limited there, and a count without a name would be
        one for the whole office."""
        return get_client_username(request, credentials) is None

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        """Also where many addresses together guess this person's password, or many names are tried from this address.

        But never where the person has signed in lately: whoever guesses from elsewhere keeps nobody out of where they
        usually work, and an office is not locked out as a whole. It is asked before a password is looked at, which
        takes a quarter of a second of a processor.
        """
        if super().is_locked(request, credentials):
            return True
        name, address, now = get_client_username(request, credentials), request.axes_ip_address, timezone.now()
        failed = AccessFailureLog.objects
        of_person = failed.filter(username=name, attempt_time__gt=now - timedelta(hours=1))
        from_here = failed.filter(ip_address=address, attempt_time__gt=now - settings.AXES_COOLOFF_TIME)
        if of_person.count() < FAILURES_ANYWHERE and from_here.count() < FAILURES_OF_ADDRESS:
            return False
        signed_in = AccessLog.objects.filter(username__iexact=name, ip_address=address)
        return not signed_in.filter(attempt_time__gt=now - REMEMBERED).exists()


def locked_until(person: Person) -> datetime | None:
    """Until when the person cannot sign in from where too many attempts failed; None if there is no such place."""
    failed = AccessAttempt.objects.filter(
        username=person.username.casefold(),
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
        attempt_time__gt=timezone.now() - settings.AXES_COOLOFF_TIME,
    )
    latest = failed.aggregate(at=Max("attempt_time"))["at"]
    return latest and latest + settings.AXES_COOLOFF_TIME


def forget_failures(person: Person, *, address: str | None = None) -> None:
    """Ends what keeps the person from signing in: from one address, or from everywhere."""
    name = person.username.casefold()
    attempts, log = AccessAttempt.objects.filter(username=name), AccessFailureLog.objects.filter(username=name)
    if address:
        attempts.filter(ip_address=address).delete()
    else:
        attempts.delete()
        log.filter(attempt_time__gt=timezone.now() - timedelta(hours=1)).delete()


def name_tried(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The name of an attempt, in small letters: to a directory (LDAP) large ones may be the same person."""
    name = (credentials or request.POST).get("username")
    return name and name.casefold()[:MAX_NAME]


def failures_of(person: Person) -> list[AccessFailureLog]:
    """The failed sign-ins of the last day under the person's name, the newest first, a few of them."""
    since = timezone.now() - timedelta(days=1)
    failed = AccessFailureLog.objects.filter(username__iexact=person.username, attempt_time__gt=since)
    return list(failed.order_by("-attempt_time")[:FAILURES_SHOWN])


def address_of(request: HttpRequest) -> str | None:
    """Where a request comes from, as far as it can be believed: None if it is not known.

    Each proxy writes down whom it got the request from, at the end of X-Forwarded-For. With n proxies of ours the
    n-th from the end was written by the outermost of them; everything before it anybody can have made up.
    """
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    trusted = settings.TRUSTED_PROXIES
    written = hops[-trusted] if 0 < trusted <= len(hops) else ""
    return _canonical(written) or _canonical(request.META.get("REMOTE_ADDR", ""))


def _canonical(text):
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    # Who has one IPv6 address has 2 ** 64 of them.
    return str(ipaddress.ip_network((int(address), 64), strict=False).network_address)


def is_locked_out(request: HttpRequest) -> bool:
    """Whether this very request was refused because of what came before it, or has used up the last try."""
    return getattr(request, "axes_locked_out", False)


def status_of(form: Form, request: HttpRequest) -> int:
    """The status of the page that shows this form."""
    if is_locked_out(request):
        return 429
    return 422 if form.errors else 200


def keep_answer(request: HttpRequest, response: HttpResponse, credentials: dict[str, Any] | None) -> HttpResponse:
    """Our forms say themselves that somebody is locked out; django-axes would replace the page."""
    return response
