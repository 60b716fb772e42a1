from datetime import datetime, timedelta
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cancellations.models.people import Person
from cancellations.models.problems import AccountProblem, Effect
from cancellations.models.secrets import EncryptedSecretField


class ShopQuerySet(models.QuerySet["Shop"]):
    def for_user(self, user: Person) -> Self:
        """The shops given to the person; everything that a person may read goes through here."""
        if user.is_superuser and user.is_active:
            return self
        return self.filter(members=user) if user.is_active else self.none()


class Shop(models.Model):
    """One seller account of the ERP."""

    name = models.CharField(pgettext_lazy("seller account", "Name"), max_length=80, unique=True)
    sid = models.CharField(_("seller account (sid)"), max_length=64)
    environment = models.CharField(
        pgettext_lazy("label", "Environment"), max_length=32
    )  # which address of the server's list is called
    is_active = models.BooleanField(pgettext_lazy("label", "Active"), default=True)
    orders_per_call = models.PositiveSmallIntegerField(
        _("Orders per call"),
        default=20,
        validators=[MinValueValidator(1), MaxValueValidator(500)],
        help_text=_("The ERP limit is undocumented; 20 is safe."),
    )
    seconds_between_calls = models.DecimalField(
        _("Seconds between calls"),
        max_digits=5,
        decimal_places=2,
        default="1.10",
        validators=[MinValueValidator(0)],
        help_text=_("The ERP allows about 60 calls a minute."),
    )
    lookup_limit = models.PositiveSmallIntegerField(
        _("Maximum orders looked up"),
        default=500,
        help_text=_("Longer lists are sampled before approval. 0 turns the lookup off."),
    )
    order_shapes = models.TextField(
        _("Shapes of the order numbers"),
        blank=True,
        default="",
        max_length=1000,
        help_text=_(
            "One per line, with # for each digit: CG############. Numbers of other shapes are then taken from a list "
            "only if a person says so. Leave it empty to learn the shapes from what the ERP shows."
        ),
    )
    # Whoever sends outside of them does it for nobody: people look at results in working hours.
    send_from = models.TimeField(_("Send from"), null=True, blank=True)
    send_until = models.TimeField(
        _("Send until"),
        null=True,
        blank=True,
        help_text=_("Working hours in Beijing time. Enter both or neither. May span midnight."),
    )
    paused_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    paused_at = models.DateTimeField(null=True)
    pause_note = models.CharField(max_length=500, default="")
    members = models.ManyToManyField(Person, related_name="shops")

    objects = ShopQuerySet.as_manager()

    class Meta:
        verbose_name = _("seller account")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["environment", "sid"], name="a_seller_account_is_one_shop"),
            models.CheckConstraint(
                condition=models.Q(orders_per_call__gte=1, orders_per_call__lte=500),
                name="a_call_carries_1_to_500_orders",
            ),
            models.CheckConstraint(condition=models.Q(seconds_between_calls__gte=0), name="the_pace_is_not_negative"),
            models.CheckConstraint(
                condition=models.Q(send_from__isnull=True, send_until__isnull=True)
                | models.Q(send_from__isnull=False, send_until__isnull=False),
                name="working_hours_have_two_ends",
            ),
            models.CheckConstraint(
                condition=models.Q(paused_by__isnull=True, paused_at__isnull=True)
                | models.Q(paused_by__isnull=False, paused_at__isnull=False),
                name="who_paused_the_account_and_when_or_neither",
            ),
        ]

    def __str__(self):
        return self.name

    def opens_at(self, moment: datetime) -> datetime:
        """`moment` if it is within the working hours, else when they begin next: those of the wall clock in China."""
        if self.send_from is None or self.send_until is None:
            return moment
        local = timezone.localtime(moment)
        after_opening, before_closing = local.time() >= self.send_from, local.time() < self.send_until
        past_midnight = self.send_from > self.send_until
        if (after_opening or before_closing) if past_midnight else (after_opening and before_closing):
            return moment
        opening = datetime.combine(local.date(), self.send_from, local.tzinfo)
        return opening if opening > local else opening + timedelta(days=1)

    @property
    def set_shapes(self) -> list[str]:
        """The shapes of order numbers that administrators have set."""
        return self.order_shapes.split()


class Credential(models.Model):
    """An app key with its secret. With the shop's sid it is one account, used by one sender at a time.

    `lease_*` says who is using it, `next_call_at` when the ERP may be called again, `waiting_for` why it has
    to wait longer than the pace; all of them are written by `sending` only.
    """

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="credentials")
    app_key = models.CharField(max_length=64)
    app_secret = EncryptedSecretField()
    fingerprint = models.CharField(max_length=8)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)

    lease_token = models.CharField(max_length=36, default="")
    lease_until = models.DateTimeField(null=True)
    leased_at = models.DateTimeField(null=True)
    leased_to = models.CharField(max_length=32, default="")  # a Worker's name
    next_call_at = models.DateTimeField(null=True)
    waiting_for = models.CharField(max_length=16, choices=AccountProblem.that(Effect.WAITS), default="")
    failures = models.PositiveSmallIntegerField(default=0)  # in a row
    woken_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop"], condition=models.Q(is_active=True), name="a_shop_has_one_active_credential"
            ),
            models.CheckConstraint(
                condition=models.Q(retired_at__isnull=True, retired_by__isnull=True)
                | models.Q(retired_at__isnull=False, retired_by__isnull=False, is_active=False),
                name="who_retired_it_and_when_and_then_it_is_not_active",
            ),
        ]

    def __str__(self):
        return f"{self.app_key} ({self.fingerprint})"
