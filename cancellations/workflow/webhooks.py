"""What an administrator does with the webhooks of a seller account."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from cancellations import webhooks
from cancellations.models import Event, Person, Shop, Webhook, WebhookDelivery
from cancellations.models.secrets import Secret
from cancellations.workflow import limits, permissions
from cancellations.workflow.errors import TooManyWebhooks, WebhookAddressRefused, WebhookNameTaken, WebhookOff

MAX_WEBHOOKS = 10  # of a seller account
OLD_SECRET_SIGNS = timedelta(days=3)  # beside the new one, so that a receiver can change without losing a message
State = WebhookDelivery.State


@transaction.atomic
def add_webhook(shop: Shop, *, by: Person, name: str, url: str, kinds: Iterable[str]) -> Webhook:
    """Adds a webhook with a new secret, which is shown to nobody but who adds it.

    Raises NotAllowed, TooManyWebhooks, WebhookAddressRefused, WebhookNameTaken.
    """
    permissions.check_may_change_shop(by, shop)
    if shop.webhooks.count() >= MAX_WEBHOOKS:
        raise TooManyWebhooks(limit=MAX_WEBHOOKS)
    _check_address(url)
    secret = Secret(webhooks.new_secret())
    webhook = Webhook(shop=shop, name=name.strip(), url=url, kinds=_known(kinds), secret=secret)
    _save(webhook)
    _tell(Event.Kind.WEBHOOK_ADDED, webhook, by=by, url=url, kinds=webhook.kinds)
    return webhook


@transaction.atomic
def change_webhook(webhook: Webhook, *, by: Person, name: str, url: str, kinds: Iterable[str]) -> None:
    """Changes name, address and what it is told of. Messages that are still due go to the new address.

    Raises NotAllowed, WebhookAddressRefused, WebhookNameTaken.
    """
    permissions.check_may_change_shop(by, webhook.shop)
    _check_address(url)
    webhook.name, webhook.url, webhook.kinds, webhook.rests_until = name.strip(), url, _known(kinds), None
    _save(webhook, fields=["name", "url", "kinds", "rests_until"])
    _tell(Event.Kind.WEBHOOK_CHANGED, webhook, by=by, url=url, kinds=webhook.kinds)


@transaction.atomic
def switch_webhook(webhook: Webhook, *, by: Person, on: bool) -> None:
    """Switches the webhook on or off. What was due when it went off is then due anew. Raises NotAllowed."""
    permissions.check_may_change_shop(by, webhook.shop)
    now = timezone.now()
    webhook.is_active, webhook.off_why, webhook.off_at = on, "", None if on else now
    webhook.failing_since, webhook.failures, webhook.rests_until = None, 0, None
    webhook.save(update_fields=["is_active", "off_why", "off_at", "failing_since", "failures", "rests_until"])
    if on:
        webhook.deliveries.filter(state=State.DUE).update(due_at=now, attempts=0)
    _tell(Event.Kind.WEBHOOK_SWITCHED, webhook, by=by, on=on)


@transaction.atomic
def rotate_secret(webhook: Webhook, *, by: Person) -> None:
    """Gives it a new secret; the one before signs beside it for some days. Raises NotAllowed."""
    permissions.check_may_change_shop(by, webhook.shop)
    now = timezone.now()
    webhook.old_secret, webhook.old_until = webhook.secret, now + OLD_SECRET_SIGNS
    webhook.secret = Secret(webhooks.new_secret())
    webhook.save(update_fields=["secret", "old_secret", "old_until"])
    _tell(Event.Kind.WEBHOOK_ROTATED, webhook, by=by, old_until=webhook.old_until.isoformat())


@transaction.atomic
def remove_webhook(webhook: Webhook, *, by: Person) -> None:
    """Removes the webhook with its messages. Raises NotAllowed."""
    permissions.check_may_change_shop(by, webhook.shop)
    _tell(Event.Kind.WEBHOOK_REMOVED, webhook, by=by)
    webhook.delete()


@transaction.atomic
def send_again(delivery: WebhookDelivery, *, by: Person) -> None:
    """The message is due at once, with the same id and the same bytes. Raises NotAllowed, TooOften, WebhookOff."""
    permissions.check_may_change_shop(by, delivery.webhook.shop)
    if not delivery.webhook.is_active:
        raise WebhookOff
    limits.consume(limits.TEST_WEBHOOK, by=by)
    Webhook.objects.filter(pk=delivery.webhook_id).update(rests_until=None)
    free = WebhookDelivery.objects.filter(pk=delivery.pk, claimed_until__isnull=True)
    free.update(state=State.DUE, due_at=timezone.now(), attempts=0)


def _known(kinds: Iterable[str]) -> list[str]:
    """In the order of the table, each once."""
    wanted = set(kinds)
    return [str(kind) for kind in Webhook.Kind if kind in wanted]


def _check_address(url: str) -> None:
    try:
        webhooks.check_address(url, settings.WEBHOOK_PRIVATE_NETWORKS)
    except webhooks.AddressRefused as error:
        raise WebhookAddressRefused from error


def _save(webhook: Webhook, *, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            webhook.save(update_fields=fields)
    except IntegrityError as error:
        raise WebhookNameTaken(name=webhook.name) from error


def _tell(kind: Event.Kind, webhook: Webhook, *, by: Person, **data: Any) -> None:
    Event.write(kind, by=by, shop=webhook.shop, at=timezone.now(), webhook=webhook.name, **data)
