"""The page on which auditors see whether the history is what was written, and have it verified."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cancellations import tasks
from cancellations.audit import verification
from cancellations.models import AuditCheck, ChainLink, Event
from cancellations.workflow import limits, permissions
from cancellations.workflow.errors import TooOften

AT_ONCE = 100_000  # events; more of them take longer than one waits for a page
CHECKS_SHOWN = 10


@require_http_methods(["GET", "POST"])
def audit_page(request: HttpRequest) -> HttpResponse:
    if not permissions.may(permissions.check_may_verify_history, request.user):
        raise PermissionDenied
    if request.method == "GET":
        return _page(request)
    try:
        limits.consume(limits.VERIFY, by=request.user)
    except TooOften as error:
        return _page(request, problem=str(error), status=429)
    newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first()
    if (newest or 0) < AT_ONCE:
        verification.check(by=request.user)
        messages.success(request, _("The audit trail was checked just now. See the result below."))
    else:
        tasks.check_history.enqueue(by_id=request.user.pk)
        messages.info(request, _("The audit trail is being checked. Come back in a minute."))
    return redirect("audit")


def _page(request, problem="", status=200):
    checks = list(AuditCheck.objects.select_related("by")[:CHECKS_SHOWN])
    context = {
        "problem": problem,
        "checks": checks,
        "last": checks[0] if checks else None,
        "is_old": bool(checks) and timezone.now() - checks[0].at > verification.CHECKED_EVERY * 2,
        "anchor": AuditCheck.objects.filter(is_anchor=True).first(),
        "chained": ChainLink.objects.order_by("-number").values_list("number", flat=True).first() or 0,
        "since": Event.objects.filter(pk__gt=checks[0].last_event_id or 0).count() if checks else 0,
        "pruned": Event.objects.filter(kind=Event.Kind.PRUNED).order_by("-pk").first(),
    }
    return render(request, "audit/page.html", context, status=status)
