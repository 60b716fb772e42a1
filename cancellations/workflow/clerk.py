"""What a clerk does: bring a file, draft, drop orders, submit, withdraw, copy."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from cancellations.models import (
    CancellationRequest,
    DailyNumber,
    Event,
    Lookup,
    Operation,
    OrderLine,
    Person,
    Shop,
    Upload,
)
from cancellations.models.cancellations import content_hash
from cancellations.models.lines import OrderLineQuerySet
from cancellations.workflow import lookups, permissions
from cancellations.workflow.errors import (
    MovedOn,
    NoCredential,
    NoOrders,
    NothingToDrop,
    OptionNotForOperation,
    OrdersOpenElsewhere,
    ReasonMissing,
    ShopInactive,
    TooManyOrders,
)
from cancellations.workflow.transitions import check_possible, move

Outcome = OrderLine.Outcome
FILES_KEPT = 5  # of a person


class Listed(Protocol):
    """An order as intake read it from a list."""

    @property
    def number(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def typed(self) -> str: ...


class _Order(NamedTuple):
    number: str
    line: int
    typed: str


@transaction.atomic
def bring_file(*, by: Person, name: str, content: bytes) -> Upload:
    """Keeps a file until a draft is made of it, of each person the latest few; returns it. Raises NotAllowed."""
    permissions.check_may_bring_files(by)
    upload = Upload.objects.create(person=by, name=name[-200:], content=content, brought_at=timezone.now())
    mine = Upload.objects.filter(person=by).order_by("-brought_at")
    Upload.objects.filter(pk__in=list(mine.values_list("pk", flat=True)[FILES_KEPT:])).delete()
    return upload


def check_shop_usable(shop: Shop) -> None:
    """Raises ShopInactive or NoCredential: a request for such a shop could not be sent."""
    if not shop.is_active:
        raise ShopInactive(shop=shop.name)
    if not shop.credentials.filter(is_active=True).exists():
        raise NoCredential(shop=shop.name)


def check_option(operation: int, allow_checked: bool) -> None:
    """Raises OptionNotForOperation: only cancelling can include checked orders."""
    if allow_checked and operation != Operation.CANCEL:
        raise OptionNotForOperation


def check_count(count: int) -> None:
    """Raises NoOrders or TooManyOrders, if one request cannot hold so many different orders."""
    if not count:
        raise NoOrders
    if count > settings.ORDERS_PER_REQUEST:
        raise TooManyOrders(count=f"{count:,}", limit=f"{settings.ORDERS_PER_REQUEST:,}")


@transaction.atomic
def draft(
    shop: Shop,
    *,
    by: Person,
    operation: int,
    allow_checked: bool,
    reason: str,
    orders: Sequence[Listed],
    token: UUID,
    copied_from: CancellationRequest | None = None,
    source: dict[str, Any] | None = None,
) -> CancellationRequest:
    """Makes a draft of `orders`, a sequence of intake's (number, line, typed), and returns it.

    `token` is the form's own: the same form sent twice makes one draft, the first is returned again. `source` says
    in the history where the list came from (file, sheet, column). The orders are looked up in the background.
    Raises NotAllowed, ShopInactive, NoCredential, ReasonMissing, NoOrders, TooManyOrders, OptionNotForOperation.
    """
    permissions.check_may_draft(by, shop)
    made = CancellationRequest.objects.filter(requester=by, form_token=token).first()
    if made:
        return made
    check_shop_usable(shop)
    check_option(operation, allow_checked)
    if not reason.strip():
        raise ReasonMissing
    check_count(len(orders))
    now = timezone.now()
    order_nos = [order.number for order in orders]
    cancellation = CancellationRequest(
        number=_next_number(timezone.localdate(now)),
        shop=shop,
        operation=operation,
        allow_checked=allow_checked,
        reason=reason.strip(),
        line_count=len(orders),
        content_hash=content_hash(
            shop_id=shop.pk, operation=operation, allow_checked=allow_checked, order_nos=order_nos
        ),
        requester=by,
        form_token=token,
        copied_from=copied_from,
        created_at=now,
    )
    return _save(cancellation, orders, source or {})


def _save(cancellation: CancellationRequest, orders: Sequence[Listed], source: dict[str, Any]) -> CancellationRequest:
    """Stores the draft with its lines and its event; if a double click was faster, returns what that one made."""
    requester, token = cancellation.requester, cancellation.form_token
    try:
        with transaction.atomic():
            cancellation.save(force_insert=True)
    except IntegrityError:
        return CancellationRequest.objects.get(requester=requester, form_token=token)
    OrderLine.objects.bulk_create(
        (
            OrderLine(
                cancellation=cancellation,
                shop_id=cancellation.shop_id,
                operation=cancellation.operation,
                position=position,
                source_line=order.line,
                order_no=order.number,
                typed="" if order.typed == order.number else order.typed[:200],
            )
            for position, order in enumerate(orders, 1)
        ),
        batch_size=1000,
    )
    Event.write(
        Event.Kind.DRAFTED,
        by=requester,
        shop=cancellation.shop,
        cancellation=cancellation,
        at=cancellation.created_at,
        orders=len(orders),
        content_hash=cancellation.content_hash,
        **source,
    )
    lookups.begin(cancellation, Lookup.Occasion.DRAFTED, at=cancellation.created_at)
    return cancellation


def _next_number(day: date) -> str:
    """`CR20261123-0001`: the update locks the day's row, so no number is given twice."""
    DailyNumber.objects.get_or_create(day=day)
    DailyNumber.objects.filter(day=day).update(last=F("last") + 1)
    return f"CR{day:%Y%m%d}-{DailyNumber.objects.get(day=day).last:04}"


