"""From a list to a draft, and from what was not done to another one."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from cancellations.models import (
    CancellationRequest,
    DailyNumber,
    Event,
    Lookup,
    Operation,
    OrderLine,
    Person,
    ReasonKind,
    Shop,
)
from cancellations.models.cancellations import content_hash
from cancellations.workflow import limits, lookups, machines, permissions
from cancellations.workflow.errors import (
    MovedOn,
    NoCredential,
    NoOrders,
    NotAllowed,
    OptionNotForOperation,
    ReasonMissing,
    ShopInactive,
    TooManyOrders,
    WantedTooEarly,
)

Outcome, Status = OrderLine.Outcome, CancellationRequest.Status


class Listed(Protocol):
    """An order as intake read it from a list."""

    @property
    def number(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def typed(self) -> str: ...


class ListedAgain(NamedTuple):
    """An order that was in a list before."""

    number: str
    line: int
    typed: str


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


def check_reason(kind: str, text: str) -> None:
    """Raises ReasonMissing: any other reason than the usual ones has to be told."""
    if kind == ReasonKind.OTHER and not text.strip():
        raise ReasonMissing


def check_wanted_by(moment: datetime | None) -> None:
    """Raises WantedTooEarly: nothing can be wanted by a moment that is over."""
    if moment and moment <= timezone.now():
        raise WantedTooEarly


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
    reason_kind: str = ReasonKind.OTHER,
    wanted_by: datetime | None = None,
    copied_from: CancellationRequest | None = None,
    source: dict[str, Any] | None = None,
    external_id: str = "",
    on_behalf_of: str = "",
) -> CancellationRequest:
    """Makes a draft of `orders`, a sequence of intake's (number, line, typed), and returns it.

    `token` is the form's own: the same form sent twice makes one draft, the first is returned again, whatever is in
    it; so it is with an `external_id`. `source` says in the history where the list came from (file, sheet, column),
    `on_behalf_of` whom a machine asks for. The orders are looked up in the background.
    Raises NotAllowed, ShopInactive, NoCredential, ReasonMissing, WantedTooEarly, NoOrders, TooManyOrders,
    OptionNotForOperation, TooOften, and of a machine what check_may_ask and consume_daily_share raise.
    """
    permissions.check_may_draft(by, shop)
    made = _made_as(by, token, external_id).first()
    if made:
        return made
    check_shop_usable(shop)
    check_option(operation, allow_checked)
    check_reason(reason_kind, reason)
    check_wanted_by(wanted_by)
    check_count(len(orders))
    limits.consume(limits.DRAFT, by=by)
    if by.is_machine:
        machines.check_may_ask(by.machine)
        machines.consume_daily_share(by.machine, orders=len(orders))
    now = timezone.now()
    order_nos = [order.number for order in orders]
    cancellation = CancellationRequest(
        shop=shop,
        operation=operation,
        allow_checked=allow_checked,
        reason_kind=reason_kind,
        reason=reason.strip(),
        wanted_by=wanted_by,
        line_count=len(orders),
        content_hash=content_hash(
            shop_id=shop.pk, operation=operation, allow_checked=allow_checked, order_nos=order_nos
        ),
        requester=by,
        form_token=token,
        copied_from=copied_from,
        external_id=external_id,
        on_behalf_of=on_behalf_of,
        created_at=now,
    )
    return _save(cancellation, orders, source or {})


def _made_as(requester: Person, token: UUID, external_id: str) -> QuerySet[CancellationRequest]:
    """What the requester has made of this form, or under this external id: one request at most."""
    same = Q(form_token=token) | (Q(external_id=external_id) if external_id else Q())
    return CancellationRequest.objects.filter(same, requester=requester)


def _save(cancellation: CancellationRequest, orders: Sequence[Listed], source: dict[str, Any]) -> CancellationRequest:
    """Stores the draft, as `CR20261123-0001`, with its lines and its event.

    If a double click was faster, returns what that one made.
    """
    requester, day = cancellation.requester, timezone.localdate(cancellation.created_at)
    DailyNumber.objects.get_or_create(day=day)
    DailyNumber.objects.filter(day=day).update(last=F("last") + 1)  # locks the day's row: no number is given twice
    cancellation.number = f"CR{day:%Y%m%d}-{DailyNumber.objects.get(day=day).last:04}"
    try:
        with transaction.atomic():
            cancellation.save(force_insert=True)
    except IntegrityError:
        return _made_as(requester, cancellation.form_token, cancellation.external_id).get()
    list_orders(cancellation, enumerate(orders, 1))
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


def list_orders(cancellation: CancellationRequest, placed: Iterable[tuple[int, Listed]]) -> None:
    """Stores (position, order) as lines of the draft. Call it in the transaction that seals them."""
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
            for position, order in placed
        ),
        batch_size=1000,
    )


def receivers(person: Person, *, by: Person) -> QuerySet[Person]:
    """Who may be handed the person's drafts in the seller accounts of `by`: their other active clerks there."""
    shops = drafts_of(person, by=by).values("shop")
    clerks = Person.objects.filter(is_active=True, is_machine=False, groups__name=permissions.CLERK, shops__in=shops)
    return Person.objects.filter(pk__in=clerks.exclude(pk=person.pk).values("pk")).order_by("username")


def drafts_of(person: Person, *, by: Person) -> QuerySet[CancellationRequest]:
    """The person's drafts in the seller accounts of `by`, who need not see what is in them."""
    own = Shop.objects.for_user(by).values("pk")
    return CancellationRequest.objects.filter(requester=person, status=Status.DRAFT, shop__in=own)


def hand_over(person: Person, *, to: Person, by: Person) -> int:
    """Makes `to` the requester of those drafts of the person that are in a seller account of `by` and of `to`.

    Returns how many. Call it in the transaction of the change that it belongs to. Raises NotAllowed if `to` may not
    be handed drafts.
    """
    if to not in receivers(person, by=by):
        raise NotAllowed
    now, before = timezone.now(), str(person)
    handed = drafts_of(person, by=by).filter(shop__in=to.shops.values("pk")).select_for_update()
    for cancellation in handed:
        cancellation.requester = to
        cancellation.save(update_fields=["requester"])
        Event.write(
            Event.Kind.HANDED_OVER,
            by=by,
            shop=cancellation.shop,
            cancellation=cancellation,
            at=now,
            before=before,
            after=str(to),
        )
    return len(handed)


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
        reason_kind=cancellation.reason_kind,
        reason=cancellation.reason,
        orders=[ListedAgain(line.order_no, line.position, line.order_no) for line in lines],
        token=token,
        copied_from=cancellation,
    )
