"""What the API answers of requests, orders and events: reading only, and only what the machine's accounts show."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from msgspec import UNSET

from cancellations.api import schemas
from cancellations.api.callers import Caller
from cancellations.api.pages import cursor_of, key_of
from cancellations.api.problems import refused
from cancellations.models import (
    CancellationRequest,
    ChainLink,
    Credential,
    Event,
    OrderLine,
    Shop,
)
from cancellations.models.lines import folded
from cancellations.words.facts import SENT_FOR

Kind, Outcome = Event.Kind, OrderLine.Outcome
REQUESTS_OF_AN_ORDER = 20
SUMS = ("expected", "done", "not_done")
OF_REQUESTS = ("requester", "decided_by")
# What the stream tells of a request, under the names that webhooks use too.
TYPES = {
    Kind.DRAFTED: "request.drafted",
    Kind.SUBMITTED: "request.submitted",
    Kind.APPROVED: "request.approved",
    Kind.REJECTED: "request.rejected",
    Kind.WITHDRAWN: "request.withdrawn",
    Kind.EXPIRED: "request.expired",
    Kind.STARTED: "request.started",
    Kind.PAUSED: "request.paused",
    Kind.RESUMED: "request.resumed",
    Kind.STOPPED: "request.stopped",
    Kind.FINISHED: "request.finished",
    Kind.SENT: "order.sent",
    Kind.SETTLED: "order.settled",
    Kind.DECIDED_BY_HAND: "order.settled_by_hand",
}
COUNTS = {"orders", "done", "refused", "unknown", "not_sent", "decided"}  # of what an event keeps, all that goes out


def seller_accounts(caller: Caller, query: schemas.NoQuery) -> schemas.SellerAccounts:
    """The seller accounts of the machine."""
    usable = Exists(Credential.objects.filter(shop=OuterRef("pk"), is_active=True))
    return schemas.SellerAccounts(
        seller_accounts=[
            schemas.SellerAccount(
                id=shop.pk,
                name=shop.name,
                sid=shop.sid,
                environment=shop.environment,
                is_usable=shop.is_active and shop.has_credential,
                may_request=caller.machine.may_request,
            )
            for shop in Shop.objects.for_user(caller.person).annotate(has_credential=usable)
        ]
    )


def request_list(caller: Caller, query: schemas.RequestQuery) -> schemas.Requests:
    """Requests, the newest first."""
    found = readable(caller)
    if query.status is not UNSET:
        found = found.filter(status=schemas.STATUSES[query.status])
    if query.seller_account is not UNSET:
        found = found.filter(shop=query.seller_account)
    if query.external_id is not UNSET:
        found = found.filter(external_id=query.external_id, requester=caller.person)
    if query.mine:
        found = found.filter(requester=caller.person)
    if query.changed_since is not UNSET:
        changed = Event.objects.filter(pk__gte=first_event_since(query.changed_since), cancellation__isnull=False)
        found = found.filter(pk__in=changed.values("cancellation"))
    before = key_of("requests", query.cursor)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found.order_by("-pk")[: query.limit + 1])
    more = len(rows) > query.limit
    shown = rows[: query.limit]
    return schemas.Requests(
        requests=[schemas.Request(**of_request(one, caller)) for one in shown],
        next=cursor_of("requests", shown[-1].pk) if more else None,
    )


def request_page(caller: Caller, query: schemas.NoQuery, number: str) -> schemas.RequestInFull:
    """One request with counts and amounts."""
    return in_full(find(caller, number), caller)


def order_list(caller: Caller, query: schemas.OrderQuery, number: str) -> schemas.Orders:
    """The orders of a request in the order of its list, each with its outcome."""
    lines = find(caller, number).lines.order_by("position")
    if query.outcome is not UNSET:
        lines = lines.filter(outcome=schemas.OUTCOMES[query.outcome])
    if query.changed_since is not UNSET:
        lines = lines.filter(outcome_at__gte=query.changed_since)
    after = key_of(f"orders {number}", query.cursor)
    if after is not None:
        lines = lines.filter(position__gt=after)
    orders = [of_line(row) for row in lines.values_list(*COLUMNS)[: query.limit + 1]]
    more = len(orders) > query.limit
    shown = orders[: query.limit]
    return schemas.Orders(orders=shown, next=cursor_of(f"orders {number}", shown[-1].position) if more else None)


def found_orders(caller: Caller, query: schemas.NumberQuery) -> schemas.FoundOrders:
    """What became of order numbers in all requests of the account, however they are spelled."""
    shop = Shop.objects.for_user(caller.person).filter(pk=query.seller_account).first()
    if shop is None:
        raise refused("not_found")
    numbers = [number.strip() for number in query.number]
    asked = [number for number in numbers if "\x00" not in number]
    lines = OrderLine.objects.numbered(asked).filter(shop=shop, cancellation__in=readable(caller))
    found: dict[str, list[schemas.OrderInRequest]] = defaultdict(list)
    of_each: Counter[str] = Counter()
    for *row, number, status, operation in lines.order_by("-cancellation_id").values_list(
        *COLUMNS, "cancellation__number", "cancellation__status", "operation"
    ):
        order = of_line(row)
        key = folded(order.order_number)
        of_each[key] += 1
        if of_each[key] <= REQUESTS_OF_AN_ORDER:
            found[key].append(
                schemas.OrderInRequest(
                    request=number,
                    request_status=status.lower(),
                    operation=schemas.CODES_OF_OPERATIONS[operation],
                    order=order,
                )
            )
    return schemas.FoundOrders(
        orders=[schemas.FoundOrder(order_number=number, found=found.get(folded(number), [])) for number in numbers]
    )


def event_list(caller: Caller, query: schemas.EventQuery) -> schemas.Events:
    """What happened to requests, in the order of the audit trail: nothing is ever put in before what was read.

    An event gets its number some seconds after it was committed, and then no event gets a lower one.
    """
    links = ChainLink.objects.filter(number__gt=query.after).order_by("number")
    last = links.values_list("number", flat=True)[query.limit * 10 - 1 : query.limit * 10].first()
    walked = links if last is None else links.filter(number__lte=last)
    theirs = walked.filter(
        event__kind__in=TYPES,
        event__shop__in=list(Shop.objects.for_user(caller.person).values_list("pk", flat=True)),
        event__cancellation__isnull=False,
    ).exclude(~Q(event__cancellation__requester=caller.person), event__cancellation__submitted_at__isnull=True)
    rows = list(theirs.select_related("event__cancellation")[: query.limit + 1])
    shown, more = rows[: query.limit], len(rows) > query.limit or last is not None
    if len(rows) > query.limit:
        end = shown[-1].number
    else:
        end = last or links.values_list("number", flat=True).last() or query.after
    return schemas.Events(events=[of_event(link) for link in shown], last=end, more=more)


def readable(caller: Caller) -> QuerySet[CancellationRequest]:
    """The requests that the machine may read, with what is shown of them."""
    return CancellationRequest.objects.for_user(caller.person).select_related(*OF_REQUESTS)


def find(caller: Caller, number: str) -> CancellationRequest:
    """The request with this number. Raises Refused (404)."""
    found = readable(caller).select_related("shop", *OF_REQUESTS).filter(number=number).first()
    if found is None:
        raise refused("not_found")
    return found


def of_request(one: CancellationRequest, caller: Caller) -> dict[str, Any]:
    """What every answer says of a request."""
    decision = None
    if one.decided_by is not None and one.decided_at is not None:
        was = "rejected" if one.status == CancellationRequest.Status.REJECTED else "approved"
        decision = schemas.Decision(decision=was, by=str(one.decided_by), at=one.decided_at, note=one.decision_note)
    return {
        "number": one.number,
        "seller_account": one.shop_id,
        "operation": schemas.CODES_OF_OPERATIONS[one.operation],
        "include_checked": one.allow_checked,
        "reason_kind": one.reason_kind,
        "reason": one.reason,
        "wanted_by": one.wanted_by,
        "external_id": one.external_id if one.requester_id == caller.person.pk else "",
        "on_behalf_of": one.on_behalf_of,
        "requester": str(one.requester),
        "is_mine": one.requester_id == caller.person.pk,
        "status": one.status.lower(),
        "status_text": str(one.get_status_display()),
        "pause": one.pause_reason,
        "created_at": one.created_at,
        "submitted_at": one.submitted_at,
        "expires_at": one.expires_at,
        "ended_at": one.ended_at,
        "decision": decision,
        "orders": one.line_count,
    }


def in_full(one: CancellationRequest, caller: Caller) -> schemas.RequestInFull:
    """A request with what is counted of its orders. Three queries."""
    done = Q(outcome=Outcome.DONE) & ~Q(why__in=OrderLine.BEFORE)
    counted = one.lines.aggregate(
        **{outcome.value.lower(): Count("pk", filter=Q(outcome=outcome)) for outcome in Outcome},
        to_verify=Count("pk", filter=Q(settle_at__isnull=False)),
        for_people=Count("pk", filter=Q(needs_person=True)),
        amount_expected=Sum("snapshot__at_stake", filter=Q(snapshot__verdict__in=SENT_FOR)),
        amount_done=Sum("snapshot__at_stake", filter=done),
        amount_not_done=Sum("snapshot__at_stake", filter=~done),
        known_orders=Count("snapshot__at_stake"),
        looked_up=Count("pk", filter=~Q(snapshot__verdict="")),
    )
    counts = schemas.Counts(**{outcome.value.lower(): counted[outcome.value.lower()] for outcome in Outcome})
    latest = one.lookups.last()
    state = "none"
    if latest:
        state = "running" if latest.ended_at is None else "failed" if latest.failure else "complete"
    to_verify, for_people, priced = (counted[name] for name in ("to_verify", "for_people", "known_orders"))
    return schemas.RequestInFull(
        **of_request(one, caller),
        counts=counts,
        to_verify=to_verify,
        for_people=for_people,
        is_settled=one.ended_at is not None and not (to_verify or for_people or counts.sending),
        amounts=schemas.Amounts(
            **{name: yuan(counted[f"amount_{name}"] or Decimal(0)) if priced else None for name in SUMS},
            known_orders=priced,
        ),
        lookup=schemas.Lookup(state=state, looked_up=counted["looked_up"], wanted=latest.wanted if latest else 0),
        page=settings.PUBLIC_URL.rstrip("/") + one.get_absolute_url(),
    )


COLUMNS = (
    *("position", "order_no", "outcome", "known_by", "why", "message", "snapshot__verdict", "settle_at"),
    *("needs_person", "amount", "supplier", "sent_in__started_at", "outcome_at"),
)
_WHY = {code: label for code, label in OrderLine.Why.choices if code}


def of_line(row: Any) -> schemas.Order:
    """An order of the values of COLUMNS."""
    position, number, outcome, known_by, why, message, verdict, settle_at, person, amount, supplier, sent, at = row
    return schemas.Order(
        position=position,
        order_number=number,
        outcome=outcome.lower(),
        known_by=known_by,
        why=why,
        why_text=str(_WHY[why]) if why else "",
        erp_message=message,
        forecast=verdict or "",
        to_verify=settle_at is not None,
        for_people=bool(person),
        amount=yuan(amount),
        supplier=supplier,
        sent_at=sent,
        outcome_at=at,
    )


def of_event(link: ChainLink) -> schemas.Event:
    """An event of the stream; of what it keeps only counts go out."""
    event, request = link.event, link.event.cancellation
    return schemas.Event(
        number=link.number,
        type=TYPES[Kind(event.kind)],
        at=event.at,
        request=request.number,
        seller_account=event.shop_id,
        by=event.actor_name,
        note=event.note,
        data={name.lower(): value for name, value in event.data.items() if name.lower() in COUNTS},
    )


def yuan(amount: Decimal | None) -> str | None:
    """An amount as text with two decimals; None where it is not known."""
    return None if amount is None else f"{amount:.2f}"


def first_event_since(moment: datetime) -> int:
    """The id from which on every event of this moment and later is found: ids grow with time, to within a minute."""
    moment = moment - timedelta(minutes=1)
    ids = Event.objects.order_by("pk").values_list("pk", flat=True)
    low, high = ids.first() or 0, (ids.last() or 0) + 1
    while low < high:
        middle = (low + high) // 2
        at = Event.objects.filter(pk__gte=middle).order_by("pk").values_list("at", flat=True).first()
        if at is not None and at < moment:
            low = middle + 1
        else:
            high = middle
    return low
