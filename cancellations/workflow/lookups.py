"""Asking for the orders of a request to be looked up before it is decided on; `sending` does it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from cancellations.models import CancellationRequest, Event, Forecast, Lookup, OrderSnapshot, Person
from cancellations.workflow import limits, permissions
from cancellations.workflow.errors import LookupRunning, MovedOn, NothingIsLookedUp
from cancellations.workflow.waking import wake_shop

FRESH = timedelta(minutes=10)  # a look-up younger than this is not made again at the submission
OLD_AFTER = timedelta(minutes=30)  # whoever decides on an older one is warned


@transaction.atomic
def look_again(cancellation: CancellationRequest, *, by: Person, is_rest: bool = False) -> None:
    """Asks for a further look-up before the decision; `is_rest`: of the orders of which nothing is known, if any.

    Raises NotAllowed, MovedOn, TooOften, LookupRunning, NothingIsLookedUp.
    """
    permissions.check_may_look_up(by, cancellation)
    limits.consume(limits.LOOK_UP, by=by)
    if not cancellation.is_undecided:
        raise MovedOn(status=cancellation.get_status_display())
    try:
        with transaction.atomic():
            lookup = begin(cancellation, Lookup.Occasion.ASKED, at=timezone.now(), is_rest=is_rest)
    except IntegrityError as error:  # one at a time: the database says so
        raise LookupRunning from error
    if not lookup:
        raise NothingIsLookedUp(shop=cancellation.shop.name)
    Event.write(
        Event.Kind.ASKED_FOR_LOOKUP,
        by=by,
        shop=cancellation.shop,
        cancellation=cancellation,
        at=lookup.started_at,
        orders=lookup.wanted,
    )


def begin(
    cancellation: CancellationRequest, occasion: Lookup.Occasion, *, at: datetime, is_rest: bool = False
) -> Lookup | None:
    """Lists the orders to look up, at most the shop's limit, spread evenly, and wakes the account.

    At the submission what was looked up within FRESH is taken over. Returns the Lookup, or None if none is made.
    """
    listed = cancellation.lines.order_by("position")
    if occasion == Lookup.Occasion.SUBMITTED:
        listed = listed.exclude(snapshot__at__gte=at - FRESH, snapshot__found__isnull=False)
    unknown = listed.filter(snapshot__isnull=True) if is_rest else listed.none()
    if unknown.exists():
        listed = unknown
    return _begin(cancellation, occasion, list(listed.values_list("pk", flat=True)), at)


def go_on_with_what_is_new(cancellation: CancellationRequest) -> None:
    """Has those orders of a changed draft looked up of which nothing is known: by the running look-up, or another."""
    new = cancellation.lines.filter(snapshot__isnull=True).order_by("position")
    running = cancellation.lookups.filter(ended_at__isnull=True).first()
    if running is None:
        _begin(cancellation, Lookup.Occasion.EDITED, list(new.values_list("pk", flat=True)), timezone.now())
        return
    lines = list(new.exclude(snapshots__lookup=running).values_list("pk", flat=True))
    room = max(0, cancellation.shop.lookup_limit - running.wanted)
    _ask_for(running, _spread(lines, room))
    running.wanted, running.of = running.snapshots.count(), cancellation.line_count
    running.save(update_fields=["wanted", "of"])


def _begin(
    cancellation: CancellationRequest, occasion: Lookup.Occasion, lines: list[int], at: datetime
) -> Lookup | None:
    wanted = _spread(lines, cancellation.shop.lookup_limit)
    if not wanted:
        return None
    lookup = Lookup.objects.create(
        cancellation=cancellation,
        shop=cancellation.shop,
        occasion=occasion,
        wanted=len(wanted),
        of=len(lines),
        started_at=at,
    )
    _ask_for(lookup, wanted)
    wake_shop(cancellation.shop)
    return lookup


def _ask_for(lookup: Lookup, lines: list[int]) -> None:
    OrderSnapshot.objects.bulk_create((OrderSnapshot(lookup=lookup, line_id=line) for line in lines), batch_size=1000)


def _spread(things: list[int], limit: int) -> list[int]:
    """At most `limit` of the things, from the first to the last at even distances."""
    if len(things) <= limit:
        return things
    return [things[number * len(things) // limit] for number in range(limit)]


def lookup_summary(cancellation: CancellationRequest) -> dict[str, Any]:
    """What is known of the orders at this moment, for the history: who decided could see this and no more."""
    lookup = cancellation.lookups.last()
    if lookup is None:
        return {}
    verdicts = cancellation.lines.values_list("snapshot__verdict", flat=True)
    stakes = cancellation.lines.order_by().values_list("snapshot__verdict").annotate(Sum("snapshot__at_stake"))
    known = [verdict for verdict in verdicts if verdict]
    return {
        "looked_up": len(known),
        "expected_to_fail": known.count(Forecast.REFUSED),
        "not_visible": known.count(Forecast.NOT_VISIBLE),
        "at_stake": {verdict: str(amount) for verdict, amount in stakes if verdict and amount is not None},
        "lookup_minutes": int((timezone.now() - lookup.ended_at).total_seconds() // 60) if lookup.ended_at else 0,
        "lookup": "running" if lookup.ended_at is None else str(lookup.failure) or "complete",
    }
