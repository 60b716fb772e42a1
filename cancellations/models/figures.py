"""The figures of each day and of each month, kept so that their page costs the same on rows by the million.

Everything here can be counted anew from the requests and their orders (`figures/counting.py`); nothing is lost with it.
"""

from datetime import timedelta

from django.db import models
from django.utils.translation import pgettext_lazy

from cancellations.models.cancellations import CancellationRequest, Operation
from cancellations.models.lines import OrderLine
from cancellations.models.people import Person
from cancellations.models.shops import Shop

Status, Outcome, KnownBy = CancellationRequest.Status, OrderLine.Outcome, OrderLine.KnownBy

# what is counted in which column of DailyFigures
STATUSES = {
    "requests_finished": (Status.FINISHED,),
    "requests_in_progress": CancellationRequest.IN_PROGRESS,
    "requests_awaiting": (Status.SUBMITTED,),
    "requests_rejected": (Status.REJECTED,),
    "requests_stopped": (Status.STOPPED,),
    "requests_withdrawn": (Status.WITHDRAWN,),
    "requests_expired": (Status.EXPIRED,),
}
OUTCOMES = {
    "orders_done_reported": ((Outcome.DONE,), KnownBy.REPORTED),
    "orders_done_verified": ((Outcome.DONE,), KnownBy.VERIFIED),
    "orders_done_by_hand": ((Outcome.DONE,), KnownBy.BY_HAND),
    "orders_refused_reported": ((Outcome.REFUSED,), KnownBy.REPORTED),
    "orders_refused_verified": ((Outcome.REFUSED,), KnownBy.VERIFIED),
    "orders_refused_by_hand": ((Outcome.REFUSED,), KnownBy.BY_HAND),
    "orders_unknown": ((Outcome.UNKNOWN,), KnownBy.NOTHING),
    "orders_skipped": ((Outcome.SKIPPED,), KnownBy.NOTHING),
    # Together: between these two an order moves without an event that would have it counted anew.
    "orders_open": (OrderLine.OPEN, KnownBy.NOTHING),
}
LIMITS = {
    "5_minutes": timedelta(minutes=5),
    "15_minutes": timedelta(minutes=15),
    "1_hour": timedelta(hours=1),
    "4_hours": timedelta(hours=4),
    "1_day": timedelta(days=1),
}
TIMES = tuple(
    f"{what}{which}"
    for what in ("decided", "ended")
    for which in ("", "_seconds", *(f"_in_{limit}" for limit in LIMITS))
)
CALLS = {"send": "calls_sent", "settle": "calls_settled", "look_up": "calls_looked_up"}
# Amounts are whole numbers of 0.0001 yuan, which is how finely the ERP counts.
MEASURES = ("orders_before", *CALLS.values(), "amount_done", "amount_not_done")
PER_YUAN = 10_000
COUNTED = (*STATUSES, *OUTCOMES, *TIMES, *MEASURES)


class _Of(models.Model):
    """A request belongs to the day (Asia/Shanghai) on which it was submitted, whenever it is decided and ends."""

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+", db_index=False)
    operation = models.PositiveSmallIntegerField(choices=Operation)
    requester = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


class _Figures(_Of):
    """How many requests and orders of one person there are, and how many of them which way."""

    requests_finished = models.PositiveIntegerField(default=0)
    requests_in_progress = models.PositiveIntegerField(default=0)
    requests_awaiting = models.PositiveIntegerField(default=0)
    requests_rejected = models.PositiveIntegerField(default=0)
    requests_stopped = models.PositiveIntegerField(default=0)
    requests_withdrawn = models.PositiveIntegerField(default=0)
    requests_expired = models.PositiveIntegerField(default=0)

    orders_done_reported = models.PositiveIntegerField(default=0)
    orders_done_verified = models.PositiveIntegerField(default=0)
    orders_done_by_hand = models.PositiveIntegerField(default=0)
    orders_refused_reported = models.PositiveIntegerField(default=0)
    orders_refused_verified = models.PositiveIntegerField(default=0)
    orders_refused_by_hand = models.PositiveIntegerField(default=0)
    orders_unknown = models.PositiveIntegerField(default=0)
    orders_skipped = models.PositiveIntegerField(default=0)
    orders_open = models.PositiveIntegerField(default=0)

    # From the submission to the decision: how many requests, how long together, how many of them that fast.
    decided = models.PositiveIntegerField(default=0)
    decided_seconds = models.PositiveBigIntegerField(default=0)
    decided_in_5_minutes = models.PositiveIntegerField(default=0)
    decided_in_15_minutes = models.PositiveIntegerField(default=0)
    decided_in_1_hour = models.PositiveIntegerField(default=0)
    decided_in_4_hours = models.PositiveIntegerField(default=0)
    decided_in_1_day = models.PositiveIntegerField(default=0)
    # From the approval to the result of the last order; requests that were stopped have no such time.
    ended = models.PositiveIntegerField(default=0)
    ended_seconds = models.PositiveBigIntegerField(default=0)
    ended_in_5_minutes = models.PositiveIntegerField(default=0)
    ended_in_15_minutes = models.PositiveIntegerField(default=0)
    ended_in_1_hour = models.PositiveIntegerField(default=0)
    ended_in_4_hours = models.PositiveIntegerField(default=0)
    ended_in_1_day = models.PositiveIntegerField(default=0)

    # Of those that are done: what was cancelled or stopped before the request, or perhaps was.
    orders_before = models.PositiveIntegerField(default=0)
    # Calls that the ERP has answered or may have: the vendor bills them.
    calls_sent = models.PositiveIntegerField(default=0)
    calls_settled = models.PositiveIntegerField(default=0)
    calls_looked_up = models.PositiveIntegerField(default=0)
    # What was at stake of the orders that the requests cancelled or stopped, and of those that they did not.
    amount_done = models.BigIntegerField(default=0)
    amount_not_done = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class DailyFigures(_Figures):
    """What became of the requests that a person submitted on a day, and of their orders, by shop and operation."""

    day = models.DateField()
    # The first days of its week and month: no database groups by them as fast as by a column.
    week = models.DateField()
    month = models.DateField()

    class Meta:
        constraints = [
            # also what a range of days is read by
            models.UniqueConstraint(fields=["day", "shop", "operation", "requester"], name="one_row_of_figures_a_day"),
        ]

    def __str__(self):
        return f"{self.day} {self.shop_id} {self.operation} {self.requester_id}"


