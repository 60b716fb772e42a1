"""A request as a sheet that is printed, signed and filed: everything on it, the facts first."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cancellations import words
from cancellations.models import CancellationRequest, OrderLine


def sheet(request: HttpRequest, cancellation: CancellationRequest) -> HttpResponse:
    """All orders in one table, the whole seal, every event, and places for signatures."""
    lines = cancellation.lines.select_related("snapshot").order_by("position")
    priced = [line for line in lines if line.amount is not None]
    done = [
        line.amount for line in priced if line.outcome == OrderLine.Outcome.DONE and line.why not in OrderLine.BEFORE
    ]
    numbers = words.facts.facts_of([cancellation])[cancellation.pk].numbers
    context = {
        "cancellation": cancellation,
        "lines": lines,
        "promise": words.orders.promise(cancellation.operation, cancellation.line_count, cancellation.shop),
        "standing": words.orders.standing(cancellation, numbers)[1],
        "outcomes": words.orders.outcomes_of(numbers) if cancellation.was_approved else "",
        "amount": sum(line.amount for line in priced) if priced else None,
        "amount_done": sum(done),
        "events": [words.events.told(event) for event in cancellation.events.order_by("pk")],
        "printed_at": timezone.now(),
    }
    return render(request, "requests/sheet.html", context)
