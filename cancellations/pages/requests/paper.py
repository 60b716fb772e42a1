"""A request as a sheet that is printed, signed and filed: everything on it, the facts first."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cancellations import words
from cancellations.models import CancellationRequest


def sheet(request: HttpRequest, cancellation: CancellationRequest) -> HttpResponse:
    """All orders in one table, the whole seal, every event, and places for signatures."""
    lines = cancellation.lines.select_related("snapshot").order_by("position")
    amounts = [(line.amount, line.outcome) for line in lines if line.amount is not None]
    context = {
        "cancellation": cancellation,
        "lines": lines,
        "promise": words.orders.promise(cancellation.operation, cancellation.line_count, cancellation.shop),
        "amount": sum((yuan for yuan, _outcome in amounts), 0) if amounts else None,
        "amount_done": sum((yuan for yuan, outcome in amounts if outcome == "DONE"), 0) if amounts else None,
        "events": [words.events.told(event) for event in cancellation.events.order_by("pk")],
        "printed_at": timezone.now(),
    }
    return render(request, "requests/sheet.html", context)
