"""Signing in: the password, then a code from whoever has a second factor. Before the code nobody is signed in."""

import logging
import threading
import time
from typing import Any

import django_otp
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from cancellations.access import sessions, sudo, throttling, verbs
from cancellations.access.forms import SignInCodeForm, SignInForm
from cancellations.models import Person

logger = logging.getLogger("cancellations.access")
# A password takes a processor for a third of a second. Whoever waits has a thread: one has to be left for other pages.
AT_ONCE, IN_LINE, SECONDS_IN_LINE = 1, 2, 3
_turns, _places = threading.BoundedSemaphore(AT_ONCE), threading.BoundedSemaphore(AT_ONCE + IN_LINE)
PENDING = "pending_sign_in"  # in the session of somebody who has given the password and not yet the code
PENDING_LASTS = 5 * 60  # seconds


class SignIn(LoginView):
    """Django's own, which takes care of the next page; a class because Django's is one."""

    authentication_form = SignInForm
    template_name = "access/sign_in.html"
    redirect_authenticated_user = True
    extra_context = {"through_provider": bool(settings.OIDC_RP_CLIENT_ID)}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(**context) | {"is_late": self.request.GET.get("code") == "late"}

    def post(self, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        """A process looks at few passwords at once: guessers must not take the threads of those who work."""
        if not _places.acquire(blocking=False):
            return self._busy(request)
        try:
            if not _turns.acquire(timeout=SECONDS_IN_LINE):
                return self._busy(request)
            try:
                return super().post(request, *arguments, **options)
            finally:
                _turns.release()
        finally:
            _places.release()

    def _busy(self, request):
        context = self.get_context_data(form=self.get_form_class()(request), is_busy=True)
        return TemplateResponse(request, self.template_name, context, status=503, headers={"Retry-After": "5"})

    def form_valid(self, form: Form) -> HttpResponse:
        return go_on(self.request, form.get_user(), self.get_success_url(), with_password=True)

    def render_to_response(self, context: dict[str, Any], **options: Any) -> HttpResponse:
        status = throttling.status_of(context["form"], self.request)
        return super().render_to_response(context, status=status, **options)


class SignOut(LogoutView):
    """Django's own; what pages have kept in the browser goes too."""

    def post(self, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        response = super().post(request, *arguments, **options)
        response.headers["Clear-Site-Data"] = '"storage"'
        return response


def go_on(request: HttpRequest, person: Person, next_url: str, *, with_password: bool) -> HttpResponse:
    """Lets in who has shown who they are; who has a second factor is asked for a code first.

    `with_password`: whether it was this application's password that was given, which then need not be given again
    for a while before something that guards the rest is changed.
    """
    device = verbs.second_factor_of(person)
    if device is None:
        return _enter(request, person, next_url, with_password=with_password)
    request.session.cycle_key()  # nobody who planted the key of this session may take part from here on
    request.session[PENDING] = {
        "person": person.pk,
        "hash": person.get_session_auth_hash(),
        "backend": person.backend,
        "since": time.time(),
        "next": next_url,
        "with_password": with_password,
    }
    return redirect("sign-in-code")


@login_not_required
@sensitive_post_parameters("code")
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """The code of the second factor, or a recovery code, as long as the person may still come in."""
    pending, person = request.session.get(PENDING), None
    if pending and not request.user.is_authenticated and time.time() - pending["since"] <= PENDING_LASTS:
        person = Person.objects.filter(pk=pending["person"], is_active=True).first()
    # Their password must still be the one that was given.
    if person is None or not constant_time_compare(person.get_session_auth_hash(), pending["hash"]):
        return redirect(f"{reverse('login')}?code=late")  # a message would be a session for every stranger
    person.backend = pending["backend"]
    form = SignInCodeForm(request, person, request.POST or None)
    if request.method == "POST" and form.is_valid():
        pending = request.session.pop(PENDING)
        return _enter(request, person, pending["next"], with_password=pending["with_password"])
    return render(request, "access/code.html", {"form": form}, status=throttling.status_of(form, request))


def _enter(request, person, next_url, *, with_password):
    login(request, person)
    sessions.begin(request)
    device = verbs.second_factor_of(person)
    if device:
        django_otp.login(request, device)
    if with_password:
        sudo.confirm(request)
    way, factor = ("password" if with_password else "provider"), ("and a second factor" if device else "alone")
    logger.info("Signed in by %s %s from %s.", way, factor, throttling.address_of(request) or "an unknown address")
    if person.access_changes.waiting().exists():
        messages.warning(request, _("A change of your access is waiting for confirmation. See “My account”."))
    if device and verbs.recovery_codes_left(person) == 0:
        messages.warning(request, _("No recovery codes left. Generate new ones under “My account”."))
    return redirect(next_url)
