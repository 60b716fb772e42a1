"""Wakes the worker of an account. The verb that makes work for it does so in its own transaction: neither is there
without the other.

Only `tasks` knows the engine, and it runs `sending`, which stands on this room. So nothing is imported from there: when
the application starts, `apps` puts the function of `tasks` in the place of `enqueue` (decision 0011).
"""

from datetime import datetime

from cancellations.models import Shop


def enqueue(credential_id: int, *, at: datetime | None = None) -> None:
    """Enqueues a slice of work of the account, not before `at`: this is tasks.wake."""
    raise NotImplementedError("The application was not started: django.setup() was not called.")


def wake_account(credential_id: int, *, at: datetime | None = None) -> None:
    """A worker works for the account as soon as one is free, or at the moment `at`."""
    enqueue(credential_id, at=at)


def wake_shop(shop: Shop, *, at: datetime | None = None) -> None:
    """The same for the account that the shop uses now, if it has one."""
    for credential_id in shop.credentials.filter(is_active=True).values_list("pk", flat=True):
        wake_account(credential_id, at=at)
