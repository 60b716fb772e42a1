from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cancellations.models import Person
from cancellations.views.throttling import LOCKED_OUT, is_locked_out


class SignInForm(AuthenticationForm):
    def get_invalid_login_error(self):
        """Whoever knows the password of a deactivated account is told so; nobody else learns that it exists."""
        if is_locked_out(self.request):
            return ValidationError(LOCKED_OUT, code="locked_out")
        person = Person.objects.filter(username=self.cleaned_data["username"], is_active=False).first()
        if person and person.check_password(self.cleaned_data["password"]):
            return ValidationError(_("This account is not active any more. Ask your administrator."), code="inactive")
        return super().get_invalid_login_error()


class ConfirmForm(forms.Form):
    """The password once more, of the person who is signed in."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, request, *arguments, **options):
        super().__init__(*arguments, **options)
        self._request = request

    def clean_password(self):
        """Checked like a sign-in, so that guessing here is limited like guessing there."""
        password = self.cleaned_data["password"]
        check_own_password(self._request, password)
        return password


def check_own_password(request, password):
    """Raises a ValidationError unless it is the password of the person of this request."""
    person = request.user
    if authenticate(request, username=person.get_username(), password=password) == person:
        return
    if is_locked_out(request):
        raise ValidationError(LOCKED_OUT, code="locked_out")
    raise ValidationError(_("That is not your password."), code="wrong")
