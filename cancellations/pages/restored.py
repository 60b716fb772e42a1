"""The page on which an administrator sees what a restore means for orders on their way, and confirms it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from cancellations.models import CancellationRequest, RestoredCopy
from cancellations.workflow import permissions, restored
from cancellations.workflow.errors import NothingRestored

SHOWN = 100  # requests


@require_http_methods(["GET", "POST"])
def restored_page(request: HttpRequest) -> HttpResponse:
    if not permissions.may(permissions.check_may_confirm_restore, request.user):
        raise PermissionDenied
    if request.method == "GET":
        return _page(request)
    try:
        paused = restored.confirm(by=request.user)
    except NothingRestored as error:
        return _page(request, problem=str(error), status=409)
    said = ngettext(
        "Confirmed. %(count)s request is paused until somebody resumes it.",
        "Confirmed. %(count)s requests are paused until somebody resumes them.",
        paused,
    )
    messages.success(request, said % {"count": paused})
    return redirect("restored")


def _page(request, problem="", status=200):
    affected = restored.may_be_sent_twice()
    readable = affected.for_user(request.user)
    undecided = CancellationRequest.objects.for_user(request.user).filter(status=CancellationRequest.Status.SUBMITTED)
    context = {
        "problem": problem,
        "copies": RestoredCopy.objects.unconfirmed(),
        "last": RestoredCopy.objects.filter(confirmed_at__isnull=False).select_related("confirmed_by").first(),
        "affected": readable.select_related("shop", "requester")[:SHOWN],
        "more": max(0, readable.count() - SHOWN),
        "of_others": affected.count() - readable.count(),
        "undecided": undecided.count(),
    }
    return render(request, "workers/restored.html", context, status=status)
