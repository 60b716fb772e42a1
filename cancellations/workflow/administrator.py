"""What an administrator does with shops: add, change and pause them, who works for them, and their credentials."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from operator import methodcaller
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from cancellations.models import Credential, Event, GroupRobot, Person, Shop, Webhook
from cancellations.models.secrets import AppSecret, Secret
from cancellations.workflow import access_changes, granting, people, permissions, telling
from cancellations.workflow.errors import (
    AccountNotPaused,
    AccountPaused,
    LastAdministrator,
    NoActiveCredential,
    NotAllowed,
    NoteMissing,
    NothingToChange,
    ShopExists,
    ShopHasRequests,
)
from cancellations.workflow.waking import wake_account, wake_shop

get_username = methodcaller("get_username")
ENCRYPTED: tuple[tuple[Any, str], ...] = (
    (Credential, "app_secret"),
    *((GroupRobot, field) for field in ("address", "secret")),
    *((Webhook, field) for field in ("secret", "old_secret")),
)
IDENTITY = {"sid", "environment"}  # what the ERP knows the shop by


@transaction.atomic
def add_shop(
    *,
    by: Person,
    name: str,
    sid: str,
    environment: str,
    app_key: str,
    app_secret: AppSecret,
    members: Iterable[Person] = (),
    **limits: Any,
) -> Shop:
    """Adds a shop with its first credential; `members` work for it, and the administrator who adds it; returns it.

    Of members who may decide or administer it is asked for, and waits for a second administrator.
    Raises NotAllowed, also for members whom the administrator does not know, ShopExists, ChangeWaits.
    """
    permissions.check_may_manage_shops(by)
    members = set(members) - {by}
    _check_known(members, by)
    now = timezone.now()
    try:
        with transaction.atomic():
            shop = Shop.objects.create(name=name, sid=sid, environment=environment, **limits)
    except IntegrityError as error:
        raise ShopExists from error
    at_once = [person for person in members if not access_changes.is_guarded(person)]
    shop.members.set([by, *at_once])
    Event.write(
        Event.Kind.SHOP_ADDED,
        by=by,
        shop=shop,
        at=now,
        name=name,
        sid=sid,
        environment=environment,
        members=sorted(map(get_username, shop.members.all())),
    )
    _add_credential(shop, by=by, app_key=app_key, app_secret=app_secret, at=now)
    for person in sorted(members - set(at_once), key=get_username):
        people.give_shops(person, [shop], by=by)
    return shop


@transaction.atomic
def change_shop(shop: Shop, *, by: Person, **fields: Any) -> None:
    """Changes the shop's name, limits and hours, or whether it is active; seller account and environment only while
    no request was made for it. `shop` is brought up to date.

    Raises NotAllowed, NothingToChange, ShopHasRequests, ShopExists.
    """
    permissions.check_may_change_shop(by, shop)
    stored = _locked(shop)
    changes = {name: (getattr(stored, name), value) for name, value in fields.items() if getattr(stored, name) != value}
    if not changes:
        raise NothingToChange
    if IDENTITY & set(changes) and stored.cancellations.exists():
        raise ShopHasRequests
    try:
        with transaction.atomic():
            Shop.objects.filter(pk=shop.pk).update(**{name: after for name, (_, after) in changes.items()})
    except IntegrityError as error:
        raise ShopExists from error
    in_words = {name: [str(before), str(after)] for name, (before, after) in changes.items()}
    Event.write(Event.Kind.SHOP_CHANGED, by=by, shop=shop, at=timezone.now(), changes=in_words)
    shop.refresh_from_db()


@transaction.atomic
def change_members(shop: Shop, *, by: Person, members: Iterable[Person]) -> None:
    """From now on the active `members` work for the shop; those who may decide, when a second person has confirmed it.

    Raises NotAllowed, NothingToChange, LastAdministrator, ChangeWaits.
    """
    [by] = people.one_after_the_other(by)
    permissions.check_may_change_shop(by, shop)
    before, after = set(shop.members.filter(is_active=True, is_machine=False)), set(members)
    if before == after:
        raise NothingToChange
    _check_known(after - before, by)
    for person in sorted(before - after, key=get_username):
        granting.take_shops(person, [shop], by=by)
    for person in sorted(after - before, key=get_username):
        people.give_shops(person, [shop], by=by)
    if not (
        people.somebody_administers_everything()
        or shop.members.filter(is_active=True, groups__name=permissions.ADMINISTRATOR).exists()
    ):
        raise LastAdministrator(shop=shop.name)


def _check_known(members: Iterable[Person], by: Person) -> None:
    """Whoever works elsewhere is given a seller account by a superuser, or by an administrator there."""
    if set(members) - set(people.known_to(by)) - {by}:
        raise NotAllowed


@transaction.atomic
def replace_credential(shop: Shop, *, by: Person, app_key: str, app_secret: AppSecret) -> Credential:
    """Retires the shop's credential, if there is one, and adds another; returns it.

    A call that is under way with the old one is still recorded. Raises NotAllowed.
    """
    permissions.check_may_change_shop(by, shop)
    _locked(shop)
    now = timezone.now()
    _retire(shop, by=by, at=now)
    credential = _add_credential(shop, by=by, app_key=app_key, app_secret=app_secret, at=now)
    wake_account(credential.pk)
    return credential


@transaction.atomic
def retire_credential(shop: Shop, *, by: Person) -> None:
    """From now on no call is made for the shop, until a credential is added. Raises NotAllowed, NoActiveCredential."""
    permissions.check_may_change_shop(by, shop)
    if not _retire(shop, by=by, at=timezone.now()):
        raise NoActiveCredential


def _retire(shop: Shop, *, by: Person, at: datetime) -> bool:
    """Retires the active credential; False if there is none."""
    active = shop.credentials.filter(is_active=True).first()
    if active is None or not Credential.objects.filter(pk=active.pk, is_active=True).update(
        is_active=False, retired_at=at, retired_by=by
    ):
        return False
    Event.write(
        Event.Kind.CREDENTIAL_RETIRED,
        by=by,
        shop=shop,
        at=at,
        app_key=active.app_key,
        fingerprint=active.fingerprint,
    )
    return True


def _add_credential(shop: Shop, *, by: Person, app_key: str, app_secret: AppSecret, at: datetime) -> Credential:
    credential = Credential.objects.create(
        shop=shop,
        app_key=app_key,
        app_secret=app_secret,
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
    return credential


def fingerprint(app_secret: Secret) -> str:
    """Eight characters that tell two secrets apart and lead back to neither."""
    return hashlib.sha256(b"wdtadmin credential " + app_secret.reveal().encode()).hexdigest()[:8]


@transaction.atomic
def pause_account(shop: Shop, *, by: Person, note: str) -> None:
    """No call is made for the shop until somebody resumes; the call in flight finishes.

    Raises NotAllowed, NoteMissing, AccountPaused.
    """
    permissions.check_may_pause_account(by, shop)
    if not note.strip():
        raise NoteMissing
    now = timezone.now()
    going = Shop.objects.filter(pk=shop.pk, paused_at__isnull=True)
    if going.update(paused_by=by, paused_at=now, pause_note=note.strip()[:500]) != 1:
        raise AccountPaused
    telling.tell(Event.write(Event.Kind.ACCOUNT_PAUSED, by=by, shop=shop, at=now, note=note.strip()[:500]))


@transaction.atomic
def resume_account(shop: Shop, *, by: Person) -> None:
    """Calls are made again. Raises NotAllowed, AccountNotPaused."""
    permissions.check_may_pause_account(by, shop)
    paused = Shop.objects.filter(pk=shop.pk, paused_at__isnull=False)
    if paused.update(paused_by=None, paused_at=None, pause_note="") != 1:
        raise AccountNotPaused
    Event.write(Event.Kind.ACCOUNT_RESUMED, by=by, shop=shop, at=timezone.now())
    wake_shop(shop)


@transaction.atomic
def encrypt_secrets_anew() -> int:
    """Encrypts every stored secret under the first of CREDENTIAL_KEYS, so that the others can go; returns how many.

    Raises SecretUnreadable, and then nothing is changed. Senders at work keep the secret that they have read.
    """
    count = 0
    for model, field in ENCRYPTED:
        for one in model.objects.select_for_update().exclude(**{field: None}):
            model.objects.filter(pk=one.pk).update(**{field: Secret(getattr(one, field).reveal())})
            count += 1
    Event.write(Event.Kind.KEYS_ROTATED, by=None, at=timezone.now(), credentials=count)
    return count


def _locked(shop: Shop) -> Shop:
    """The shop as it is stored; nobody else changes it until the transaction ends."""
    return Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
