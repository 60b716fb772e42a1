"""What the ERP showed of the orders before anybody decided, kept as it was at that moment."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cancellations.models.calls import ApiCall
from cancellations.models.cancellations import CancellationRequest
from cancellations.models.lines import OrderLine
from cancellations.models.naming import naming
from cancellations.models.problems import AccountProblem, Effect
from cancellations.models.shops import Shop


class Lookup(models.Model):
    """One round of asking the ERP about the orders of a request; each order that is asked for has a snapshot."""

    class Occasion(models.TextChoices):
        DRAFTED = "drafted", _("draft created")
        SUBMITTED = "submitted", _("request submitted")
        ASKED = "asked", _("manual refresh")
        EDITED = "edited", _("draft changed")

    OVERTAKEN = "overtaken"  # beside the problems of the account, all that ends it before every order was asked for
    FAILURES = (
        *AccountProblem.that(Effect.ENDS_LOOKUP),
        (OVERTAKEN, _("The request moved on before the lookup was complete.")),
    )

    cancellation = models.ForeignKey(CancellationRequest, models.PROTECT, related_name="lookups")
    # Repeated from the request, so that the open ones of an account are found by one small index.
    shop = models.ForeignKey(Shop, models.PROTECT, related_name="lookups", db_index=False)
    occasion = models.CharField(max_length=9, choices=Occasion)
    wanted = models.PositiveIntegerField()  # orders that are asked for
    of = models.PositiveIntegerField()  # orders that the request had; more than `wanted`: a sample
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=16, choices=FAILURES, default="")
    message = models.CharField(max_length=500, default="")  # the ERP's words
    # How far it is; written by `sending` only.
    window_end = models.DateTimeField(null=True)  # of the window that is read by pages
    pages_left = models.PositiveIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)  # in a row
    next_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            # what is still to be asked for an account
            models.Index(fields=["shop"], condition=Q(ended_at__isnull=True), name="open_lookups_of_a_shop"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["cancellation"], condition=Q(ended_at__isnull=True), name="one_lookup_at_a_time"
            ),
            models.CheckConstraint(condition=Q(failure="") | Q(ended_at__isnull=False), name="what_failed_has_ended"),
        ]

    def __str__(self):
        return f"{self.cancellation} {self.occasion}"

    @property
    def account_problem(self) -> AccountProblem | None:
        """Why it ended early; None if it did not, or because it was overtaken."""
        return AccountProblem.of(self.failure)

    @property
    def is_sample(self) -> bool:
        return self.wanted < self.of


class KnownName(models.Model):
    """A supplier, warehouse or purchaser whom an account's orders have named: what a search can be narrowed to."""

    class Kind(models.TextChoices):
        SUPPLIER = "supplier", pgettext_lazy("label", "Supplier")
        WAREHOUSE = "warehouse", pgettext_lazy("label", "Warehouse")
        PURCHASER = "purchaser", pgettext_lazy("label", "Purchaser")

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=9, choices=Kind)
    name = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "kind", "name"], name="a_name_is_known_once")]

    def __str__(self):
        return self.name


class ErpStatus(models.IntegerChoices):
    """The status of a purchase order in the ERP (reference section 4)."""

    CANCELLED = 10, pgettext_lazy("ERP status", "cancelled")
    EDITING = 20, _("being edited")
    AWAITING_CHECK = 30, _("awaiting check")
    AWAITING_FINANCE = 35, _("awaiting finance check")
    CHECKED = 40, pgettext_lazy("ERP status", "checked")
    PARTLY_ARRIVED = 50, _("partly arrived")
    ARRIVED = 60, pgettext_lazy("ERP status", "arrived")
    AWAITING_SETTLEMENT = 70, _("awaiting settlement")
    PARTLY_SETTLED = 80, _("partly settled")
    COMPLETED = 90, pgettext_lazy("ERP status", "completed")


class StockinStatus(models.IntegerChoices):
    """How much of a purchase order is stocked in (reference section 4)."""

    NOTHING = 0, _("not stocked in")
    PARTLY = 1, _("partly stocked in")
    ALL = 2, _("stocked in")
    STOPPED = 3, _("stock-in stopped")
    OVER = 4, _("stocked in over quantity")
    PARTLY_OVER = 5, _("partly stocked in, partly over quantity")


class Forecast(models.TextChoices):
    """What is expected of an order when the operation is sent."""

    WILL = "will", _("Will succeed")
    MAY = "may", _("May succeed")
    REFUSED = "refused", _("Will be refused")
    NOT_VISIBLE = "not_visible", _("Not found in ERP")


