"""What goes over the wire, as types: what is read is read strictly, and the OpenAPI document is made of them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.utils.translation import gettext_noop as _  # the page translates them
from msgspec import UNSET, Meta, Struct, UnsetType

from cancellations.models import CancellationRequest, Operation, OrderLine, ReasonKind

MAX_NUMBERS = 100  # order numbers asked for at once
MAX_ID = CancellationRequest._meta.get_field("external_id").max_length
MAX_REASON = CancellationRequest._meta.get_field("reason").max_length
OPERATIONS = {"cancel": Operation.CANCEL, "stop_waiting": Operation.STOP_WAITING} | {
    "wms_stop_waiting": Operation.WMS_STOP_WAITING
}
CODES_OF_OPERATIONS = {operation.value: code for code, operation in OPERATIONS.items()}
STATUSES = {status.value.lower(): status for status in CancellationRequest.Status}
OUTCOMES = {outcome.value.lower(): outcome for outcome in OrderLine.Outcome}

OperationCode = Literal["cancel", "stop_waiting", "wms_stop_waiting"]
StatusCode = Literal[tuple(STATUSES)]  # type: ignore[valid-type]
OutcomeCode = Literal[tuple(OUTCOMES)]  # type: ignore[valid-type]
ReasonCode = Literal[tuple(ReasonKind.values)]  # type: ignore[valid-type]
Moment = Annotated[datetime, Meta(tz=True, description=_("RFC 3339, with its offset; answers are in UTC"))]
Amount = Annotated[str, Meta(pattern=r"^-?[0-9]+\.[0-9]{2}$", description=_("Yuan, as text with two decimals"))]
Cursor = Annotated[str, Meta(max_length=200, description=_("As `next` of the page before; opaque"))]
OrderNumber = Annotated[str, Meta(min_length=1, max_length=200)]
Key = Annotated[int, Meta(ge=1, le=2**31 - 1)]
EventNumber = Annotated[int, Meta(ge=0, le=2**62)]


class Asked(Struct, kw_only=True, forbid_unknown_fields=True):
    """What comes in. An unknown name is refused: it would be a wish that nobody hears."""


class NewRequest(Asked):
    seller_account: Key
    operation: OperationCode
    orders: Annotated[
        list[OrderNumber],
        Meta(min_length=1, max_length=100_000, description=_("One order number each")),
    ]
    reason_kind: ReasonCode = "other"
    reason: Annotated[str, Meta(max_length=MAX_REASON, description=_("Needed where `reason_kind` is `other`"))] = ""
    include_checked: Annotated[bool, Meta(description=_("Also cancel checked orders; only with `cancel`"))] = False
    wanted_by: Moment | None = None
    external_id: Annotated[str, Meta(max_length=MAX_ID, description=_("Your own number of this list, given once"))] = ""
    on_behalf_of: Annotated[str, Meta(max_length=MAX_ID, description=_("Whom the list is of, in your words"))] = ""
    submit: Annotated[bool, Meta(description=_("Hand it to the managers at once; else it stays a draft"))] = False


class NoBody(Asked):
    """Nothing needs to be said."""


class Stop(Asked):
    note: Annotated[str, Meta(min_length=1, max_length=500, description=_("Why; it stands in the history"))]


class RequestQuery(Asked):
    status: StatusCode | UnsetType = UNSET
    seller_account: Key | UnsetType = UNSET
    external_id: Annotated[str, Meta(max_length=MAX_ID)] | UnsetType = UNSET
    mine: Annotated[bool, Meta(description=_("Only what this machine asked for"))] = False
    changed_since: Moment | UnsetType = UNSET
    cursor: Cursor | UnsetType = UNSET
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class OrderQuery(Asked):
    outcome: OutcomeCode | UnsetType = UNSET
    changed_since: Moment | UnsetType = UNSET
    cursor: Cursor | UnsetType = UNSET
    limit: Annotated[int, Meta(ge=1, le=5000)] = 1000


class NumberQuery(Asked):
    seller_account: Key
    number: Annotated[list[OrderNumber], Meta(min_length=1, max_length=MAX_NUMBERS)]


class EventQuery(Asked):
    after: Annotated[EventNumber, Meta(description=_("The number of the last event that you have; 0 begins"))] = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 200


class NoQuery(Asked):
    """No parameter."""


class Answered(Struct, kw_only=True):
    """What goes out. Later versions may add names to it; a caller ignores what it does not know."""


class SellerAccount(Answered):
    id: int
    name: str
    sid: str
    environment: str
    is_usable: Annotated[bool, Meta(description=_("Whether a request for it could be sent"))]
    may_request: Annotated[bool, Meta(description=_("Whether this machine may make requests there"))]


class SellerAccounts(Answered):
    seller_accounts: list[SellerAccount]


class Counts(Answered):
    listed: int
    waiting: int
    sending: int
    done: int
    refused: int
    unknown: int
    skipped: int


class Amounts(Answered):
    """Null where nothing is known; `known_orders` says of how many orders an amount is known."""

    expected: Amount | None
    done: Amount | None
    not_done: Amount | None
    known_orders: int


class Decision(Answered):
    decision: Literal["approved", "rejected"]
    by: str
    at: Moment
    note: str


class Lookup(Answered):
    """The query of the ERP before the decision: how many orders it showed, and whether it is over."""

    state: Literal["none", "running", "complete", "failed"]
    looked_up: int
    wanted: int


class Request(Answered):
    number: str
    seller_account: int
    operation: OperationCode
    include_checked: bool
    reason_kind: str
    reason: str
    wanted_by: Moment | None
    external_id: str
    on_behalf_of: str
    requester: str
    is_mine: bool
    status: StatusCode
    status_text: str
    pause: str
    created_at: Moment
    submitted_at: Moment | None
    expires_at: Moment | None
    ended_at: Moment | None
    decision: Decision | None
    orders: int


class RequestInFull(Request):
    counts: Counts
    to_verify: Annotated[int, Meta(description=_("Orders that the ERP is still to be asked about"))]
    for_people: Annotated[int, Meta(description=_("Orders that only a person can settle"))]
    is_settled: Annotated[bool, Meta(description=_("Ended, with every outcome known and verified"))]
    amounts: Amounts
    lookup: Lookup
    page: Annotated[str, Meta(description=_("Its page for people"))]


class Duplicate(Answered):
    position: Annotated[int, Meta(description=_("In `orders` as sent, from 0"))]
    first_position: int
    order_number: str


class DoneBefore(Answered):
    order_number: str
    request: str


class Created(Answered):
    """The request that was made, or that was there before; with what its orders make remarkable."""

    request: RequestInFull
    existed: Annotated[bool, Meta(description=_("Another call with this external_id had made it"))]
    duplicates: list[Duplicate]
    done_before: Annotated[
        list[DoneBefore],
        Meta(description=_("Carried out by another request, or of unknown outcome there: the first 100")),
    ]


class Requests(Answered):
    requests: list[Request]
    next: Cursor | None


class Order(Answered):
    position: int
    order_number: str
    outcome: OutcomeCode
    known_by: Annotated[str, Meta(description=_("`reported` by the ERP, `verified` with it, `by_hand`, or empty"))]
    why: Annotated[str, Meta(description=_("A stable code where the ERP's words do not say it, else empty"))]
    why_text: str
    erp_message: Annotated[str, Meta(description=_("The ERP's own words"))]
    forecast: Annotated[str, Meta(description=_("`will`, `may`, `refused`, `not_visible`, or empty"))]
    to_verify: bool
    for_people: bool
    amount: Amount | None
    supplier: str | None
    sent_at: Moment | None
    outcome_at: Moment | None


class Orders(Answered):
    orders: list[Order]
    next: Cursor | None


class OrderInRequest(Answered):
    request: str
    request_status: StatusCode
    operation: OperationCode
    order: Order


class FoundOrder(Answered):
    order_number: str
    found: Annotated[list[OrderInRequest], Meta(description=_("The newest request first, at most 20; empty: in none"))]


class FoundOrders(Answered):
    orders: list[FoundOrder]


class Event(Answered):
    number: EventNumber
    type: str
    at: Moment
    request: str
    seller_account: int
    by: Annotated[str, Meta(description=_("Who did it; empty: the application by itself"))]
    note: str
    data: dict[str, Any]


class Events(Answered):
    events: list[Event]
    last: Annotated[EventNumber, Meta(description=_("Give it as `after` next time; it passes what is not yours"))]
    more: bool


class ProblemAt(Answered):
    pointer: Annotated[str, Meta(description=_("RFC 6901: where in the body it is"))]
    code: str
    detail: str
    order_number: str = ""
    request: Annotated[str, Meta(description=_("The request that is in the way"))] = ""


class Problem(Answered):
    """RFC 9457. `code` is stable; `detail` is a sentence in the language of Accept-Language."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    instance: str = ""
    errors: list[ProblemAt] = []
