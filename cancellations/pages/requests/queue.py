"""What waits for a manager's decision, as a work list: the oldest first, or the largest amount."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST

from cancellations import words
from cancellations.access.sudo import approval_needs_password
from cancellations.models import CancellationRequest, Forecast, OrderLine, Person
from cancellations.pages.loading import find_all
from cancellations.words.facts import SENT_FOR
from cancellations.workflow import manager, working_days
from cancellations.workflow.errors import WorkflowError

MAX_SHOWN = 200  # the oldest ones
SMALL = 50  # orders that a manager may approve from the row, without the page
SOON = timedelta(hours=4)
BY_AMOUNT = "amount"


def decision_queue(request: HttpRequest) -> HttpResponse:
    own = CancellationRequest.objects.awaiting_decision_of(request.user)
    waiting = CancellationRequest.objects.filter(pk__in=own.values("pk"))
    total = waiting.count()
    page = list(waiting.select_related("shop", "requester").order_by("submitted_at", "pk")[:MAX_SHOWN])
    # Their forecasts: how many orders of each, what is at stake, and how much time is left.
    counts = {f"count_{verdict}": Count("pk", filter=Q(snapshot__verdict=verdict)) for verdict in Forecast}
    rows = OrderLine.objects.filter(cancellation__in=[cancellation.pk for cancellation in page]).order_by()
    rows = rows.values("cancellation").annotate(
        expected=Sum("snapshot__at_stake", filter=Q(snapshot__verdict__in=SENT_FOR)),
        priced=Count("snapshot__at_stake"),
        **counts,
    )
    found = {row["cancellation"]: row for row in rows}
    now, known = timezone.now(), working_days.known_days()
    for cancellation in page:
        row = found.get(cancellation.pk, {})
        cancellation.expected = row.get("expected") or Decimal(0)
        cancellation.amount = words.orders.amount(cancellation, cancellation.expected, Decimal(0), row.get("priced", 0))
        shown = [(verdict, row.get(f"count_{verdict}", 0)) for verdict in Forecast]
        cancellation.verdicts = [(words.orders.FORECAST_LOOKS[verdict], verdict.label, n) for verdict, n in shown if n]
        cancellation.not_looked_up = cancellation.line_count - sum(count for _, count in shown)
        cancellation.is_small = cancellation.line_count <= SMALL
        cancellation.days_left = working_days.working_days_between(now, cancellation.expires_at, known=known)
        cancellation.expires_soon = cancellation.expires_at - now < SOON
    sort = BY_AMOUNT if request.GET.get("sort") == BY_AMOUNT else ""
    if sort:
        page.sort(key=lambda cancellation: -cancellation.expected)
    context = {"view": "decide", "cancellations": page, "total": total, "sort": sort, "small": SMALL}
    return render(request, "requests/queue.html", context)


@require_POST
@approval_needs_password
def approve_several(request: HttpRequest) -> HttpResponse:
    """Approves what was ticked in the queue: each with the seal that stood in its row."""
    ticked = dict(each.partition(":")[::2] for each in request.POST.getlist("approve")[:MAX_SHOWN])
    found = find_all(request, ticked)
    seals = {
        found[number]: seal for number, seal in ticked.items() if number in found and found[number].line_count <= SMALL
    }
    approved, left = manager.approve_each(seals, by=request.user)
    if approved:
        done = ngettext("%(count)s request approved.", "%(count)s requests approved.", len(approved))
        messages.success(request, done % {"count": len(approved)})
    tell_of_refused(request, left)
    if not seals:
        messages.error(request, _("Tick the requests that you want to approve."))
    return redirect(f"{reverse('cancellation-list')}?view=decide")


def tell_of_refused(request: HttpRequest, left: Iterable[tuple[CancellationRequest, WorkflowError]]) -> None:
    """A message for each request that a verb was refused for, with the reason."""
    for cancellation, error in left:
        messages.error(request, f"{cancellation.number}{pgettext('clause', ': ')}{error}")


def next_waiting(person: Person, cancellation: CancellationRequest) -> CancellationRequest | None:
    """The request that has waited longest for the person's decision, after this one; None if nothing waits."""
    waiting = CancellationRequest.objects.awaiting_decision_of(person).exclude(pk=cancellation.pk)
    return waiting.order_by("submitted_at", "pk").first()
