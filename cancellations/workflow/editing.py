"""What a clerk changes in a draft before anybody else has seen it: what it asks for, and its orders."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Upper
from django.utils import timezone

from cancellations.models import CancellationRequest, Event, OrderLine, OrderSnapshot, Person, ReasonKind
from cancellations.models.lines import folded
from cancellations.models.shown import SEALED, is_sealed, seal
from cancellations.workflow import drafts, lookups, permissions
from cancellations.workflow.errors import (
    NothingLeft,
    NothingToAdd,
    NothingToChange,
    NothingToDrop,
    NothingToPutBack,
    OtherThanSeen,
)
from cancellations.workflow.forecast import judge
from cancellations.workflow.transitions import check_possible

# the events after which a draft is another one
CHANGES = (
    Event.Kind.DRAFTED,
    Event.Kind.DRAFT_CHANGED,
    Event.Kind.ORDERS_ADDED,
    Event.Kind.DROPPED,
    Event.Kind.PUT_BACK,
)


@transaction.atomic
def change(
    cancellation: CancellationRequest,
    *,
    by: Person,
    operation: int,
    allow_checked: bool,
    reason: str,
    reason_kind: str = ReasonKind.OTHER,
    wanted_by: datetime | None = None,
) -> None:
    """Changes what a draft asks for; its orders are judged anew from what the ERP showed of them.

    Raises NotAllowed, MovedOn, OptionNotForOperation, ReasonMissing, WantedTooEarly, NothingToChange.
    """
    _hold(cancellation, by)
    drafts.check_option(operation, allow_checked)
    drafts.check_reason(reason_kind, reason)
    wanted = {
        "operation": operation,
        "allow_checked": allow_checked,
        "reason_kind": reason_kind,
        "reason": reason.strip(),
        "wanted_by": wanted_by,
    }
    before = {field: getattr(cancellation, field) for field in wanted}
    changed = {field: value for field, value in wanted.items() if value != before[field]}
    if not changed:
        raise NothingToChange
    if "wanted_by" in changed:
        drafts.check_wanted_by(wanted_by)
    for field, value in changed.items():
        setattr(cancellation, field, value)
    cancellation.save(update_fields=list(changed))
    if "operation" in changed:
        cancellation.lines.update(operation=operation)
    if changed.keys() & {"operation", "allow_checked"}:
        # What the ERP showed stays; what is expected of the new operation is written beside it.
        shown = OrderSnapshot.objects.filter(line__cancellation=cancellation, found=True)
        snapshots = list(shown.only("changes", "goods", "mac", *SEALED))
        for snapshot in snapshots:
            was_sealed = is_sealed(snapshot)
            judge(snapshot, cancellation)
            if was_sealed:  # what somebody wrote into the database does not become what the ERP showed
                seal(snapshot)
        OrderSnapshot.objects.bulk_update(snapshots, ["at_stake", "verdict", "because", "mac"], batch_size=500)
        own = OrderSnapshot.objects.filter(pk=OuterRef("snapshot"))
        cancellation.lines.filter(snapshot__found=True).update(amount=Subquery(own.values("at_stake")))
    changes = {field: [_as_json(before[field]), _as_json(value)] for field, value in changed.items()}
    _seal(cancellation, Event.Kind.DRAFT_CHANGED, by=by, changes=changes)


@transaction.atomic
def add(
    cancellation: CancellationRequest,
    *,
    by: Person,
    orders: Sequence[drafts.Listed],
    source: dict[str, Any] | None = None,
) -> int:
    """Adds those `orders` that are not in the draft yet, behind the others; only they are looked up. Returns how many.

    Raises NotAllowed, MovedOn, NothingToAdd, TooManyOrders.
    """
    _hold(cancellation, by)
    listed = set(cancellation.lines.annotate(folded=Upper("order_no")).values_list("folded", flat=True))
    new = [order for order in orders if folded(order.number) not in listed]
    if not new:
        raise NothingToAdd
    drafts.check_count(cancellation.line_count + len(new))
    last = cancellation.lines.aggregate(last=Max("position"))["last"] or 0
    drafts.list_orders(cancellation, enumerate(new, last + 1))
    _seal(cancellation, Event.Kind.ORDERS_ADDED, by=by, orders=len(new), **(source or {}))
    lookups.go_on_with_what_is_new(cancellation)
    return len(new)


@transaction.atomic
def drop(
    cancellation: CancellationRequest, *, by: Person, lines: QuerySet[OrderLine], why: str, seen: int | None = None
) -> int:
    """Leaves some `lines` of a draft out of it; `why` is a word for the history. Returns how many.

    `seen` is how many these were when a person chose them: a look-up that goes on may have made them more.
    Raises NotAllowed, MovedOn, NothingToDrop, OtherThanSeen, NothingLeft.
    """
    _hold(cancellation, by)
    dropped = list(lines.filter(cancellation=cancellation).order_by("position"))
    if not dropped:
        raise NothingToDrop
    if seen is not None and len(dropped) != seen:
        raise OtherThanSeen(seen=f"{seen:,}", now=f"{len(dropped):,}")
    if len(dropped) == cancellation.line_count:
        raise NothingLeft
    OrderLine.objects.filter(pk__in=[line.pk for line in dropped]).delete()
    rows = [[line.position, line.order_no, line.source_line, line.typed or line.order_no] for line in dropped]
    _seal(cancellation, Event.Kind.DROPPED, by=by, dropped=len(dropped), why=why, lines=rows)
    # What is being looked up goes on with what is left.
    if running := cancellation.lookups.filter(ended_at__isnull=True).first():
        running.wanted, running.of = running.snapshots.count(), cancellation.line_count
        running.save(update_fields=["wanted", "of"])
    return len(dropped)


def last_drop(cancellation: CancellationRequest) -> Event | None:
    """What was left out of the draft by its latest change, and can be put back; None if that was another change."""
    changes = cancellation.events.filter(kind__in=CHANGES).order_by("-pk")
    latest = changes.first()
    return latest if latest and latest.kind == Event.Kind.DROPPED and latest.data.get("lines") else None


@transaction.atomic
def put_back(cancellation: CancellationRequest, *, by: Person) -> int:
    """Takes back what the latest change left out: the orders stand where they stood. Returns how many.

    Raises NotAllowed, MovedOn, NothingToPutBack.
    """
    _hold(cancellation, by)
    dropped = last_drop(cancellation)
    if dropped is None:
        raise NothingToPutBack
    drafts.list_orders(
        cancellation, ((position, drafts.ListedAgain(*order)) for position, *order in dropped.data["lines"])
    )
    _seal(cancellation, Event.Kind.PUT_BACK, by=by, orders=dropped.data["dropped"])
    lookups.go_on_with_what_is_new(cancellation)
    return int(dropped.data["dropped"])


def _hold(cancellation: CancellationRequest, by: Person) -> None:
    """Holds the draft for a change: it is not submitted before its seal fits again. Raises NotAllowed, MovedOn."""
    permissions.check_may_change_draft(by, cancellation)
    CancellationRequest.objects.select_for_update().get(pk=cancellation.pk)
    cancellation.refresh_from_db()
    check_possible("submit", cancellation)


def _seal(cancellation: CancellationRequest, kind: Event.Kind, *, by: Person, **data: Any) -> None:
    """Writes the number of orders, the seal of what the draft holds now, and the event of its change."""
    cancellation.line_count, cancellation.content_hash = cancellation.lines.count(), cancellation.stored_hash()
    cancellation.save(update_fields=["line_count", "content_hash"])
    Event.write(
        kind,
        by=by,
        shop=cancellation.shop,
        cancellation=cancellation,
        at=timezone.now(),
        content_hash=cancellation.content_hash,
        **data,
    )


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
