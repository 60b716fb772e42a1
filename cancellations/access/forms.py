"""What people sign in with, and what they change about it. Nothing of it is ever put back into a page."""

from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm, UsernameField
from django.contrib.auth.password_validation import password_validators_help_texts
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cancellations.access import verbs
from cancellations.access.throttling import LOCKED_OUT, MAX_NAME, is_locked_out
from cancellations.sentences import sentences
from cancellations.workflow.errors import CodesHeldBack, WrongCode


class NameInput(forms.TextInput):
    """Sends no more back than a name can have."""

    def format_value(self, value: Any) -> str | None:
        return super().format_value(value and str(value)[:MAX_NAME])


class SignInForm(AuthenticationForm):
    # Django sets the length of its own field after its validators were made: nothing would look at it, and every
    # attempt is kept.
    username = UsernameField(max_length=MAX_NAME, widget=NameInput(attrs={"autofocus": True}))

    def get_invalid_login_error(self) -> ValidationError:
        """Whoever knows the password of a deactivated account is told so; nobody else learns that it exists."""
        if is_locked_out(self.request):
            return ValidationError(LOCKED_OUT, code="locked_out")
        if getattr(self.request, "deactivated_person", None):
            return ValidationError(_("This account is deactivated. Contact your administrator."), code="inactive")
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

    def clean_password(self) -> str:
        """Checked like a sign-in, so that guessing here is limited like guessing there."""
        password = self.cleaned_data["password"]
        check_own_password(self._request, password)
        return password


def check_own_password(request: HttpRequest, password: str) -> None:
    """Raises a ValidationError unless it is the password of the person of this request."""
    person = request.user
    if authenticate(request, username=person.get_username(), password=password) == person:
        return
    if is_locked_out(request):
        raise ValidationError(LOCKED_OUT, code="locked_out")
    raise ValidationError(_("Incorrect password."), code="wrong")


class NeverPutBack(forms.PasswordInput):
    """A field that can be read while it is typed, and is empty when the form comes back."""

    input_type = "text"


class CodeForm(forms.Form):
    """A code of an authenticator app, or a recovery code."""

    code = forms.CharField(
        label=pgettext_lazy("label", "Code"),
        max_length=32,
        widget=NeverPutBack(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "none", "spellcheck": "false"},
        ),
    )


class SignInCodeForm(CodeForm):
    def __init__(self, request, person, *arguments, **options):
        super().__init__(*arguments, **options)
        self._request, self._person = request, person

    def clean_code(self) -> str:
        """Wrong codes count like wrong passwords, besides the pauses that django-otp makes after them."""
        credentials = {"username": self._person.get_username()}
        if not AxesProxyHandler.is_allowed(self._request, credentials):
            self._request.axes_locked_out = True
            raise ValidationError(LOCKED_OUT, code="locked_out")
        try:
            verbs.check_code(self._person, self.cleaned_data["code"])
        except CodesHeldBack as error:
            raise ValidationError(str(error), code="held_back") from error
        except WrongCode as error:
            user_login_failed.send(sender=__name__, credentials=credentials, request=self._request)
            sentence = LOCKED_OUT if is_locked_out(self._request) else str(error)
            raise ValidationError(sentence, code="wrong") from error
        return self.cleaned_data["code"]


class ChangePasswordForm(PasswordChangeForm):
    def __init__(self, request, *arguments, **options):
        super().__init__(request.user, *arguments, **options)
        self._request = request
        # Django's help is a list, which may not stand in the paragraph that our fields have.
        self.fields["new_password1"].help_text = sentences(*password_validators_help_texts())

    def clean_old_password(self) -> str:
        """Checked like a sign-in, so that guessing here is limited like guessing there."""
        check_own_password(self._request, self.cleaned_data["old_password"])
        return self.cleaned_data["old_password"]


class NewPasswordForm(SetPasswordForm):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        # Django's is a list, which cannot stand in the paragraph that helps with a field.
        self.fields["new_password1"].help_text = sentences(*password_validators_help_texts())
