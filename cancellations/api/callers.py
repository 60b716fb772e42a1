"""Who calls: the machine of a token, let in from its networks, as often as it may."""

import ipaddress
import time
from collections import OrderedDict
from datetime import timedelta
from threading import Lock
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from cancellations.access.throttling import address_of
from cancellations.api.problems import refused
from cancellations.models import ApiToken, Machine, Person
from cancellations.models.machines import parse_token

WRITTEN_EVERY = timedelta(minutes=1)  # when a token was used last: not every call is a write
MAX_BUCKETS = 10_000
WINDOW = 60  # seconds


class Caller(NamedTuple):
    machine: Machine
    person: Person  # as which it stands in requests and history
    token: ApiToken
    left: int  # calls in this minute


def caller_of(request: HttpRequest) -> Caller:
    """The machine whose token stands in Authorization: Bearer.

    Raises Refused: 401 without a token that counts, 403 from elsewhere, 429 after API_CALLS_PER_MINUTE.
    """
    address, now = address_of(request) or "", timezone.now()
    scheme, _blank, text = request.headers.get("Authorization", "").partition(" ")
    shown = parse_token(text.strip()) if scheme.lower() == "bearer" else None
    tokens = ApiToken.objects.select_related("machine__person", "machine__responsible")
    token = tokens.filter(key=shown.key).first() if shown else None
    is_good = token is not None and token.fits(shown.secret) and token.machine.person.is_active
    if not is_good or token.revoked_at is not None or token.expires_at <= now:
        _count(f"address {address}")
        raise refused("unauthorized", WWW_Authenticate='Bearer realm="wdtadmin"')
    left = _count(f"token {token.pk}")
    networks = [ipaddress.ip_network(network, strict=False) for network in token.machine.networks.split()]
    if not address or not any(ipaddress.ip_address(address) in network for network in networks):
        raise refused("address_not_allowed")
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - WRITTEN_EVERY) | ~Q(last_address=address)
    if token.last_address != address or not token.last_used_at or now - token.last_used_at > WRITTEN_EVERY:
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now, last_address=address or None)
    return Caller(token.machine, token.machine.person, token, left)


_buckets: OrderedDict[str, tuple[int, int]] = OrderedDict()  # who → (minute, calls in it)
_lock = Lock()


def _count(who: str) -> int:
    """Counts a call in this process; returns how many are left in this minute. Raises Refused (429)."""
    limit, now = settings.API_CALLS_PER_MINUTE, time.time()
    minute = int(now // WINDOW)
    with _lock:
        before, calls = _buckets.pop(who, (minute, 0))
        calls = calls + 1 if before == minute else 1
        _buckets[who] = minute, calls
        while len(_buckets) > MAX_BUCKETS:
            _buckets.popitem(last=False)
    if calls > limit:
        raise refused("too_many_calls", Retry_After=str(int(WINDOW - now % WINDOW) + 1), **limits(0))
    return limit - calls


def limits(left: int) -> dict[str, str]:
    """The headers that say how many calls are left in this minute, in this web process."""
    seconds = int(WINDOW - time.time() % WINDOW) + 1
    return {
        "RateLimit_Policy": f'"token";q={settings.API_CALLS_PER_MINUTE};w={WINDOW}',
        "RateLimit": f'"token";r={left};t={seconds}',
    }