@transaction.atomic
def submit(cancellation: CancellationRequest, *, by: Person) -> None:
    """Hands the draft to the managers; from here on its orders are taken.

    Raises NotAllowed, MovedOn, ShopInactive, NoCredential, OrdersOpenElsewhere.
    """
    permissions.check_may_submit(by, cancellation)
    check_possible("submit", cancellation)
    check_shop_usable(cancellation.shop)
    # One submission of a shop at a time: two lists with the same orders, sorted differently, would deadlock.
    Shop.objects.select_for_update(no_key=True).get(pk=cancellation.shop_id)
    now = timezone.now()
    move(
        cancellation,
        "submit",
        by=by,
        at=now,
        submitted_at=now,
        data={"orders": cancellation.line_count, "content_hash": cancellation.content_hash},
    )
    _check_not_open_elsewhere(cancellation)
    try:
        with transaction.atomic():
            cancellation.lines.filter(outcome=Outcome.LISTED).update(outcome=Outcome.WAITING)
    except IntegrityError:  # another request was submitted at the same moment
        _check_not_open_elsewhere(cancellation)
        raise
    lookups.begin(cancellation, Lookup.Occasion.SUBMITTED, at=now)


def _check_not_open_elsewhere(cancellation: CancellationRequest) -> None:
    """An order that is waiting, being sent or not settled yet must not be asked for a second time."""
    elsewhere = list(taken_elsewhere(cancellation).values_list("order_no", "cancellation__number"))
    if elsewhere:
        examples = ", ".join(f"{order_no} ({number})" for order_no, number in elsewhere[:5])
        raise OrdersOpenElsewhere(
            count=len(elsewhere), examples=examples + (" …" if len(elsewhere) > 5 else ""), orders=elsewhere
        )


def taken_elsewhere(cancellation: CancellationRequest) -> QuerySet[OrderLine]:
    """The lines of other requests that keep orders of this one from being asked for now."""
    return _same_orders_elsewhere(cancellation).taken()


