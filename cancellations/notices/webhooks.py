"""Delivers the messages of webhooks, and writes down what their addresses answered.

Several workers may do it at once, each with the messages that it has claimed. What an address had taken and was not
written down when a process died is sent again, under the same id.
"""

import logging
import random
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from cancellations import webhooks
from cancellations.models import Event, Notice, Person, Webhook, WebhookDelivery
from cancellations.models.secrets import SecretUnreadable
from cancellations.notices import claims
from cancellations.webhooks import Answered, Meaning
from cancellations.workflow import limits, permissions, publishing, telling

logger = logging.getLogger("cancellations.notices")
State = WebhookDelivery.State
IN_TURN = 20  # messages of one webhook before another one's
# Seconds until the next attempt, as Standard Webhooks advises; each up to a fifth longer, so that not all come at once.
PAUSES = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
JITTER = 0.2
FAILS_FOR = timedelta(hours=24)  # then it is switched off
RESTS = (0, 5, 15, 60, 300)  # seconds after so many failures in a row: an address that is away holds up no other
SECRET_UNREADABLE = "secret"  # noqa: S105 - a word for what went wrong
KEPT = timedelta(days=90)


def deliver_due(is_stopping: Callable[[], bool] = lambda: False) -> int:
    """Delivers what is due to every webhook that does not rest; returns how many messages were taken.

    A process that is to stop ends with the message that is on its way.
    """
    now = timezone.now()
    due = claims.due(WebhookDelivery.objects.all(), now)
    ready = Webhook.objects.filter(Q(rests_until__isnull=True) | Q(rests_until__lte=now), is_active=True)
    taken = 0
    for webhook in ready.filter(pk__in=due.values("webhook")).select_related("shop"):
        for _ in range(IN_TURN):  # until one fails, or another webhook's turn has come
            delivery = None if is_stopping() else claims.claim(webhook.deliveries.all()).first()
            if delivery is None or not _attempt(webhook, delivery):
                break
            taken += 1
    return taken


def _attempt(webhook: Webhook, delivery: WebhookDelivery) -> bool:
    """Sends the message once and writes down what came of it; whether it was taken."""
    answered = _send(webhook, delivery)
    with transaction.atomic():
        if answered is None:
            _put_off(delivery, timedelta(minutes=10), meaning=SECRET_UNREADABLE)
            return False
        is_taken = answered.meaning is Meaning.TAKEN
        if is_taken:
            _write(delivery, answered, state=State.SENT)
        elif delivery.attempts >= len(PAUSES):
            _write(delivery, answered, state=State.FAILED)
        else:
            pause = PAUSES[delivery.attempts] * random.uniform(1, 1 + JITTER)  # noqa: S311 - no secret
            _write(delivery, answered, due_at=timezone.now() + timedelta(seconds=max(pause, answered.wait)))
        # What the answer means for the webhook as a whole: it begins anew, rests for a while, or is switched off.
        own, now = Webhook.objects.select_for_update().filter(pk=webhook.pk), timezone.now()
        stored = own.first()
        if is_taken:
            own.exclude(failing_since=None).update(failing_since=None, failures=0, rests_until=None)
        elif stored is not None:
            failures, since = stored.failures + 1, stored.failing_since or now
            rest = timedelta(seconds=max(RESTS[min(failures - 1, len(RESTS) - 1)], answered.wait))
            own.update(failures=min(failures, 30_000), failing_since=since, rests_until=now + rest)
            if answered.meaning is Meaning.GONE:
                _switch_off(stored, Webhook.Off.GONE, now)
            elif now - since > FAILS_FOR:
                _switch_off(stored, Webhook.Off.FAILING, now)
    return is_taken


def _send(webhook: Webhook, delivery: WebhookDelivery) -> Answered | None:
    """None if a secret cannot be read: nothing is sent without a signature."""
    try:
        keys = webhook.signing_secrets(timezone.now())
    except SecretUnreadable:
        logger.error("The secret of webhook %s cannot be decrypted: CREDENTIAL_KEYS lacks its key.", webhook.pk)
        return None
    networks = settings.WEBHOOK_PRIVATE_NETWORKS
    return webhooks.deliver(webhook.url, keys, delivery.message_id, delivery.body.encode(), private_networks=networks)


def _write(delivery: WebhookDelivery, answered: Answered, **changes: object) -> None:
    own = WebhookDelivery.objects.filter(pk=delivery.pk, claimed_by=delivery.claimed_by)
    own.update(
        claimed_by="",
        claimed_until=None,
        attempts=F("attempts") + 1,
        tried_at=timezone.now(),
        meaning=answered.meaning,
        http_status=answered.status,
        milliseconds=answered.milliseconds,
        answer=answered.text,
        **changes,
    )


def _put_off(delivery: WebhookDelivery, pause: timedelta, *, meaning: str) -> None:
    own = WebhookDelivery.objects.filter(pk=delivery.pk, claimed_by=delivery.claimed_by)
    own.update(claimed_by="", claimed_until=None, due_at=timezone.now() + pause, meaning=meaning)


def _switch_off(webhook: Webhook, why: Webhook.Off, now: datetime) -> None:
    """Nothing more is sent until an administrator switches it on; those of the account are told. In a transaction."""
    active = Webhook.objects.filter(pk=webhook.pk, is_active=True)
    if not active.update(is_active=False, off_why=why, off_at=now, rests_until=None):
        return
    Event.write(
        Event.Kind.WEBHOOK_SWITCHED, by=None, shop=webhook.shop, at=now, webhook=webhook.name, on=False, why=str(why)
    )
    telling.tell_administrators(
        Notice.Kind.WEBHOOK_OFF,
        f"webhook {webhook.pk} {now:%Y%m%d%H%M%S}",
        webhook.shop,
        webhook=webhook.name,
        why=str(why),
    )
    logger.warning("Webhook %s of seller account %s was switched off: %s", webhook.pk, webhook.shop_id, why)


def send_test(webhook: Webhook, *, by: Person) -> WebhookDelivery:
    """Sends a test at once, and never again by itself; what the address answered stands in the delivery.

    It says nothing of the webhook's health, and is possible while it is off. Raises NotAllowed, TooOften.
    """
    permissions.check_may_change_shop(by, webhook.shop)
    limits.consume(limits.TEST_WEBHOOK, by=by)
    delivery = publishing.test_message(webhook, timezone.now())
    delivery.state = State.FAILED
    delivery.save()
    answered = _send(webhook, delivery)
    if answered is None:
        _put_off(delivery, timedelta(0), meaning=SECRET_UNREADABLE)
    else:
        _write(delivery, answered, state=State.SENT if answered.meaning is Meaning.TAKEN else State.FAILED)
    delivery.refresh_from_db()
    return delivery


def forget_old() -> int:
    """Removes messages after 90 days; returns how many."""
    return WebhookDelivery.objects.filter(at__lt=timezone.now() - KEPT).delete()[0]
