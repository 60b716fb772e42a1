"""Orders by what somebody typed: their numbers in any case, the beginning or the end of one, a supplier."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models.functions import Upper

from cancellations.history.selection import after_prefix
from cancellations.models import CancellationRequest, OrderLine, Person
from cancellations.models.lines import folded

MAX_NUMBERS = 100
MAX_EACH = 5  # requests that are shown of one order
MAX_FOUND = 50  # orders that begin or end so, or that are of a supplier
LATEST = 50_000  # orders among which is looked for endings and suppliers, which no index holds

_is_ending = re.compile("[0-9]{3,12}").fullmatch


class Found(NamedTuple):
    """What was typed, the lines with this order, the newest first, and in how many requests it is."""

    typed: str
    lines: list[OrderLine]
    requests: int


def find(person: Person, typed: str, numbers: Sequence[str]) -> dict[str, list[Any]]:
    """The lines that the person may read of these order numbers, or else of those that they begin or end, or else of
    the supplier that was typed: {what was found by: the lines, the newest request first}, and the `missing` numbers.
    """
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