def done_before(cancellation: CancellationRequest) -> QuerySet[OrderLine]:
    """The lines of other requests that carried orders of this one out already, or for which nobody could find out."""
    return _same_orders_elsewhere(cancellation).perhaps_done()


def _same_orders_elsewhere(cancellation: CancellationRequest) -> OrderLineQuerySet:
    same = OrderLine.objects.of_operation(cancellation.shop_id, cancellation.operation)
    return same.like(cancellation.lines.all()).exclude(cancellation=cancellation)


@transaction.atomic
def drop(cancellation: CancellationRequest, *, by: Person, lines: QuerySet[OrderLine], why: str) -> int:
    """Leaves some `lines` of a draft out of it; `why` is a word for the history. Returns how many.

    Raises NotAllowed, MovedOn, NothingToDrop, NoOrders if none would be left.
    """
    permissions.check_may_drop(by, cancellation)
    check_possible("submit", cancellation)
    # Holds the draft for this change: it is not submitted before its hash fits its list again.
    CancellationRequest.objects.select_for_update().get(pk=cancellation.pk)
    dropped = list(lines.filter(cancellation=cancellation).values_list("pk", "order_no"))
    if not dropped:
        raise NothingToDrop
    if len(dropped) == cancellation.line_count:
        raise NoOrders
    OrderLine.objects.filter(pk__in=[pk for pk, _ in dropped]).delete()
    # Writes the number of orders and the hash of what is left. Raises MovedOn if it is not a draft any more.
    count, made_hash = cancellation.lines.count(), cancellation.stored_hash()
    still_a_draft = CancellationRequest.objects.filter(pk=cancellation.pk, status=CancellationRequest.Status.DRAFT)
    if still_a_draft.update(line_count=count, content_hash=made_hash) != 1:
        cancellation.refresh_from_db()
        raise MovedOn(status=cancellation.get_status_display())
    cancellation.line_count, cancellation.content_hash = count, made_hash
    # What is being looked up goes on with what is left.
    if running := cancellation.lookups.filter(ended_at__isnull=True).first():
        running.wanted, running.of = running.snapshots.count(), count
        running.save(update_fields=["wanted", "of"])
    Event.write(
        Event.Kind.DROPPED,
        by=by,
        shop=cancellation.shop,
        cancellation=cancellation,
        at=timezone.now(),
        dropped=len(dropped),
        why=why,
        content_hash=cancellation.content_hash,
    )
    return len(dropped)


@transaction.atomic
def withdraw(cancellation: CancellationRequest, *, by: Person) -> None:
    """Takes back what nobody has decided on yet. Raises NotAllowed, MovedOn."""
    permissions.check_may_withdraw(by, cancellation)
    move(cancellation, "withdraw", by=by, at=timezone.now())


def copy(cancellation: CancellationRequest, *, by: Person, token: UUID, why: str = "") -> CancellationRequest:
    """A new draft with the orders that were certainly not carried out (refused or not sent), linked to this one.

    Only those with `why` if that is given; never those that were cancelled or stopped before, nor those whose refusal
    is still to be verified: the ERP may have carried them out.
    Raises NotAllowed, MovedOn if the request has not ended, NoOrders if nothing is left, and what `draft` raises.
    """
    permissions.check_may_copy(by, cancellation)
    if not cancellation.ended_at:
        raise MovedOn(status=cancellation.get_status_display())
    left = cancellation.lines.filter(outcome__in=[Outcome.REFUSED, Outcome.SKIPPED], settle_at__isnull=True)
    lines = left.order_by("position")
    lines = lines.filter(why=why) if why else lines.exclude(why=OrderLine.Why.ALREADY)
    return draft(
        cancellation.shop,
        by=by,
        operation=cancellation.operation,
        allow_checked=cancellation.allow_checked,
        reason=cancellation.reason,
        orders=[_Order(line.order_no, line.position, line.order_no) for line in lines],
        token=token,
        copied_from=cancellation,
    )
