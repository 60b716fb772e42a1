import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from cancellations.models.naming import naming
from cancellations.models.people import Person
from cancellations.models.problems import AccountProblem, Effect
from cancellations.models.shops import Shop


def one_of(a: str, b: str) -> Q:
    """Either of two conditions, never both."""
    return a & ~b | ~a & b


class Operation(models.IntegerChoices):
    """What the ERP is asked to do; the value is its `operate_type`."""

    CANCEL = 0, pgettext_lazy("operation", "Cancel")
    STOP_WAITING = 1, _("Stop waiting")
    WMS_STOP_WAITING = 2, _("WMS stop waiting")


class ReasonKind(models.TextChoices):
    """Why orders are cancelled, as it is counted; the request's own words stand beside it."""

    DISCONTINUED = "discontinued", pgettext_lazy("reason", "Discontinued")
    OUT_OF_STOCK = "out_of_stock", pgettext_lazy("reason", "Supplier out of stock")
    DUPLICATE = "duplicate", pgettext_lazy("reason", "Duplicate order")
    PRICE = "price", pgettext_lazy("reason", "Price")
    OTHER = "other", pgettext_lazy("reason", "Other")


class DailyNumber(models.Model):
    """The last number given on a day (Asia/Shanghai): counting rows would give a number twice."""

    day = models.DateField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self):
        return f"{self.day}: {self.last}"


class CancellationQuerySet(models.QuerySet["CancellationRequest"]):
    def for_user(self, user: Person) -> Self:
        """What the person may read: the requests of their shops, and drafts only if they are their own."""
        return self.filter(shop__in=Shop.objects.for_user(user)).without_drafts_of_others(user)

    def without_drafts_of_others(self, user: Person) -> Self:
        return self.filter(~Q(status=CancellationRequest.Status.DRAFT) | Q(requester=user))

    def awaiting_decision_of(self, user: Person) -> Self:
        """What waits for the person's decision: submitted by somebody else, in a shop of theirs."""
        submitted = self.for_user(user).filter(status=CancellationRequest.Status.SUBMITTED)
        return submitted.asked_by_others(user)

    def to_be_settled_by(self, user: Person) -> Self:
        """Requests of others with orders that only a person can settle, in a shop of the person."""
        lines = CancellationRequest._meta.get_field("lines").related_model.objects.for_people()
        return self.for_user(user).filter(pk__in=lines.values("cancellation")).asked_by_others(user)

    def asked_by_others(self, user: Person) -> Self:
        """Neither by the person nor by a machine that the person answers for."""
        return self.exclude(requester=user).exclude(requester__in=user.machines.values("pk"))


