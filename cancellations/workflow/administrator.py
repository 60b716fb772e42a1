"""What an administrator does: add a shop with its credential."""

import hashlib

from django.db import IntegrityError, transaction
from django.utils import timezone

from cancellations.models import Credential, Event, Shop
from cancellations.models.secrets import Secret
from cancellations.workflow import permissions
from cancellations.workflow.errors import CredentialIncomplete, ShopExists


@transaction.atomic
def add_shop(*, by, name, sid, environment, app_key, app_secret, members=(), **limits):
    """Adds a shop with its first credential; `members` work for it, and the administrator who adds it; returns it.

    `app_secret` is a Secret. Raises NotAllowed, CredentialIncomplete, ShopExists.
    """
    permissions.check_may_manage_shops(by)
    now = timezone.now()
    try:
        with transaction.atomic():
            shop = Shop.objects.create(name=name, sid=sid, environment=environment, **limits)
    except IntegrityError as error:
        raise ShopExists from error
    shop.members.set({by, *members})
    Event.write(
        Event.Kind.SHOP_ADDED,
        by=by,
        shop=shop,
        at=now,
        name=name,
        sid=sid,
        environment=environment,
        members=sorted(person.get_username() for person in shop.members.all()),
    )
    _add_credential(shop, by=by, app_key=app_key, app_secret=app_secret, at=now)
    return shop


def _add_credential(shop, *, by, app_key, app_secret, at):
    secret, _, salt = app_secret.reveal().strip().partition(":")
    if not secret or not salt:
        raise CredentialIncomplete
    credential = Credential.objects.create(
        shop=shop,
        app_key=app_key,
        app_secret=Secret(app_secret.reveal().strip()),
        fingerprint=fingerprint(app_secret),
        created_by=by,
    )
    Event.write(
        Event.Kind.CREDENTIAL_ADDED,
        by=by,
        shop=shop,
        at=at,
        app_key=app_key,
        fingerprint=credential.fingerprint,
    )


def fingerprint(app_secret):
    """Eight characters that tell two secrets apart and lead back to neither."""
    return hashlib.sha256(b"wdtadmin credential " + app_secret.reveal().strip().encode()).hexdigest()[:8]
