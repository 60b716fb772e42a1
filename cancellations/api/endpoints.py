"""Every endpoint in one table: its addresses, what it takes and gives, and what the document says of it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cancellations.api import schemas, views, writing

READ, REQUEST = "read", "request"  # scopes


class Endpoint(NamedTuple):
    """`takes` is the body of a POST or the query of a GET; `status` of what went well."""

    method: str
    path: str  # below /api/v1/, as Django writes it
    name: str  # the operationId
    says: Promise
    do: Callable[..., Any]
    takes: type[schemas.Asked]
    gives: type[schemas.Answered]
    status: int = 200
    refuses: tuple[str, ...] = ()  # codes, beside those that every endpoint may answer

    @property
    def scope(self) -> str:
        return READ if self.method == "GET" else REQUEST


ONE = "requests/<request_number:number>"
NOT_YOURS = ("not_allowed", "moved_on")
ENDPOINTS = (
    Endpoint(
        "GET",
        "seller-accounts",
        "listSellerAccounts",
        _("The seller accounts of this machine"),
        views.seller_accounts,
        schemas.NoQuery,
        schemas.SellerAccounts,
    ),
    Endpoint(
        "POST",
        "requests",
        "createRequest",
        _("Make a request of a list of orders"),
        writing.create,
        schemas.NewRequest,
        schemas.Created,
        201,
        (
            *("orders_refused", "external_id_taken", "orders_open_elsewhere", "shop_inactive", "no_credential"),
            *("too_many_orders", "reason_missing", "wanted_too_early", "option_not_for_operation", "too_often"),
            *("daily_requests_used_up", "daily_orders_used_up", "amount_not_known", "daily_amount_used_up"),
        ),
    ),
    Endpoint(
        "GET",
        "requests",
        "listRequests",
        _("Requests, the newest first"),
        views.request_list,
        schemas.RequestQuery,
        schemas.Requests,
    ),
    Endpoint(
        "GET",
        ONE,
        "getRequest",
        _("One request with counts and amounts"),
        views.request_page,
        schemas.NoQuery,
        schemas.RequestInFull,
    ),
    Endpoint(
        "GET",
        f"{ONE}/orders",
        "listOrders",
        _("The orders of a request with their outcomes"),
        views.order_list,
        schemas.OrderQuery,
        schemas.Orders,
    ),
    Endpoint(
        "POST",
        f"{ONE}/submit",
        "submitRequest",
        _("Hand a draft of this machine to the managers"),
        writing.submit,
        schemas.NoBody,
        schemas.RequestInFull,
        refuses=(*NOT_YOURS, "orders_open_elsewhere", "amount_not_known", "daily_amount_used_up"),
    ),
    Endpoint(
        "POST",
        f"{ONE}/withdraw",
        "withdrawRequest",
        _("Take back what nobody has decided on"),
        writing.withdraw,
        schemas.NoBody,
        schemas.RequestInFull,
        refuses=NOT_YOURS,
    ),
    Endpoint(
        "POST",
        f"{ONE}/stop",
        "stopRequest",
        _("Send nothing further of an approved request"),
        writing.stop,
        schemas.Stop,
        schemas.RequestInFull,
        refuses=NOT_YOURS,
    ),
    Endpoint(
        "GET",
        "orders",
        "findOrders",
        _("What became of up to 100 order numbers"),
        views.found_orders,
        schemas.NumberQuery,
        schemas.FoundOrders,
    ),
    Endpoint(
        "GET",
        "events",
        "listEvents",
        _("What happened to requests, in order, to be read on from where one was"),
        views.event_list,
        schemas.EventQuery,
        schemas.Events,
    ),
)
