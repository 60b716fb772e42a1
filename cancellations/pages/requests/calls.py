"""Every exchange with the ERP for a request, word for word."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cancellations.models import ApiCall
from cancellations.pages.loading import find, page_by_key

CALLS_OF_A_PAGE = 50


def calls(request: HttpRequest, number: str) -> HttpResponse:
    """Every exchange with the ERP for a request, the newest first."""
    cancellation = find(request, number)
    rows, newer, older = page_by_key(cancellation.calls.all(), request.GET, CALLS_OF_A_PAGE)
    for call in rows:
        call.seconds = seconds_of(call)
    context = {
        "cancellation": cancellation,
        "calls": rows,
        "newer_url": newer and f"?{urlencode(newer)}",
        "older_url": older and f"?{urlencode(older)}",
    }
    return render(request, "requests/calls.html", context)


def seconds_of(call: ApiCall) -> float | None:
    """How long the call took; None if it is under way."""
    return (call.finished_at - call.started_at).total_seconds() if call.finished_at else None
