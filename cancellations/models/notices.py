"""Who is to be told of what, written in the transaction of what it tells of; `notices` delivers it."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cancellations.models.cancellations import CancellationRequest, one_of
from cancellations.models.events import Event
from cancellations.models.people import Person
from cancellations.models.secrets import EncryptedSecretField
from cancellations.models.shops import Shop


class GroupRobot(models.Model):
    """A robot in a group of a chat, which is told what concerns one seller account.

    `next_at` keeps its pace for all workers together. `off_code` is the channel's answer that switched it off.
    """

    class Kind(models.TextChoices):
        WECOM = "wecom", _("WeCom")
        DINGTALK = "dingtalk", _("DingTalk")
        FEISHU = "feishu", _("Feishu")

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="robots")
    kind = models.CharField(pgettext_lazy("robot", "Chat"), max_length=8, choices=Kind)
    name = models.CharField(pgettext_lazy("robot", "Name"), max_length=60)
    address = EncryptedSecretField()  # the key or the token stands in it
    secret = EncryptedSecretField(null=True)  # for signing, where the channel has it
    is_active = models.BooleanField(default=True)
    off_code = models.CharField(max_length=32, default="")
    off_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)  # in a row

    class Meta:
        ordering = ["shop", "name"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "name"], name="a_robot_of_an_account_has_its_own_name"),
            models.CheckConstraint(
                condition=Q(off_code="", off_at__isnull=True) | Q(off_at__isnull=False, is_active=False),
                name="a_robot_that_was_switched_off_is_off",
            ),
        ]

    def __str__(self):
        return self.name


class NoticeQuerySet(models.QuerySet["Notice"]):
    def for_user(self, user: Person) -> Self:
        """The person's own; those of requests that they may not read any more are not shown."""
        if not user.is_active:
            return self.none()
        readable = CancellationRequest.objects.for_user(user).values("pk")
        return self.filter(Q(cancellation__isnull=True) | Q(cancellation__in=readable), person=user)

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """One thing that one person, or one group, is told once.

    `key` says what of: with the kind and the recipient it is unique. Pages show a person's own; `state` is that of the
    mail, or of the group's message, which is made at the delivery: no text of an order lies here.
    """

    class Kind(models.TextChoices):
        WAITING = "waiting", _("A request waits for your decision")
        EXPIRES_SOON = "expires_soon", _("A request expires soon")
        REMINDER = "reminder", _("The requester asks for a decision")
        DECIDED = "decided", _("Your request was decided on")
        WITHDRAWN = "withdrawn", _("A request that you had to do with was withdrawn")
        EXPIRED = "expired", _("A request expired without a decision")
        OVER = "over", _("A request has ended, with its outcomes")
        TO_SETTLE = "to_settle", _("Orders have to be settled manually")
        STUCK = "stuck", _("A request or a seller account is paused")
        NOBODY = "nobody", _("Nobody can decide on a request")
        ACCESS = "access", _("Access was given, changed or recovered")
        EXPORT = "export", _("An export is ready, or failed")
        AUDIT = "audit", _("The audit trail is not in order")
        WORKER = "worker", _("A worker is silent")
        CHANNEL_OFF = "channel_off", _("A group robot was switched off")
        MACHINE = "machine", _("A machine needs attention")
        WEBHOOK_OFF = "webhook_off", _("A webhook was switched off")
        SUMMARY = "summary", _("Daily summary of what waits for you")

    class State(models.TextChoices):
        DUE = "due", pgettext_lazy("notice", "to be delivered")
        SENT = "sent", pgettext_lazy("notice", "delivered")
        PAGE_ONLY = "page_only", pgettext_lazy("notice", "on the page only")
        STALE = "stale", pgettext_lazy("notice", "overtaken before the delivery")
        REFUSED = "refused", pgettext_lazy("notice", "refused by the channel")
        GIVEN_UP = "given_up", pgettext_lazy("notice", "given up after a day")

    kind = models.CharField(max_length=12, choices=Kind)
    key = models.CharField(max_length=60)
    at = models.DateTimeField()
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", null=True, db_index=False)
    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+", null=True, db_index=False)
    cancellation = models.ForeignKey(CancellationRequest, models.PROTECT, related_name="notices", null=True)
    about = models.JSONField(default=dict)  # what the words need and no other table holds: never a secret
    person = models.ForeignKey(Person, models.CASCADE, related_name="notices", null=True, db_index=False)
    robot = models.ForeignKey(GroupRobot, models.CASCADE, related_name="notices", null=True)
    read_at = models.DateTimeField(null=True)

    state = models.CharField(max_length=9, choices=State, default=State.DUE)
    due_at = models.DateTimeField()
    claimed_by = models.CharField(max_length=36, default="")
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=32, default="")  # what the channel answered last
    sent_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="due"), name="notices_that_are_due"),
            models.Index(fields=["person", "-id"], name="notices_of_a_person"),
            models.Index(fields=["person"], condition=Q(read_at__isnull=True), name="unread_notices"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["kind", "key", "person"], name="a_person_is_told_once"),
            models.UniqueConstraint(fields=["kind", "key", "robot"], name="a_group_is_told_once"),
            models.CheckConstraint(
                condition=one_of(Q(person__isnull=False), Q(robot__isnull=False)),
                name="a_notice_is_for_a_person_or_a_group",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(state="sent"), name="what_was_delivered_says_so"
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.key}"


class NoticeSettings(models.Model):
    """What a person wants to be told, how, and when they are away. Without a row the defaults hold."""

    person = models.OneToOneField(Person, models.CASCADE, related_name="notice_settings", primary_key=True)
    language = models.CharField(max_length=10, default="zh-hans")
    not_by_mail = models.JSONField(default=list)  # kinds
    muted_until = models.DateTimeField(null=True)
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    summary_at = models.TimeField(null=True)
    away_from = models.DateField(null=True)
    away_until = models.DateField(null=True)  # the last day
    # who they are in each chat, so that a group's message calls them
    wecom_id = models.CharField(max_length=64, default="")
    dingtalk_id = models.CharField(max_length=64, default="")
    feishu_id = models.CharField(max_length=64, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_have_two_ends",
            ),
            models.CheckConstraint(
                condition=Q(away_from__isnull=True, away_until__isnull=True) | Q(away_until__gte=models.F("away_from")),
                name="an_absence_ends_after_it_begins",
            ),
        ]

    def __str__(self):
        return str(self.person)

    def is_away(self, day: date) -> bool:
        return self.away_from is not None and self.away_from <= day <= self.away_until
