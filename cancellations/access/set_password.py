"""Where a one-time link leads: the person sets a password, and then signs in with it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from cancellations.access.forms import NewPasswordForm
from cancellations.access.throttling import address_of, forget_failures
from cancellations.models import Person
from cancellations.workflow import people
from cancellations.workflow.errors import LinkUsed


class SetPassword(PasswordResetConfirmView):
    form_class = NewPasswordForm
    template_name = "access/set_password.html"
    token_generator = people.link_tokens

    def get_user(self, uidb64: str) -> Person | None:
        """Inactive people and machines set no password."""
        person = super().get_user(uidb64)
        return person if person and person.is_active and not person.is_machine else None

    def form_valid(self, form: Form) -> HttpResponse:
        del self.request.session[INTERNAL_RESET_SESSION_TOKEN]
        try:
            people.set_password(self.user, password=form.cleaned_data["new_password1"])
        except LinkUsed:
            self.validlink = False
            return self.render_to_response(self.get_context_data())
        # Who has forgotten the password has tried it before: here the new one counts at once.
        forget_failures(self.user, address=address_of(self.request))
        messages.success(self.request, _("Password set. Sign in with the new password."))
        return redirect("login")

    def render_to_response(self, context: dict[str, Any], **options: Any) -> HttpResponse:
        wrong = context["form"] and context["form"].errors
        status = 404 if not context["validlink"] else 422 if wrong else 200
        return super().render_to_response(context, status=status, **options)