class MonthlyFigures(_Figures):
    """The sums of the days of a month: a year has too many days to be summed while somebody waits."""

    month = models.DateField()  # its first day

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "shop", "operation", "requester"], name="one_row_of_figures_a_month"
            ),
        ]

    def __str__(self):
        return f"{self.month} {self.shop_id} {self.operation} {self.requester_id}"


class _Refusals(_Of):
    """Orders of those requests that were refused for the same reason: the ERP's words, without their numbers."""

    known_by = models.CharField(max_length=8, choices=KnownBy)
    why = models.CharField(max_length=16, choices=OrderLine.Why, default="")
    words = models.CharField(max_length=200, default="")
    orders = models.PositiveIntegerField()

    class Meta:
        abstract = True


class DailyRefusals(_Refusals):
    """Of a day."""

    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "shop", "operation", "requester", "known_by", "why", "words"],
                name="a_reason_for_refusal_once_a_day",
            ),
        ]

    def __str__(self):
        return f"{self.day} {self.words or self.why or self.known_by}: {self.orders}"


class MonthlyRefusals(_Refusals):
    """The sums of the days of a month."""

    month = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "shop", "operation", "requester", "known_by", "why", "words"],
                name="a_reason_for_refusal_once_a_month",
            ),
        ]

    def __str__(self):
        return f"{self.month} {self.words or self.why or self.known_by}: {self.orders}"


class Trait(models.TextChoices):
    """What orders are also counted by: their request's category of reason, and what the look-up showed last."""

    REASON = "reason", pgettext_lazy("label", "Reason")
    SUPPLIER = "supplier", pgettext_lazy("label", "Supplier")
    WAREHOUSE = "warehouse", pgettext_lazy("label", "Warehouse")
    PURCHASER = "purchaser", pgettext_lazy("label", "Purchaser")


SHARES = ("orders", "done", "refused", "amount_done", "amount_not_done")


class _Shares(_Of):
    """Orders of those requests that have the same value of a trait; '' where the ERP has not shown it."""

    trait = models.CharField(max_length=9, choices=Trait)
    value = models.CharField(max_length=100, default="")
    orders = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    amount_done = models.BigIntegerField(default=0)
    amount_not_done = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class DailyShares(_Shares):
    """Of a day."""

    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                # By the trait first: a page shows one of them, and suppliers have many more rows than the others.
                fields=["trait", "day", "shop", "operation", "requester", "value"],
                name="one_share_of_a_value_a_day",
            ),
        ]

    def __str__(self):
        return f"{self.day} {self.trait} {self.value}: {self.orders}"


class MonthlyShares(_Shares):
    """The sums of the days of a month."""

    month = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["trait", "month", "shop", "operation", "requester", "value"],
                name="one_share_of_a_value_a_month",
            ),
        ]

    def __str__(self):
        return f"{self.month} {self.trait} {self.value}: {self.orders}"


class StaleDay(models.Model):
    """A day whose figures are out of date."""

    day = models.DateField(primary_key=True)

    def __str__(self):
        return f"{self.day}"


class FiguresCursor(models.Model):
    """How far the events were looked through for requests whose day has to be counted anew; one row."""

    event = models.PositiveBigIntegerField(default=0)  # the newest when it was looked last
    event_before = models.PositiveBigIntegerField(default=0)  # the newest of the time before
    looked_at = models.DateTimeField(null=True)

    def __str__(self):
        return f"{self.event} {self.looked_at}"
