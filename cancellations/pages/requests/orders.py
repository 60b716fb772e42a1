"""The orders of a request as a table that can be filtered and sorted, and the page of one of them."""

from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render

from cancellations import words
from cancellations.models import CancellationRequest, Forecast, OrderLine
from cancellations.pages.loading import find
from cancellations.workflow import permissions

PAGE_SIZE = 100
NOT_LOOKED_UP = "none"
FORECASTS = (*Forecast.values, NOT_LOOKED_UP)
# what a heading sorts by; `sort` in the address is one of these, with a minus before it for the other way round
SORTS = {
    "no": "position",
    "order": "order_no",
    "forecast": "snapshot__verdict",
    "status": "snapshot__status",
    "supplier": "snapshot__provider_name",
    "warehouse": "snapshot__warehouse_name",
    "amount": "snapshot__total_fee",
    "quantity": "snapshot__goods_count",
    "changed": "snapshot__modified_at",
    "outcome": "outcome",
}


def table(request: HttpRequest, cancellation: CancellationRequest) -> dict[str, Any]:
    """One page of the orders, as the address asks for it; `shown` is what of the address was understood."""
    shown = understood(request.GET)
    lines = _sorted(_filtered(cancellation.lines.select_related("snapshot"), shown), shown.get("sort", ""))
    page = int(shown.get("page", 1))
    rows = list(lines[(page - 1) * PAGE_SIZE : page * PAGE_SIZE + 1])
    found = lines.count() if page > 1 or len(rows) > PAGE_SIZE else len(rows)
    # (name in the address, in words) of each filter, to be taken off one by one.
    return {
        "shown": shown,
        "lines": rows[:PAGE_SIZE],
        "page_number": page,
        "page_count": -(-found // PAGE_SIZE),
        "found": found,
        "has_next": len(rows) > PAGE_SIZE,
        "applied": [
            (name, words.orders.filter_label(name, shown[name])) for name in words.orders.FILTERS if name in shown
        ],
        "undecided": cancellation.is_undecided,
        "sorts": words.orders.sorts(cancellation.is_undecided),
    }


def understood(query: QueryDict) -> QueryDict:
    """What of the address is a filter, a sort or a page."""
    # The part of the address that means something; nonsense is left out rather than answered with an error.
    allowed = {
        "outcome": lambda value: value in OrderLine.Outcome.values,
        "forecast": lambda value: value in FORECASTS,
        "is_changed": lambda value: value == "1",
        "supplier": lambda value: 0 < len(value) <= 100 and "\x00" not in value,
        "warehouse": lambda value: 0 < len(value) <= 100 and "\x00" not in value,
        "sort": lambda value: value.removeprefix("-") in SORTS,
        "page": lambda value: value.isascii() and value.isdigit() and 0 < int(value[:6]) <= 10_000 and len(value) < 6,
    }
    shown = QueryDict(mutable=True)
    for name, is_valid in allowed.items():
        if is_valid(value := query.get(name, "")):
            shown[name] = value
    return shown


def numbers(request: HttpRequest, number: str) -> HttpResponse:
    """The order numbers that the address asks for, as a text of lines: to be pasted elsewhere."""
    cancellation = find(request, number)
    lines = _sorted(_filtered(cancellation.lines, understood(request.GET)), "")
    text = "\n".join(lines.values_list("order_no", flat=True))
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _filtered(lines, shown):
    conditions = {
        "outcome": lambda value: {"outcome": value},
        "forecast": lambda value: (
            {"snapshot__isnull": True} if value == NOT_LOOKED_UP else {"snapshot__verdict": value}
        ),
        "is_changed": lambda value: {"snapshot__is_changed": True},
        "supplier": lambda value: {"snapshot__provider_name": value},
        "warehouse": lambda value: {"snapshot__warehouse_name": value},
    }
    for name, condition in conditions.items():
        if name in shown:
            lines = lines.filter(**condition(shown[name]))
    return lines


def _sorted(lines, sort):
    column = F(SORTS[sort.removeprefix("-") or "no"])
    # What is not known stands at the end, whichever way round.
    key = column.desc(nulls_last=True) if sort.startswith("-") else column.asc(nulls_last=True)
    return lines.order_by(key, "position")


def order(request: HttpRequest, number: str, position: int) -> HttpResponse:
    """One order: its goods, what the ERP showed of it at each look, and what became of it."""
    cancellation = find(request, number)
    line = get_object_or_404(cancellation.lines.select_related("snapshot", "sent_in"), position=position)
    looks = list(line.snapshots.filter(at__isnull=False).select_related("lookup").order_by("-at", "-pk"))
    for look in looks:
        look.changed_in_words = words.orders.changes(look)
    context = {
        "cancellation": cancellation,
        "line": line,
        "snapshot": line.snapshot,
        "looks": looks,
        "may_decide_by_hand": line.needs_person
        and permissions.may(permissions.check_may_decide_by_hand, request.user, cancellation),
    }
    return render(request, "requests/order.html", context)
