"""This machine's clock beside the ERP's: it refuses calls that seem to be older than two minutes (reference, 1.3)."""

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import requests
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from cancellations.doctor.findings import Finding, State
from cancellations.models import Shop
from cancellations.wdt.addresses import CheckingAdapter

TOO_MUCH, MUCH = 110, 30  # seconds
PATIENCE = 5  # seconds


def clock_is_right() -> Iterator[Finding]:
    """Asks each address that a seller account is bound to for its date, without signing and without a call."""
    used = Shop.objects.filter(is_active=True).order_by("environment").values_list("environment", flat=True).distinct()
    for environment in list(used) or ["production"]:
        address = settings.ERP_ADDRESSES.get(environment)
        if address is None:
            sentence = _("The ERP's environment “%(name)s” has no address.") % {"name": environment}
            yield Finding(State.WRONG, sentence, _("Add it to ERP_ADDRESSES."))
            continue
        ahead = seconds_ahead(address)
        if ahead is None:
            sentence = _("The ERP's clock is unknown: “%(name)s” does not answer, or without a date.")
            way_on = _("Test the connection on the page of the seller account.")
            yield Finding(State.UNKNOWN, sentence % {"name": environment}, way_on)
            continue
        sentence = _("This machine's clock and that of “%(name)s” differ by %(seconds)s s.")
        sentence %= {"name": environment, "seconds": round(abs(ahead))}
        if abs(ahead) < MUCH:
            yield Finding(State.FINE, sentence)
        else:
            state = State.WRONG if abs(ahead) > TOO_MUCH else State.WARNING
            yield Finding(state, sentence, _("Synchronize the clock by NTP."))


def seconds_ahead(address: str) -> float | None:
    """How far the server at the address is ahead of this machine, by the Date header of its answer; None if unknown."""
    with requests.Session() as session:
        for scheme in ("http://", "https://"):
            session.mount(scheme, CheckingAdapter(settings.ERP_PRIVATE_NETWORKS))
        began = time.monotonic()
        try:
            answer = session.head(address, timeout=PATIENCE, allow_redirects=False)
            there = parsedate_to_datetime(answer.headers["Date"])
        except (requests.RequestException, KeyError, ValueError):
            return None
    on_the_way = (time.monotonic() - began) / 2
    return there.timestamp() + 0.5 + on_the_way - timezone.now().timestamp()  # a date has no fractions
