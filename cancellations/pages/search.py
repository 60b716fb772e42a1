"""One search for every page: order numbers in any case, many at once, their last digits, a request, a supplier."""

import re
from collections import defaultdict
from typing import Any, NamedTuple

from django.db.models.functions import Upper
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from cancellations.history.selection import after_prefix
from cancellations.intake import repaired
from cancellations.models import CancellationRequest, Machine, OrderLine, Person
from cancellations.models.lines import folded
from cancellations.pages.loading import typed

MAX_NUMBERS = 100
MAX_TYPED = 6_000  # characters
MAX_EACH = 5  # requests that are shown of one order
MAX_FOUND = 50  # orders that begin or end so, or that are of a supplier
LATEST = 50_000  # orders among which is looked for endings and suppliers, which no index holds

_parts = re.compile(r"[\s,，、;；]+").split
_is_request = re.compile(r"CR[0-9]{8}-[0-9]{4,8}", re.IGNORECASE).fullmatch
_is_ending = re.compile("[0-9]{3,12}").fullmatch


class Found(NamedTuple):
    """What was typed, and the lines with this order, the newest first."""

    typed: str
    lines: list[OrderLine]
    count: int


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
        context |= _found(request.user, asked, numbers[:MAX_NUMBERS])
    return render(request, "search.html", context | {"latest": LATEST, "shown_at_most": MAX_FOUND})


def _found(person: Person, typed: str, numbers: list[str]) -> dict[str, Any]:
    requests = CancellationRequest.objects.for_user(person)
    lines = OrderLine.objects.filter(cancellation__in=requests.values("pk"))
    lines = lines.select_related("cancellation__shop", "snapshot")
    exact = defaultdict(list)
    for line in lines.numbered(numbers).order_by("-cancellation_id")[: MAX_NUMBERS * MAX_EACH * 2]:
        exact[folded(line.order_no)].append(line)
    found = [Found(number, own[:MAX_EACH], len(own)) for number in numbers if (own := exact[folded(number)])]
    missing = [number for number in numbers if not exact[folded(number)]]
    if found or (len(numbers) > 1 and all(re.search("[0-9]", number) for number in numbers)):
        return {"found": found, "missing": missing}
    beginning = folded(numbers[0])
    alike = list(
        lines.alias(folded=Upper("order_no"))
        .filter(folded__gte=beginning, folded__lt=after_prefix(beginning) or "\U0010ffff")
        .order_by("folded", "-pk")[:MAX_FOUND]
        if len(numbers) == 1 and len(beginning) > 2
        else ()
    )
    if alike:
        return {"beginning": alike, "missing": missing}
    # The latest requests, of which all orders together are about LATEST.
    latest, orders = [], 0
    for pk, count in requests.order_by("-pk").values_list("pk", "line_count")[:LATEST].iterator(chunk_size=500):
        latest.append(pk)
        orders += count
        if orders >= LATEST:
            break
    if len(numbers) == 1 and _is_ending(numbers[0]):
        ending = lines.filter(cancellation__in=latest, order_no__endswith=numbers[0])
        return {"ending": list(ending.order_by("-cancellation_id")[:MAX_FOUND]), "missing": missing}
    suppliers = lines.filter(cancellation__in=latest, snapshot__provider_name__icontains=typed)
    return {"of_supplier": list(suppliers.order_by("-cancellation_id")[:MAX_FOUND]), "missing": missing}
