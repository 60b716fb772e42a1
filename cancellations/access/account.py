"""One's own account: what one may do, password, second factor, sessions."""

import django_otp
import segno
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST
from django_otp.plugins.otp_totp.models import TOTPDevice

from cancellations import words
from cancellations.access import sessions, throttling, verbs
from cancellations.access.forms import ChangePasswordForm, CodeForm
from cancellations.access.sudo import needs_password
from cancellations.workflow import apart, granting, permissions
from cancellations.workflow.errors import FactorExists, WorkflowError, WrongCode

ACCESS_SHOWN = 5
NEW_KEY = "new_factor_key"  # in the session, until a code has shown that an app has it


def account(request: HttpRequest) -> HttpResponse:
    person = request.user
    device = verbs.second_factor_of(person)
    context = {
        "roles": words.people.roles(granting.roles_of(person)),
        "shops": person.shops.all(),
        "device": device,
        "codes_left": verbs.recovery_codes_left(person),
        "sessions": sessions.sessions_of(request),
        "access_is_changing": person.access_changes.waiting().exists(),
        "changes_of_access": apart.changes_of_access([person])[:ACCESS_SHOWN],
        "must_have_factor": permissions.needs_second_factor(person),
    }
    return render(request, "access/account.html", context)


@sensitive_post_parameters("code")
@sensitive_variables("codes", "key", "address", "text", "context")
@needs_password
def second_factor_set_up(request: HttpRequest) -> HttpResponse:
    """Shows a new secret until a code shows that an app has taken it; then the recovery codes, once."""
    if verbs.second_factor_of(request.user):
        return redirect("account")
    key = request.session.setdefault(NEW_KEY, verbs.new_factor_key())
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = verbs.add_second_factor(request.user, by=request.user, key=key, code=form.cleaned_data["code"])
        except WrongCode as error:
            form.add_error("code", str(error))
        except FactorExists:
            return redirect("account")
        else:
            del request.session[NEW_KEY]
            _stay(request)
            return _show(request, codes)
    # The secret as a picture for the app's camera, and as text in groups of four for typing.
    address = TOTPDevice(user=request.user, key=key).config_url
    text = address.partition("secret=")[2].partition("&")[0]
    context = {
        "form": form,
        "must_have_factor": permissions.needs_second_factor(request.user),
        "picture": segno.make(address, error="m", micro=False).png_data_uri(scale=5),
        "secret": " ".join(text[start : start + 4] for start in range(0, len(text), 4)),
    }
    return render(request, "access/second_factor.html", context, status=throttling.status_of(form, request))


@sensitive_variables("codes")
def _show(request, codes):
    halves = [f"{code[:5]}-{code[5:]}" for code in codes]
    return render(request, "access/recovery_codes.html", {"codes": halves})


@require_POST
@sensitive_variables("codes")
@needs_password
def recovery_codes_new(request: HttpRequest) -> HttpResponse:
    try:
        codes = verbs.make_recovery_codes(request.user, by=request.user)
    except WorkflowError as error:
        messages.error(request, str(error))
        return redirect("account")
    return _show(request, codes)


@require_POST
@needs_password
def second_factor_remove(request: HttpRequest) -> HttpResponse:
    try:
        verbs.remove_second_factor(request.user, by=request.user)
    except WorkflowError as error:
        messages.error(request, str(error))
    else:
        _stay(request)
        messages.success(request, _("Second factor removed. You are signed out on all other devices."))
    return redirect("account")


@sensitive_post_parameters("old_password", "new_password1", "new_password2")
@needs_password
def password_change(request: HttpRequest) -> HttpResponse:
    form = ChangePasswordForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        verbs.change_password(request.user, by=request.user, password=form.cleaned_data["new_password1"])
        _stay(request)
        messages.success(request, _("Password changed. You are signed out on all other devices."))
        return redirect("account")
    return render(request, "access/password.html", {"form": form}, status=throttling.status_of(form, request))


@require_POST
@needs_password
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    verbs.sign_out_everywhere(request.user, by=request.user)
    logout(request)
    messages.success(request, _("You are signed out on all devices."))
    return redirect("login")


@require_POST
@needs_password
def session_end(request: HttpRequest, digest: str) -> HttpResponse:
    if sessions.end_session(request, digest):
        messages.success(request, _("The session was ended."))
    else:
        messages.warning(request, _("This session has ended already."))
    return redirect("account")


def _stay(request):
    """This session goes on where all others of the person have just been ended."""
    update_session_auth_hash(request, request.user)
    device = verbs.second_factor_of(request.user)
    if device:
        django_otp.login(request, device)
