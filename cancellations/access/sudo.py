"""What guards the rest is changed only by somebody who has given their password lately: 'sudo mode', 15 minutes."""

import functools
import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from cancellations.access import throttling
from cancellations.access.forms import ConfirmForm
from cancellations.workflow import permissions

LASTS = 15 * 60  # seconds
LEFT_FOR_A_FORM = 5 * 60  # whoever opens a form has at least so long to fill it in
CONFIRMED = "confirmed_at"  # in the session


def confirm(request: HttpRequest) -> None:
    """Remembers that the person of this session has just given their password; the session gets a new key."""
    request.session.cycle_key()
    request.session[CONFIRMED] = int(time.time())


def is_confirmed(request: HttpRequest, *, left: int = 0) -> bool:
    """Whether the password was given lately, and for `left` further seconds."""
    return time.time() - request.session.get(CONFIRMED, 0) < LASTS - left


def needs_password(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Sends whoever has not given their password lately to where it is asked for, and then back to this page."""

    @functools.wraps(view)
    def guarded(request, *arguments, **options):
        if is_confirmed(request, left=0 if request.method == "POST" else LEFT_FOR_A_FORM):
            return view(request, *arguments, **options)
        if request.method == "POST":
            messages.warning(request, _("Confirm your password, then try again. Nothing has been changed yet."))
        # Back to this page if it can be opened, else to the one that the button was on.
        back = request.get_full_path() if request.method == "GET" else request.META.get("HTTP_REFERER", "")
        return redirect(f"{reverse('confirm-password')}?{urlencode({'next': back})}")

    return guarded


def approval_needs_password(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """As `needs_password`, if the setting APPROVAL_ASKS_PASSWORD says so: an approval cannot be undone."""
    guarded = needs_password(view)

    @functools.wraps(view)
    def either(request, *arguments, **options):
        return (guarded if settings.APPROVAL_ASKS_PASSWORD else view)(request, *arguments, **options)

    return either


def for_administrators(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Before anything else is asked, the password for instance: others have no business here."""

    @functools.wraps(view)
    def guarded(request, *arguments, **options):
        if not permissions.may(permissions.check_may_manage_shops, request.user):
            raise PermissionDenied
        return view(request, *arguments, **options)

    return guarded


@sensitive_post_parameters("password")
def confirm_password(request: HttpRequest) -> HttpResponse:
    form = ConfirmForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        confirm(request)
        return redirect(_safe(request))
    context = {"form": form, "next": _safe(request)}
    return render(request, "access/confirm_password.html", context, status=throttling.status_of(form, request))


def _safe(request):
    """The address to go on to, if it is one of ours."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else resolve_url("home")
