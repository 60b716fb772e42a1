import json
from collections.abc import Iterable
from datetime import datetime
from string import ascii_lowercase
from typing import Any, Self

from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Upper
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cancellations.models.cancellations import CancellationRequest, Operation, one_of
from cancellations.models.naming import naming
from cancellations.models.shops import Shop

NOT_EXECUTED = pgettext_lazy("outcome", "Not executed")


def folded(order_no: str) -> str:
    """The order number as it is compared: the ERP's database does not tell `cg1` from `CG1` (reference section 8).

    Only ASCII letters, as both databases' UPPER does it under the collation of an order number.
    """
    return order_no.translate(_CAPITALS)


_CAPITALS = {ord(letter): letter.upper() for letter in ascii_lowercase}


class OrderNumberField(models.CharField):
    """Compared byte by byte, whatever the language of the database: so all numbers with the same beginning are one
    range of an index. SQLite does so anyway."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        collation = "C" if connection.vendor == "postgresql" else None
        return super().db_parameters(connection) | {"collation": collation}


class OrderLineQuerySet(models.QuerySet["OrderLine"]):
    def taken(self) -> Self:
        """Orders that must not be asked for a second time: waiting, being sent, or not settled yet."""
        return self.filter(_taken())

    def perhaps_done(self) -> Self:
        """Orders for which asking once more is probably a mistake: done, or nobody could find out."""
        return self.filter(_perhaps_done())

    def in_the_way(self) -> Self:
        """Orders of both kinds; `is_taken` tells them apart."""
        return self.filter(_taken() | _perhaps_done()).annotate(is_taken=_taken())

    def numbered(self, order_nos: Iterable[str]) -> Self:
        """The lines of these orders, however their numbers are spelled.

        The numbers are one parameter: with one for each a database needs seven times as long for ten thousand.
        """
        numbers = [folded(order_no) for order_no in order_nos]
        if not numbers:
            return self.none()
        if connection.vendor == "sqlite":
            wanted = RawSQL("SELECT value FROM json_each(%s)", [json.dumps(numbers)])
        else:
            wanted = RawSQL("SELECT unnest(%s::text[])", [numbers])
        return self.alias(folded=Upper("order_no")).filter(folded__in=wanted)

    def like(self, others: Self) -> Self:
        """The lines with the order numbers of `others`, however they are spelled."""
        wanted = others.order_by().annotate(folded=Upper("order_no")).values("folded")
        return self.alias(folded=Upper("order_no")).filter(folded__in=wanted)

    def for_people(self) -> Self:
        """Orders that only a person can settle: nobody asks any more, or the ERP tells two different things."""
        return self.filter(needs_person=True)

    def contradicting(self) -> Self:
        """Orders of which the ERP's answer and the ERP's data tell different things."""
        return self.filter(why__in=OrderLine.CONTRADICTING)

    def amounts(self) -> dict[str, Any]:
        """In yuan, as the look-up shows it: `expected` to be taken away, and taken away by what is `done`; what was at
        stake of all `other` orders; each None if nothing is known. `priced` is of how many orders something is."""
        sent_for = Q(snapshot__verdict__in=["will", "may"])
        done = Q(outcome=OrderLine.Outcome.DONE) & ~Q(why__in=OrderLine.BEFORE)
        return self.order_by().aggregate(
            expected=models.Sum("snapshot__at_stake", filter=sent_for),
            done=models.Sum("snapshot__at_stake", filter=done),
            other=models.Sum("snapshot__at_stake", filter=~done),
            priced=models.Count("snapshot__at_stake"),
        )

    def numbers(self) -> tuple[dict[str, int], datetime | None]:
        """({what: orders}, when the ERP is asked next): how many have which outcome, known how, still open."""
        alike = self.order_by().values("outcome", "known_by", "why", "needs_person")
        groups = list(
            alike.annotate(
                orders=models.Count("pk"), to_settle=models.Count("settle_at"), next_ask=models.Min("settle_at")
            )
        )

        def count(what: str = "orders", **wanted: Any) -> int:
            return sum(group[what] for group in groups if wanted.items() <= group.items())

        outcomes, known_by, why = OrderLine.Outcome, OrderLine.KnownBy, OrderLine.Why
        numbers = {
            **{outcome.value: count(outcome=outcome) for outcome in outcomes},
            "verified": count(known_by=known_by.VERIFIED),
            "reported": count(known_by=known_by.REPORTED, outcome=outcomes.DONE),
            "by_hand": count(known_by=known_by.BY_HAND),
            "refused_by_hand": count(known_by=known_by.BY_HAND, outcome=outcomes.REFUSED),
            "contradicted": count(why=why.CONTRADICTED),
            "refusal_wrong": count(why=why.REFUSAL_WRONG),
            "unchecked": count(why=why.UNCHECKED),
            "already": sum(count(why=before) for before in OrderLine.BEFORE),
            "to_settle": count("to_settle"),
            "for_people": count(needs_person=True),
            "given_up": count(outcome=outcomes.UNKNOWN) - count("to_settle", outcome=outcomes.UNKNOWN),
        }
        numbers["known"] = numbers["DONE"] + numbers["REFUSED"]
        numbers["sent"] = numbers["known"] + numbers["UNKNOWN"] + numbers["SENDING"]
        return numbers, min((group["next_ask"] for group in groups if group["next_ask"]), default=None)

    def of_operation(self, shop: Shop | int, operation: int) -> Self:
        """The lines of a shop with the same operation, with the requests that they belong to."""
        return self.filter(shop=shop, operation=operation).select_related("cancellation").order_by("position", "pk")


def _taken() -> Q:
    return Q(outcome__in=OrderLine.OPEN) | Q(outcome=OrderLine.Outcome.UNKNOWN, settle_at__isnull=False)


def _perhaps_done() -> Q:
    return Q(outcome=OrderLine.Outcome.DONE) | Q(outcome=OrderLine.Outcome.UNKNOWN, settle_at__isnull=True)


class OrderLine(models.Model):
    """One order number inside a cancellation request, with what became of it."""

    class Outcome(models.TextChoices):
        # LISTED: in a draft. A draft that nobody submits must not keep others from these orders.
        LISTED = "LISTED", pgettext_lazy("outcome", "Not submitted")
        WAITING = "WAITING", pgettext_lazy("outcome", "Waiting")
        SENDING = "SENDING", pgettext_lazy("outcome", "Sending")
        DONE = "DONE", pgettext_lazy("outcome", "Done")
        REFUSED = "REFUSED", pgettext_lazy("outcome", "Refused")
        UNKNOWN = "UNKNOWN", pgettext_lazy("outcome", "Unknown")
        SKIPPED = "SKIPPED", pgettext_lazy("outcome", "Not sent")

    OPEN = (Outcome.WAITING, Outcome.SENDING)

    class KnownBy(models.TextChoices):
        NOTHING = "", ""
        REPORTED = "reported", _("reported by the ERP")
        VERIFIED = "verified", _("verified with the ERP")
        BY_HAND = "by_hand", _("recorded manually")

    class Why(models.TextChoices):
        """Why an outcome is what it is, where the ERP's words do not say it."""

        NOTHING = "", ""
        UNNAMED = "unnamed", _("Other orders of the same call failed; this order was not named among them.")
        NO_ANSWER = "no_answer", _("No usable response arrived; the ERP may have executed the call.")
        INTERRUPTED = "interrupted", _("The sender was interrupted during the call.")
        UNCLEAR = "unclear", _("The ERP response does not state the outcome of this order.")
        NOT_VISIBLE = "not_visible", _("Verification: the order was not found in the ERP.")
        NOT_PROVABLE = "not_provable", _("Verification: the ERP data neither confirms nor rules out the operation.")
        MAY_NOT_ASK = "may_not_ask", _("The app key has no permission to query orders.")
        NOT_CARRIED_OUT = "not_carried_out", _("Verification: the order is unchanged in the ERP.")
        CONTRADICTED = "contradicted", _("The ERP reported success, but its data shows otherwise.")
        REFUSAL_WRONG = (
            "refusal_wrong",
            _("The ERP reported a failure, but its data shows the order as done."),
        )
        UNCHECKED = "unchecked", _("The ERP un-checked the order, but did not cancel it. It is now being edited.")
        ALREADY = "already", _("The order was cancelled or stopped before this request, which changed nothing.")
        PERHAPS_BEFORE = "perhaps_before", _("The order is cancelled or stopped, perhaps since before this request.")
        ASKED_IN_VAIN = "asked_in_vain", _("Verification: the ERP gave no usable response, however often it was asked.")

    CONTRADICTING = (Why.CONTRADICTED, Why.REFUSAL_WRONG)
    BEFORE = (Why.ALREADY, Why.PERHAPS_BEFORE)  # cancelled or stopped by somebody else, perhaps

    cancellation = models.ForeignKey(CancellationRequest, models.PROTECT, related_name="lines", db_index=False)
    # Repeated from the request, because a constraint cannot look into another table.
    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+", db_index=False)
    operation = models.PositiveSmallIntegerField(choices=Operation)
    position = models.PositiveIntegerField()
    source_line = models.PositiveIntegerField()
    order_no = OrderNumberField(max_length=40)
    typed = models.CharField(max_length=200, default="")

    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.LISTED)
    known_by = models.CharField(max_length=8, choices=KnownBy, default="")
    why = models.CharField(max_length=16, choices=Why, default="")
    message = models.CharField(max_length=500, default="")
    outcome_at = models.DateTimeField(null=True)
    sent_in = models.ForeignKey("ApiCall", models.PROTECT, related_name="lines", null=True, db_index=False)
    # What the ERP showed of it last; what it showed before is in `snapshots`.
    snapshot = models.ForeignKey("OrderSnapshot", models.SET_NULL, related_name="+", null=True, db_index=False)
    # What the look-up showed last, kept here so that a search stays one walk of an index. Empty until it was shown.
    supplier = models.CharField(max_length=100, null=True)  # noqa: DJ001 - both databases skip NULL in an index
    warehouse = models.CharField(max_length=100, default="")
    purchaser = models.CharField(max_length=100, default="")
    amount = models.DecimalField(max_digits=18, decimal_places=4, null=True)  # what the operation takes away, in yuan
    settle_at = models.DateTimeField(null=True)  # when the ERP is asked next
    settle_count = models.PositiveSmallIntegerField(default=0)
    failed_asks = models.PositiveSmallIntegerField(default=0)  # queries about it without a usable answer
    erp_status = models.PositiveSmallIntegerField(null=True)  # what the ERP showed when it was verified
    settled_in = models.ForeignKey("ApiCall", models.PROTECT, related_name="+", null=True, db_index=False)
    # The database keeps it true: what nobody asks about any more, and what the ERP contradicts or has left half-done.
    needs_person = models.GeneratedField(
        expression=models.Case(
            models.When(
                Q(outcome="UNKNOWN", settle_at__isnull=True)
                | Q(why__in=["contradicted", "refusal_wrong", "unchecked"]),
                then=models.Value(True),
            ),
            default=models.Value(False),
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    objects = OrderLineQuerySet.as_manager()
    get_outcome_display, get_known_by_display = naming("outcome", Outcome), naming("known_by", KnownBy)
    get_why_display = naming("why", Why)

    class Meta:
        ordering = ["cancellation", "position"]
        indexes = [
            # progress, claiming the next orders, one outcome of a request in the order of the list; in the history: an
            # outcome of many requests, one request after the other
            models.Index(fields=["cancellation", "outcome", "position"], name="lines_by_outcome"),
            # in the history: a number, or all that begin alike, in exactly the order of the list, so that no plan sorts
            # them
            models.Index(fields=["order_no", "-id"], name="lines_by_order_no"),
            # in the history: what is unknown, what was decided by hand, the newest first; few orders of many requests
            models.Index(
                fields=["cancellation", "position"], condition=Q(outcome="UNKNOWN"), name="lines_that_are_unknown"
            ),
            models.Index(
                fields=["cancellation", "position"], condition=Q(known_by="by_hand"), name="lines_decided_by_hand"
            ),
            # in the history: the words of the ERP, which are looked for in each message that there is
            models.Index(fields=["cancellation", "position"], condition=~Q(message=""), name="lines_with_a_message"),
            # the queue of what people have to settle
            models.Index(fields=["cancellation"], condition=Q(needs_person=True), name="lines_for_people"),
            # in the history: those of a supplier, in the order of the list; the largest amounts
            models.Index(
                fields=["supplier", "cancellation", "position"],
                condition=Q(supplier__isnull=False),
                name="lines_by_supplier",
            ),
            models.Index(fields=["amount", "id"], condition=Q(amount__isnull=False), name="lines_by_amount"),
            # the orders that show a snapshot which is to be deleted
            models.Index(fields=["snapshot"], condition=Q(snapshot__isnull=False), name="lines_by_snapshot"),
            # what the ERP has to be asked about next
            models.Index(fields=["shop", "settle_at"], condition=Q(settle_at__isnull=False), name="lines_to_settle"),
        ]
        constraints = [
            # The number first: its index also tells whether an order is open in another request, or was done before.
            models.UniqueConstraint(Upper("order_no"), "cancellation", name="an_order_is_once_in_a_request"),
            models.UniqueConstraint(fields=["cancellation", "position"], name="a_position_is_once_in_a_request"),
            models.UniqueConstraint(
                *("shop", "operation", Upper("order_no")),
                condition=Q(outcome__in=["WAITING", "SENDING"]),
                name="an_order_is_open_in_one_request",
            ),
            models.CheckConstraint(
                condition=one_of(Q(known_by=""), Q(outcome__in=["DONE", "REFUSED"])),
                name="an_outcome_says_how_it_is_known",
            ),
            models.CheckConstraint(
                condition=Q(sent_in__isnull=False) | ~Q(outcome__in=["SENDING", "DONE", "REFUSED", "UNKNOWN"]),
                name="no_outcome_without_a_call",
            ),
        ]

    def __str__(self):
        return self.order_no

    @property
    def outcome_label(self) -> str | Promise:
        """The outcome in words."""
        return label_of(self.outcome, self.known_by)


def label_of(outcome: str, known_by: str) -> str | Promise:
    """An outcome in words; the ERP has refused nothing of which a person found that it was not executed."""
    if (outcome, known_by) == (OrderLine.Outcome.REFUSED, OrderLine.KnownBy.BY_HAND):
        return NOT_EXECUTED
    return OrderLine.Outcome(outcome).label