class ForecastReason(models.TextChoices):
    """Why that is expected: one code for each rule of the forecast, with its sentence."""

    NOTHING = "", ""
    EDITING = "editing", _("Will be cancelled.")
    UNCHECKED = "unchecked", _("Will be un-checked, then cancelled.")
    CHECKED = (
        "checked",
        _("Will be refused: awaiting check or checked, and the request does not include such orders."),
    )
    STOCKED_IN = "stocked_in", _("Will be refused: goods are already stocked in.")
    FINANCE_OPTION = (
        "finance_option",
        _(
            "May succeed or be refused: the vendor does not say whether the option covers orders "
            "awaiting finance check."
        ),
    )
    FINANCE = "finance", _("Will be refused: awaiting finance check.")
    CANCELLED = "cancelled", _("Will be refused: already cancelled.")
    ARRIVED = "arrived", _("Will be refused: goods have arrived.")
    CLOSED = "closed", _("Will be refused: in settlement or completed.")
    STATUS_UNKNOWN = "status_unknown", _("May be refused: the vendor does not document this ERP status.")
    PARTLY = "partly", _("Will stop waiting for the rest of the goods.")
    PARTLY_OVER = (
        "partly_over",
        _("May be refused: the vendor does not say whether “partly over quantity” counts as partly stocked in."),
    )
    NOT_PARTLY = "not_partly", _("Will be refused: not partly stocked in.")
    STOCKIN_UNKNOWN = "stockin_unknown", _("May be refused: the ERP does not show the stock-in status.")
    WMS = "wms", _("May succeed: only if pushed to an outsourced warehouse, which the ERP does not show.")
    NOT_VISIBLE = (
        "not_visible",
        _("Not found in the ERP: the number may be wrong, or the app key may lack access."),
    )
    NO_ANSWER = "no_answer", _("The ERP was queried, but gave no usable response.")


class OrderSnapshot(models.Model):
    """What the ERP showed of one order in one look-up. `at` is empty until it was asked for.

    `found` is None if no answer was understood. Amounts and quantities are the ERP's, with four decimals.
    """

    lookup = models.ForeignKey(Lookup, models.PROTECT, related_name="snapshots", db_index=False)
    line = models.ForeignKey(OrderLine, models.CASCADE, related_name="snapshots")  # a draft's order may be dropped
    at = models.DateTimeField(null=True)
    call = models.ForeignKey(ApiCall, models.PROTECT, related_name="+", null=True, db_index=False)
    found = models.BooleanField(_("ERP record"), null=True)
    status = models.PositiveSmallIntegerField(_("ERP status"), choices=ErpStatus, null=True)
    stockin_status = models.PositiveSmallIntegerField(_("Stock-in status"), choices=StockinStatus, null=True)
    spelling = models.CharField(max_length=64, default="")  # of the number in the ERP, where it differs from the typed
    provider_name = models.CharField(pgettext_lazy("label", "Supplier"), max_length=100, default="")
    warehouse_name = models.CharField(pgettext_lazy("label", "Warehouse"), max_length=100, default="")
    purchaser_name = models.CharField(max_length=100, default="")
    total_fee = models.DecimalField(pgettext_lazy("label", "Amount"), max_digits=18, decimal_places=4, null=True)
    goods_count = models.DecimalField(pgettext_lazy("label", "Quantity"), max_digits=18, decimal_places=4, null=True)
    arrive_count = models.DecimalField(_("Arrived quantity"), max_digits=18, decimal_places=4, null=True)
    stockin_count = models.DecimalField(_("Stocked-in quantity"), max_digits=18, decimal_places=4, null=True)
    # What the operation takes away: the whole amount by cancelling, what has not come yet by stopping to wait.
    at_stake = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    modified_at = models.DateTimeField(null=True)
    goods = models.JSONField(default=list)  # what is ordered: name, spec, quantities, price, as text
    verdict = models.CharField(max_length=11, choices=Forecast, default="")
    because = models.CharField(max_length=16, choices=ForecastReason, default="")
    changes = models.JSONField(default=dict)  # {field: [at submission, now]}
    is_changed = models.BooleanField(default=False)
    mac = models.CharField(max_length=64, default="")  # that this is what was read and judged: `shown`

    get_status_display, get_because_display = naming("status", ErpStatus), naming("because", ForecastReason)
    get_stockin_status_display = naming("stockin_status", StockinStatus)

    class Meta:
        ordering = ["id"]
        indexes = [
            # what a look-up still has to ask for, and how far it is
            models.Index(fields=["lookup", "at"], name="snapshots_by_time"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["line", "lookup"], name="an_order_is_once_in_a_lookup"),
            models.CheckConstraint(
                condition=Q(at__isnull=False) | Q(found__isnull=True, verdict=""), name="nothing_is_known_before_asking"
            ),
        ]

    def __str__(self):
        return f"{self.line}: {self.verdict}"