class CancellationRequest(models.Model):
    """A clerk's list of orders with one operation and a reason; approved or rejected whole."""

    class Status(models.TextChoices):
        DRAFT = "DRAFT", pgettext_lazy("request status", "Draft")
        SUBMITTED = "SUBMITTED", _("Awaiting approval")
        APPROVED = "APPROVED", pgettext_lazy("request status", "Approved")
        RUNNING = "RUNNING", pgettext_lazy("request status", "Running")
        PAUSED = "PAUSED", pgettext_lazy("request status", "Paused")
        FINISHED = "FINISHED", pgettext_lazy("request status", "Finished")
        REJECTED = "REJECTED", pgettext_lazy("request status", "Rejected")
        WITHDRAWN = "WITHDRAWN", pgettext_lazy("request status", "Withdrawn")
        EXPIRED = "EXPIRED", pgettext_lazy("request status", "Expired")
        STOPPED = "STOPPED", pgettext_lazy("request status", "Stopped")

    UNDECIDED = (Status.DRAFT, Status.SUBMITTED)
    SENDABLE = (Status.APPROVED, Status.RUNNING)
    IN_PROGRESS = (Status.APPROVED, Status.RUNNING, Status.PAUSED)
    ENDED = (Status.REJECTED, Status.WITHDRAWN, Status.EXPIRED, Status.FINISHED, Status.STOPPED)

    APPROVED_ONCE = (*IN_PROGRESS, Status.FINISHED, Status.STOPPED)

    # Beside the problems of its account, all that pauses a request.
    LIST_CHANGED, NOT_VOUCHED_FOR, SHOWN_CHANGED = "changed", "not_vouched_for", "shown_changed"
    OF_FORGERY = (LIST_CHANGED, NOT_VOUCHED_FOR, SHOWN_CHANGED)
    PERHAPS_SENT = "perhaps_sent"
    PAUSE_REASONS = (
        *AccountProblem.that(Effect.PAUSES),
        (LIST_CHANGED, _("The list differs from the approved one.")),
        (NOT_VOUCHED_FOR, _("The audit trail holds no valid approval of this request.")),
        (SHOWN_CHANGED, _("The amounts or forecasts differ from what the ERP showed.")),
        (PERHAPS_SENT, _("The database was restored from a copy: orders may have been sent after the copy was made.")),
    )

    number = models.CharField(max_length=20, unique=True)
    shop = models.ForeignKey(Shop, models.PROTECT, related_name="cancellations", db_index=False)
    operation = models.PositiveSmallIntegerField(choices=Operation)
    allow_checked = models.BooleanField(default=False)
    reason_kind = models.CharField(max_length=12, choices=ReasonKind, default=ReasonKind.OTHER)
    reason = models.CharField(max_length=500, default="")
    wanted_by = models.DateTimeField(null=True)  # as the requester asks; nothing happens by itself
    line_count = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)

    requester = models.ForeignKey(Person, models.PROTECT, related_name="+")
    form_token = models.UUIDField()
    external_id = models.CharField(max_length=100, default="")  # what a machine calls it
    on_behalf_of = models.CharField(max_length=100, default="")  # whom a machine asks for, in its own words
    copied_from = models.ForeignKey("self", models.PROTECT, related_name="copies", null=True)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    # The deadline of the decision, as it was counted at the submission or the extension: no later holiday moves it.
    expires_at = models.DateTimeField(null=True)
    extended_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    decided_hash = models.CharField(max_length=64, default="")
    decision_note = models.CharField(max_length=500, default="")
    stopped_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    stopped_at = models.DateTimeField(null=True)
    pause_reason = models.CharField(max_length=16, choices=PAUSE_REASONS, default="")
    pause_message = models.CharField(max_length=500, default="")
    ended_at = models.DateTimeField(null=True)

    objects = CancellationQuerySet.as_manager()
    get_operation_display, get_status_display = naming("operation", Operation), naming("status", Status)

    class Meta:
        ordering = ["-id"]
        indexes = [
            # what awaits a decision, what is to be sent for an account, a list of one status
            models.Index(fields=["shop", "status", "-id"], name="awaiting_and_running_of_a_shop"),
            # the list of all requests, and the history of a shop, the newest first
            models.Index(fields=["shop", "-id"], name="newest_of_a_shop"),
            # "my requests", and the history of a requester
            models.Index(fields=["requester", "-id"], name="newest_of_a_person"),
            # the requests of a day, to count them
            models.Index(
                fields=["submitted_at"], condition=Q(submitted_at__isnull=False), name="requests_by_submission"
            ),
            # what nobody decided on in time: every sweep looks for it
            models.Index(fields=["expires_at"], condition=Q(status="SUBMITTED"), name="undecided_by_deadline"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(decided_by=F("requester")), name="nobody_decides_on_their_own_request"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True, decided_at__isnull=True, decided_hash="")
                | Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decided_hash=""),
                name="who_decided_when_on_what_or_nothing",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=False) | Q(status__in=["DRAFT", "SUBMITTED", "WITHDRAWN", "EXPIRED"]),
                name="nothing_runs_without_a_decision",
            ),
            models.CheckConstraint(
                condition=Q(decided_hash="") | Q(decided_hash=F("content_hash")),
                name="what_was_decided_on_is_what_is_stored",
            ),
            models.CheckConstraint(
                condition=~Q(status="REJECTED") | ~Q(decision_note=""), name="a_rejection_has_a_note"
            ),
            models.CheckConstraint(
                condition=Q(stopped_by__isnull=True, stopped_at__isnull=True)
                | Q(stopped_by__isnull=False, stopped_at__isnull=False),
                name="who_stopped_and_when_or_neither",
            ),
            models.CheckConstraint(
                condition=Q(stopped_by__isnull=False) | ~Q(status="STOPPED"), name="somebody_stopped_it"
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=False) | Q(status__in=["DRAFT", "WITHDRAWN"]),
                name="what_was_submitted_says_when",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=False) | ~Q(status="SUBMITTED"), name="what_awaits_a_decision_expires"
            ),
            models.CheckConstraint(condition=one_of(Q(pause_reason=""), Q(status="PAUSED")), name="paused_says_why"),
            models.CheckConstraint(
                condition=Q(allow_checked=False) | Q(operation=Operation.CANCEL.value),
                name="checked_orders_are_an_option_of_cancelling",
            ),
            models.CheckConstraint(condition=Q(operation__in=[0, 1, 2]), name="the_operation_is_known"),
            models.CheckConstraint(
                condition=~Q(reason="") | ~Q(reason_kind=ReasonKind.OTHER.value), name="a_request_has_a_reason"
            ),
            models.UniqueConstraint(fields=["requester", "form_token"], name="a_form_makes_one_request"),
            models.UniqueConstraint(
                fields=["requester", "external_id"],
                condition=~Q(external_id=""),
                name="an_external_id_is_one_request_of_a_machine",
            ),
        ]

    def __str__(self):
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("cancellation", args=[self.number])

    @property
    def reason_in_words(self) -> str:
        """The reason as people read it: what is counted, and the request's own words."""
        if self.reason_kind == ReasonKind.OTHER:
            return self.reason
        return pgettext("clause", ": ").join(filter(None, (self.get_reason_kind_display(), self.reason)))

    @property
    def is_undecided(self) -> bool:
        """Whether somebody may still decide on it, or submit it first."""
        return self.status in self.UNDECIDED

    @property
    def reason_hash(self) -> str:
        """What tells that the reason is the one that was submitted: it is no part of the content."""
        return hashlib.sha256(f"{self.reason_kind}\n{self.reason}".encode()).hexdigest()

    @property
    def was_approved(self) -> bool:
        """Whether it was decided on and not rejected, whatever became of it then."""
        return self.decided_by_id is not None and self.status != self.Status.REJECTED

    @property
    def account_problem(self) -> AccountProblem | None:
        """Why its account cannot be used; None if it is not paused, or for another reason."""
        return AccountProblem.of(self.pause_reason)

    @property
    def held_until(self) -> datetime:
        """Until when an approved request is not sent yet: time to stop what was approved in haste."""
        return self.decided_at + timedelta(seconds=settings.APPROVAL_HOLD_SECONDS)

    def stored_hash(self) -> str:
        """The content hash, computed anew from what the database holds now."""
        stored = CancellationRequest.objects.values("shop_id", "operation", "allow_checked").get(pk=self.pk)
        return content_hash(**stored, order_nos=self.lines.order_by("position").values_list("order_no", flat=True))


def content_hash(*, shop_id: int, operation: int, allow_checked: bool, order_nos: Iterable[str]) -> str:
    """SHA-256 over what a decision is about; the order of the numbers counts, their amount is implied."""
    content = [shop_id, int(operation), bool(allow_checked), list(order_nos)]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
