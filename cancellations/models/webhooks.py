"""Addresses of other systems that are told of events of a seller account, and each message to them."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cancellations.models.cancellations import CancellationRequest
from cancellations.models.events import Event
from cancellations.models.secrets import EncryptedSecretField
from cancellations.models.shops import Shop


class Webhook(models.Model):
    """Where another system wants to be told what happens to the requests of one seller account.

    `old_secret` signs beside `secret` until `old_until`. `off_why` says why the application itself switched it off.
    `failing_since` and `failures` count from the last answer that was good; until `rests_until` nothing is sent.
    """

    class Kind(models.TextChoices):
        """What it can be told of; the values are the `type` of a message."""

        SUBMITTED = "request.submitted", _("A request was submitted")
        APPROVED = "request.approved", _("A request was approved")
        REJECTED = "request.rejected", _("A request was rejected")
        WITHDRAWN = "request.withdrawn", _("A request was withdrawn after its submission")
        EXPIRED = "request.expired", _("A request expired without a decision")
        PAUSED = "request.paused", _("Sending was paused")
        STOPPED = "request.stopped", _("A request was stopped")
        FINISHED = "request.finished", _("A request has finished")
        SETTLED = "order.settled", _("Outcomes of orders became known, or were corrected")

    class Off(models.TextChoices):
        GONE = "gone", _("The address answered 410: it wants no more messages.")
        FAILING = "failing", _("No message got through for 24 hours.")

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="webhooks")
    name = models.CharField(pgettext_lazy("webhook", "Name"), max_length=60)
    url = models.CharField(pgettext_lazy("webhook", "Address"), max_length=500)
    kinds = models.JSONField(default=list)
    secret = EncryptedSecretField()
    old_secret = EncryptedSecretField(null=True)
    old_until = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)
    off_why = models.CharField(max_length=8, choices=Off, default="")
    off_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    rests_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["shop", "name"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "name"], name="a_webhook_of_an_account_has_its_own_name"),
            models.CheckConstraint(
                condition=Q(off_why="") | Q(off_at__isnull=False, is_active=False),
                name="a_webhook_that_was_switched_off_is_off",
            ),
            models.CheckConstraint(
                condition=Q(old_secret__isnull=True, old_until__isnull=True)
                | Q(old_secret__isnull=False, old_until__isnull=False),
                name="an_old_secret_has_an_end",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def kinds_in_words(self) -> list[str]:
        return [str(kind.label) for kind in self.Kind if kind in self.kinds]

    def signing_secrets(self, now: datetime) -> list[str]:
        """The secrets that sign at this moment, the newest first. Raises SecretUnreadable."""
        is_rotating = self.old_secret is not None and self.old_until is not None and now < self.old_until
        return [self.secret.reveal(), *([self.old_secret.reveal()] if is_rotating else [])]


class WebhookDelivery(models.Model):
    """One message to one webhook. `body` is written in the transaction of the event, and sent as it stands at every
    attempt; the application sends nothing else under this `uid`.
    """

    TEST = "test"

    class State(models.TextChoices):
        DUE = "due", pgettext_lazy("delivery", "to be delivered")
        SENT = "sent", pgettext_lazy("delivery", "delivered")
        FAILED = "failed", pgettext_lazy("delivery", "given up")

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", db_index=False)
    kind = models.CharField(max_length=20, choices=[*Webhook.Kind.choices, (TEST, _("Test"))])
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", null=True, db_index=False)
    cancellation = models.ForeignKey(CancellationRequest, models.PROTECT, related_name="+", null=True, db_index=False)
    at = models.DateTimeField()
    body = models.TextField()

    state = models.CharField(max_length=6, choices=State, default=State.DUE)
    due_at = models.DateTimeField()
    claimed_by = models.CharField(max_length=36, default="")
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # of this round: sending again begins a new one
    # of the last attempt: what it came to, and what the address answered
    meaning = models.CharField(max_length=16, default="")
    http_status = models.PositiveSmallIntegerField(null=True)
    milliseconds = models.PositiveIntegerField(null=True)
    answer = models.TextField(default="")
    tried_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["webhook", "due_at"], condition=Q(state="due"), name="deliveries_that_are_due"),
            models.Index(fields=["webhook", "-id"], name="newest_of_a_webhook"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event"], name="a_webhook_is_told_of_an_event_once"),
        ]

    def __str__(self):
        return f"{self.kind} {self.message_id}"

    @property
    def message_id(self) -> str:
        """The header `webhook-id`: the same at every attempt."""
        return f"msg_{self.uid.hex}"
