"""The lists of cancellation requests: mine, awaiting my decision, all."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cancellations import words
from cancellations.models import CancellationRequest, SavedFilter
from cancellations.pages.loading import find_all, page_by_key, typed
from cancellations.pages.requests.filters import RequestFilter
from cancellations.pages.requests.queue import decision_queue, tell_of_refused
from cancellations.pages.saved_filters import own_filters
from cancellations.pages.shops.first_steps import first_steps
from cancellations.workflow import control, permissions, saved_filters
from cancellations.workflow.errors import StopNoteMissing, WorkflowError
from cancellations.workflow.transitions import is_possible

PAGE_SIZE = 50
VIEWS = ("mine", "decide", "settle", "all")


def cancellation_list(request: HttpRequest) -> HttpResponse:
    view = request.GET.get("view")
    parts = (permissions.CLERK, permissions.MANAGER, permissions.AUDITOR)
    if view is None and first_steps(request.user) and not permissions.has_role(request.user, *parts):
        return redirect("shop-list")  # which says what is to be done first
    if view not in VIEWS:
        decides = permissions.has_role(request.user, permissions.MANAGER)
        waits = decides and CancellationRequest.objects.awaiting_decision_of(request.user).exists()
        own = "mine" if permissions.has_role(request.user, permissions.CLERK) else "all"
        return redirect(f"{reverse('cancellation-list')}?view={'decide' if waits else own}")
    if view == "decide":
        return decision_queue(request)
    asked = RequestFilter(request.GET, person=request.user)
    requests = CancellationRequest.objects.for_user(request.user).select_related("shop", "requester")
    # A discarded draft is found by its number and in the audit trail.
    requests = requests.exclude(status=CancellationRequest.Status.WITHDRAWN, submitted_at__isnull=True)
    if view == "mine":
        requests = requests.filter(requester=request.user)
    elif view == "settle":
        to_be_settled = CancellationRequest.objects.to_be_settled_by(request.user)
        requests = requests.filter(pk__in=to_be_settled.values("pk"))
    page, newer, older = page_by_key(asked.narrow(requests), request.GET, PAGE_SIZE)
    facts = words.facts.facts_of(page)
    may_stop: dict[tuple[int, bool], bool] = {}  # asked once for all of a seller account that are alike in it
    for cancellation in page:
        alike = (cancellation.shop_id, cancellation.requester_id == request.user.pk)
        if is_possible("stop", cancellation) and alike not in may_stop:
            may_stop[alike] = permissions.may(permissions.check_may_stop, request.user, cancellation)
        cancellation.may_stop = is_possible("stop", cancellation) and may_stop[alike]
        cancellation.counts, cancellation.amount = facts[cancellation.pk].numbers, facts[cancellation.pk].amount
    return render(
        request,
        "requests/list.html",
        {
            "view": view,
            "cancellations": page,
            "may_stop": any(cancellation.may_stop for cancellation in page),
            "filter": asked,
            "applied": asked.applied(),
            "query": _query(view, asked.shown),
            "saved": own_filters(request, SavedFilter.Kind.REQUESTS),
            "tabs": asked.tabs(requests, with_drafts=view == "mine") if view != "settle" else [],
            "newer_url": newer and _address(view, asked.shown, newer),
            "older_url": older and _address(view, asked.shown, older),
        },
    )


@require_POST
def save_filter(request: HttpRequest) -> HttpResponse:
    """Keeps a list, narrowed as the address says, under a name."""
    view = request.GET.get("view")
    asked = RequestFilter(request.GET, person=request.user)
    query = _query(view if view in VIEWS else "all", asked.shown)
    try:
        name = typed(request.POST, "name")
        saved = saved_filters.save_filter(SavedFilter.Kind.REQUESTS, name, query, by=request.user)
    except WorkflowError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Filter “%(name)s” saved.") % {"name": saved.name})
    return redirect(f"{reverse('cancellation-list')}?{query}")


@require_POST
def stop_several(request: HttpRequest) -> HttpResponse:
    """Stops the requests that were ticked in a list, all with the same reason."""
    ticked = list(find_all(request, request.POST.getlist("stop")[:PAGE_SIZE]).values())
    try:
        stopped, left = control.stop_each(ticked, by=request.user, note=typed(request.POST, "note"))
    except StopNoteMissing as error:
        messages.error(request, str(error))
        return redirect(f"{reverse('cancellation-list')}?view=all")
    if stopped:
        done = ngettext("%(count)s request stopped.", "%(count)s requests stopped.", len(stopped))
        messages.success(request, done % {"count": len(stopped)})
    tell_of_refused(request, left)
    if not ticked:
        messages.error(request, _("Tick the requests that you want to stop."))
    return redirect(f"{reverse('cancellation-list')}?view=all")


def _query(view, shown, **key):
    query = QueryDict(mutable=True)
    query.update({"view": view})
    query.update(shown)
    query.update(key)
    return query.urlencode()


def _address(view, shown, key):
    return f"{reverse('cancellation-list')}?{_query(view, shown, **key)}"
