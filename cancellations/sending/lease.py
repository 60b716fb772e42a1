"""One account is used by one sender at a time, however many workers there are.

The lease is a token and an end on the credential's row, taken and renewed by conditional updates. Its end is
measured by the database's clock, because the clocks of several machines differ.
"""

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import DateTimeField, ExpressionWrapper, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from cancellations.models import Credential


class LeaseLost(Exception):
    """Another sender has taken over: whoever raises this must not call any more."""


def free() -> Q:
    """The condition that nobody holds a credential's lease."""
    return Q(lease_until__isnull=True) | Q(lease_until__lt=Now())


def take(credential_id: int, *, worker: str = "") -> Credential | None:
    """The credential with its shop, now leased to the caller, or None if somebody else holds the lease.

    `worker` is the name under which the caller shows itself, for the page of the workers.
    """
    token = str(uuid.uuid4())
    taken = Credential.objects.filter(free(), pk=credential_id).update(
        lease_token=token, lease_until=_end(), leased_at=Now(), leased_to=worker, woken_at=None
    )
    return Credential.objects.select_related("shop").get(pk=credential_id) if taken else None


def renew(credential: Credential, **changes: Any) -> None:
    """Renews the lease and writes `changes` of the pace with it. Raises LeaseLost."""
    held = Credential.objects.filter(pk=credential.pk, lease_token=credential.lease_token)
    if held.update(lease_until=_end(), **changes) != 1:
        raise LeaseLost
    for field, value in changes.items():
        setattr(credential, field, value)


def release(credential: Credential) -> None:
    held = Credential.objects.filter(pk=credential.pk, lease_token=credential.lease_token)
    held.update(lease_token="", lease_until=None, leased_at=None, leased_to="")


def _end() -> Combinable:
    return ExpressionWrapper(Now() + timedelta(seconds=settings.LEASE_SECONDS), output_field=DateTimeField())
