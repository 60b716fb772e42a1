"""What the ERP shows of a request's orders, summed up."""

import math
from typing import Any, NamedTuple

from django.db.models import Count, Q, Sum
from django.utils import timezone

from cancellations import words
from cancellations.intake import fits, numbers_within
from cancellations.models import CancellationRequest, Forecast, Lookup, Operation, Person
from cancellations.words.facts import SENT_FOR
from cancellations.workflow import lookups, permissions
from cancellations.workflow.shapes import known_shapes

MAX_ROWS = 8  # of the suppliers, of the warehouses; the rest is one row


class Progress(NamedTuple):
    """How far the latest look-up is; what it took over from earlier ones counts as answered."""

    lookup: Lookup | None
    answered: int = 0
    wanted: int = 0


def progress_of(cancellation: CancellationRequest) -> Progress:
    """How far the latest look-up of the request is."""
    lookup = cancellation.lookups.last()
    if lookup is None:
        return Progress(None)
    asked = lookup.snapshots.aggregate(answered=Count("at"), wanted=Count("pk"))
    taken_over = cancellation.lines.filter(snapshot__isnull=False).exclude(snapshots__lookup=lookup).count()
    return Progress(lookup, asked["answered"] + taken_over, asked["wanted"] + taken_over)


def summary(person: Person, cancellation: CancellationRequest, progress: Progress) -> dict[str, Any]:
    """How far the look-up is, the forecast in figures, amounts by supplier and warehouse, and what can be done."""
    lookup, answered, wanted = progress
    if lookup is None:
        return {"lookup": None}
    shop, undecided = cancellation.shop, cancellation.is_undecided
    age = timezone.now() - lookup.ended_at if lookup.ended_at else None
    may_drop = cancellation.status == CancellationRequest.Status.DRAFT and permissions.may(
        permissions.check_may_change_draft, person, cancellation
    )
    known = cancellation.lines.filter(snapshot__found=True)
    # {verdict: orders}, with 'none' for those of which nothing is known, and what is at stake.
    grouped = cancellation.lines.order_by().values_list("snapshot__verdict")
    rows = list(grouped.annotate(Count("pk"), Sum("snapshot__at_stake"), Count("snapshot__at_stake")))
    counted = {verdict: orders for verdict, orders, _amount, _priced in rows}
    verdicts = {str(verdict): counted.get(verdict, 0) for verdict in Forecast} | {"none": counted.get(None, 0)}
    kept = joined(cancellation) if may_drop and verdicts[Forecast.NOT_VISIBLE] else []
    amounts = {verdict: amount for verdict, _orders, amount, _priced in rows if verdict}
    seen = cancellation.line_count - verdicts["none"]
    return {
        "lookup": lookup,
        "answered": answered,
        "wanted": wanted,
        "is_looking_up": lookup.ended_at is None,
        # At most, if the account has nothing else to do; what the window shows takes fewer calls.
        "minutes_left": math.ceil((lookup.pages_left + wanted - answered) * float(shop.seconds_between_calls) / 60),
        "lookup_age": age,
        "is_old": age is not None and age >= lookups.OLD_AFTER,
        "verdicts": verdicts,
        "stakes": amounts,
        # More orders than are looked up at once: what is known of some of them is extrapolated to all.
        "is_sample": wanted < cancellation.line_count and not lookup.failure,
        "extrapolated": round(sum(amounts.get(each) or 0 for each in SENT_FOR) * cancellation.line_count / seen)
        if seen and lookup.ended_at
        else None,
        "not_seen": min(verdicts["none"], cancellation.shop.lookup_limit),
        "stakes_in_words": words.orders.stakes(cancellation.operation, verdicts, amounts),
        "unpriced": sum(orders - priced for verdict, orders, _amount, priced in rows if verdict in SENT_FOR),
        "is_estimate": cancellation.operation != Operation.CANCEL,
        "settled": cancellation.lines.amounts() if cancellation.ended_at and cancellation.was_approved else None,
        "known": known.aggregate(
            orders=Count("pk"),
            changed=Count("pk", filter=Q(snapshot__is_changed=True)),
        ),
        "amounts": [
            ("supplier", _amounts(known, "snapshot__provider_name")),
            ("warehouse", _amounts(known, "snapshot__warehouse_name")),
        ],
        "joined": kept,
        "unseen": verdicts[Forecast.NOT_VISIBLE] - len(kept),
        "may_look_again": undecided and permissions.may(permissions.check_may_look_up, person, cancellation),
        "may_drop": may_drop,
    }


def joined(cancellation: CancellationRequest) -> list[str]:
    """The orders that the ERP does not show and whose numbers may be joined or cut ones.

    They hold other numbers, or do not have the shape of the seller account's numbers.
    """
    unseen = cancellation.lines.filter(snapshot__verdict=Forecast.NOT_VISIBLE).values_list("order_no", flat=True)
    shapes = known_shapes(cancellation.shop) if unseen else []
    return [number for number in unseen if numbers_within(number) or (shapes and not fits(number, shapes))]


def _amounts(known, name):
    """[(name, orders, amount, refused, percent of all)] of orders that will or may be done, and how many not.

    The largest first, the small ones as one without a name.
    """
    sent_for = Q(snapshot__verdict__in=SENT_FOR)
    groups = known.order_by().values_list(name)
    groups = groups.annotate(
        orders=Count("pk", filter=sent_for),
        amount=Sum("snapshot__at_stake", filter=sent_for),
        refused=Count("pk", filter=Q(snapshot__verdict=Forecast.REFUSED)),
    )
    rows = sorted(((name, *numbers) for name, *numbers in groups), key=lambda row: (-(row[2] or 0), row[0]))
    rows = [(name, orders, amount or 0, refused) for name, orders, amount, refused in rows]
    if len(rows) > MAX_ROWS + 1:
        rest = rows[MAX_ROWS:]
        rows = [*rows[:MAX_ROWS], (None, *(sum(row[column] for row in rest) for column in (1, 2, 3)))]
    whole = sum(row[2] for row in rows) or 1
    return [(*row, max(0, round(100 * row[2] / whole))) for row in rows]
