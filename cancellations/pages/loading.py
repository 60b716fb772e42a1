"""What several pages load: a request for who asks, one page of many rows."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, QueryDict
from django.shortcuts import get_object_or_404

from cancellations.models import CancellationRequest


def typed(query: QueryDict, name: str) -> str:
    """What somebody typed, without the one character that PostgreSQL refuses."""
    return query.get(name, "").replace("\x00", "")


def find(request: HttpRequest, number: str) -> CancellationRequest:
    """The request with this number if the person may read it; else 404."""
    readable = CancellationRequest.objects.for_user(request.user)
    return get_object_or_404(readable.select_related("shop", "requester", "decided_by"), number=number)


def find_all(request: HttpRequest, numbers: Iterable[str]) -> dict[str, CancellationRequest]:
    """{number: request} of those that the person may read."""
    readable = CancellationRequest.objects.for_user(request.user).select_related("shop")
    wanted = [number for number in numbers if "\x00" not in number]
    return {found.number: found for found in readable.filter(number__in=wanted)}


def page_by_key(
    requests: QuerySet[CancellationRequest], parameters: QueryDict, size: int
) -> tuple[list[CancellationRequest], dict[str, int], dict[str, int]]:
    """(page, query of the newer page, query of the older page): by key, so that a deep page costs as a first one."""
    before, after = _key(parameters, "before"), _key(parameters, "after")
    if after is not None:
        rows = list(requests.filter(pk__gt=after).order_by("pk")[: size + 1])
        more_newer, more_older = len(rows) > size, True
        rows = rows[:size][::-1]
    else:
        older_ones = requests.filter(pk__lt=before) if before is not None else requests
        rows = list(older_ones.order_by("-pk")[: size + 1])
        more_newer, more_older = before is not None, len(rows) > size
        rows = rows[:size]
    newer = {"after": rows[0].pk} if rows and more_newer else None
    older = {"before": rows[-1].pk} if rows and more_older else None
    return rows, newer, older


def _key(parameters, name):
    value = parameters.get(name)
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise Http404
    return int(value)
