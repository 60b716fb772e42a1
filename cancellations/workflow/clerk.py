"""What a clerk does: draft, submit, withdraw, copy."""

from typing import NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from cancellations.models import CancellationRequest, DailyNumber, Event, Operation, OrderLine, Shop
from cancellations.models.cancellations import content_hash
from cancellations.workflow import permissions
from cancellations.workflow.errors import (
    MovedOn,
    NoCredential,
    NoOrders,
    OptionNotForOperation,
    OrdersOpenElsewhere,
    ReasonMissing,
    ShopInactive,
    TooManyOrders,
)
from cancellations.workflow.transitions import _move, check_possible

Outcome = OrderLine.Outcome


class _Order(NamedTuple):
    number: str
    line: int
    typed: str


def check_shop_usable(shop):
    """Raises ShopInactive or NoCredential: a request for such a shop could not be sent."""
    if not shop.is_active:
        raise ShopInactive(shop=shop.name)
    if not shop.credentials.filter(is_active=True).exists():
        raise NoCredential(shop=shop.name)


@transaction.atomic
def draft(shop, *, by, operation, allow_checked, reason, orders, token, copied_from=None):
    """Makes a draft of `orders`, a sequence of intake's (number, line, typed), and returns it.

    `token` is the form's own: the same form sent twice makes one draft, the first is returned again.
    Raises NotAllowed, ShopInactive, NoCredential, ReasonMissing, NoOrders, TooManyOrders, OptionNotForOperation.
    """
    permissions.check_may_draft(by, shop)
    made = CancellationRequest.objects.filter(requester=by, form_token=token).first()
    if made:
        return made
    check_shop_usable(shop)
    _check_content(operation, allow_checked, reason, orders)
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
    return _save(cancellation, orders)


def _save(cancellation, orders):
    """Stores the draft with its lines and its event; if a double click was faster, returns what that one made."""
    requester, token = cancellation.requester, cancellation.form_token
    try:
        with transaction.atomic():
            cancellation.save(force_insert=True)
    except IntegrityError:
        return CancellationRequest.objects.get(requester=requester, form_token=token)
    _list(cancellation, orders)
    Event.write(
        Event.Kind.DRAFTED,
        by=requester,
        shop=cancellation.shop,
        cancellation=cancellation,
        at=cancellation.created_at,
        orders=len(orders),
        content_hash=cancellation.content_hash,
    )
    return cancellation


def _check_content(operation, allow_checked, reason, orders):
    if allow_checked and operation != Operation.CANCEL:
        raise OptionNotForOperation
    if not reason.strip():
        raise ReasonMissing
    if not orders:
        raise NoOrders
    if len(orders) > settings.ORDERS_PER_REQUEST:
        raise TooManyOrders(count=len(orders), limit=settings.ORDERS_PER_REQUEST)


def _next_number(day):
    """`CR20261123-0001`: the update locks the day's row, so no number is given twice."""
    DailyNumber.objects.get_or_create(day=day)
    DailyNumber.objects.filter(day=day).update(last=F("last") + 1)
    return f"CR{day:%Y%m%d}-{DailyNumber.objects.get(day=day).last:04}"


def _list(cancellation, orders):
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


@transaction.atomic
def submit(cancellation, *, by):
    """Hands the draft to the managers; from here on its orders are taken.

    Raises NotAllowed, MovedOn, ShopInactive, NoCredential, OrdersOpenElsewhere.
    """
    permissions.check_may_submit(by, cancellation)
    check_possible("submit", cancellation)
    check_shop_usable(cancellation.shop)
    # One submission of a shop at a time: two lists with the same orders, sorted differently, would deadlock.
    Shop.objects.select_for_update(no_key=True).get(pk=cancellation.shop_id)
    now = timezone.now()
    _move(
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


def _check_not_open_elsewhere(cancellation):
    """An order that is waiting, being sent or not settled yet must not be asked for a second time."""
    numbers = cancellation.lines.values("order_no")
    elsewhere = list(
        OrderLine.objects.filter(
            Q(outcome__in=OrderLine.OPEN) | Q(outcome=Outcome.UNKNOWN, settle_at__isnull=False),
            shop=cancellation.shop_id,
            operation=cancellation.operation,
            order_no__in=numbers,
        )
        .exclude(cancellation=cancellation)
        .order_by("position")
        .values_list("order_no", "cancellation__number")
    )
    if elsewhere:
        examples = ", ".join(f"{order_no} ({number})" for order_no, number in elsewhere[:5])
        raise OrdersOpenElsewhere(
            count=len(elsewhere), examples=examples + (" …" if len(elsewhere) > 5 else ""), orders=elsewhere
        )


@transaction.atomic
def withdraw(cancellation, *, by):
    """Takes back what nobody has decided on yet. Raises NotAllowed, MovedOn."""
    permissions.check_may_withdraw(by, cancellation)
    now = timezone.now()
    _move(cancellation, "withdraw", by=by, at=now, ended_at=now)
    release_orders(cancellation, at=now)


def release_orders(cancellation, *, at):
    """What was not sent will not be sent: the orders are free for another request."""
    return cancellation.lines.filter(outcome__in=[Outcome.LISTED, Outcome.WAITING]).update(
        outcome=Outcome.SKIPPED, outcome_at=at
    )


def copy(cancellation, *, by, token):
    """A new draft with the orders that were certainly not carried out (refused or not sent), linked to this one.

    Raises NotAllowed, MovedOn if the request has not ended, NoOrders if nothing is left, and what `draft` raises.
    """
    permissions.check_may_copy(by, cancellation)
    if not cancellation.ended_at:
        raise MovedOn(status=cancellation.get_status_display())
    lines = cancellation.lines.filter(outcome__in=[Outcome.REFUSED, Outcome.SKIPPED]).order_by("position")
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
