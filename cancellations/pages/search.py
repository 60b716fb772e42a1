"""One search for every page: order numbers in any case, many at once, their last digits, a request, a supplier."""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from cancellations.history.numbers import LATEST, MAX_FOUND, MAX_NUMBERS, find
from cancellations.intake import repaired
from cancellations.models import CancellationRequest, Machine
from cancellations.pages.loading import typed

MAX_TYPED = 6_000  # characters

_parts = re.compile(r"[\s,，、;；]+").split
_is_request = re.compile(r"CR[0-9]{8}-[0-9]{4,8}", re.IGNORECASE).fullmatch


def search(request: HttpRequest) -> HttpResponse:
    asked = repaired(typed(request.GET, "q")[:MAX_TYPED])
    numbers = list(dict.fromkeys(part for part in _parts(asked) if part))
    if len(numbers) == 1 and _is_request(numbers[0]):
        cancellation = CancellationRequest.objects.for_user(request.user).filter(number=numbers[0].upper()).first()
        if cancellation:
            return redirect(cancellation)
    # What machines call so. The second condition is that of the index.
    own = CancellationRequest.objects.for_user(request.user).filter(external_id=asked.strip()).exclude(external_id="")
    found = own.filter(requester__in=Machine.objects.values("pk")).select_related("requester")
    named = list(found[:MAX_FOUND]) if asked.strip() else []
    if len(named) == 1:
        return redirect(named[0])
    context: dict[str, Any] = {
        "named": named,
        "q": asked,
        "numbers": numbers,
        "is_too_many": len(numbers) > MAX_NUMBERS,
    }
    if numbers:
        context |= find(request.user, asked, numbers[:MAX_NUMBERS])
    return render(request, "search.html", context | {"latest": LATEST, "shown_at_most": MAX_FOUND})
