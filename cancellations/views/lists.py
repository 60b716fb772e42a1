"""The lists of cancellation requests: mine, awaiting my decision, all."""

from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse

from cancellations.models import CancellationRequest, OrderLine
from cancellations.views import list_filters
from cancellations.workflow import permissions

PAGE_SIZE = 50
VIEWS = ("mine", "decide", "all")


def awaiting_decision(person):
    """What waits for this person's decision: submitted by somebody else, in a shop of theirs."""
    submitted = CancellationRequest.objects.for_user(person).filter(status=CancellationRequest.Status.SUBMITTED)
    return submitted.exclude(requester=person)


def cancellation_list(request):
    view = request.GET.get("view")
    if view not in VIEWS:
        return redirect(f"{reverse('cancellation-list')}?view={_first_view(request.user)}")
    shown = list_filters.understood(request.GET)
    page, newer, older = _page(list_filters.filtered(_requests(request.user, view), shown), request.GET)
    _count_outcomes(page)
    return render(
        request,
        "cancellations/list.html",
        {
            "view": view,
            "cancellations": page,
            "applied": list_filters.applied(shown, page),
            "newer_url": newer and _address(view, shown, newer),
            "older_url": older and _address(view, shown, older),
        },
    )


def _address(view, shown, key):
    query = shown.copy()
    query.update({"view": view} | key)
    return f"{reverse('cancellation-list')}?{query.urlencode()}"


def _first_view(person):
    if permissions.has_role(person, permissions.MANAGER) and awaiting_decision(person).exists():
        return "decide"
    return "mine" if permissions.has_role(person, permissions.CLERK) else "all"


def _requests(person, view):
    requests = CancellationRequest.objects.for_user(person).select_related("shop", "requester", "decided_by")
    if view == "mine":
        return requests.filter(requester=person)
    if view == "decide":
        return requests.filter(pk__in=awaiting_decision(person).values("pk"))
    return requests


def _page(requests, parameters):
    return page_by_key(requests, parameters, PAGE_SIZE)


def page_by_key(requests, parameters, size):
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


def _count_outcomes(cancellations):
    """Gives each request `counts`: the number of its orders by outcome."""
    counts = {cancellation.pk: {} for cancellation in cancellations}
    rows = OrderLine.objects.filter(cancellation__in=counts).order_by().values("cancellation", "outcome")
    counted = rows.annotate(lines=Count("pk"), against=Count("pk", filter=Q(why=OrderLine.Why.CONTRADICTED)))
    for row in counted:
        found = counts[row["cancellation"]]
        found[row["outcome"]] = row["lines"]
        found["contradicted"] = found.get("contradicted", 0) + row["against"]
    for cancellation in cancellations:
        cancellation.counts = counts[cancellation.pk]
