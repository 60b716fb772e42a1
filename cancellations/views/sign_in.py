"""Signing in."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import reverse

from cancellations.forms.sign_in import SignInForm
from cancellations.views import sessions, sudo, throttling


class SignIn(LoginView):
    """Django's own, which takes care of the next page and of a new session key; a class because Django's is one."""

    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form):
        enter(self.request, form.get_user())
        sudo.confirm(self.request)  # the password has just been given
        return HttpResponseRedirect(self.get_success_url())

    def render_to_response(self, context, **options):
        status = throttling.status_of(context["form"], self.request)
        return super().render_to_response(context, status=status, **options)


def enter(request, person):
    """Begins the person's session."""
    login(request, person)
    sessions.begin(request)


@login_not_required
def admin_sign_in(request):
    """The admin has no sign-in of its own: it would get past everything that guards ours."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next", reverse("admin:index")))
