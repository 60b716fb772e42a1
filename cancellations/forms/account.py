"""What people change about their own sign-in. Nothing of it is ever put back into a page."""

from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.password_validation import password_validators_help_texts
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cancellations.forms.sign_in import check_own_password
from cancellations.views.throttling import LOCKED_OUT, is_locked_out
from cancellations.workflow import people_access
from cancellations.workflow.errors import CodesHeldBack, WrongCode


class NeverPutBack(forms.PasswordInput):
    """A field that can be read while it is typed, and is empty when the form comes back."""

    input_type = "text"


class CodeForm(forms.Form):
    """A code of an authenticator app, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=32,
        widget=NeverPutBack(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "none", "spellcheck": "false"},
        ),
    )


class SignInCodeForm(CodeForm):
    def __init__(self, request, person, *arguments, **options):
        super().__init__(*arguments, **options)
        self._request, self._person = request, person

    def clean_code(self):
        """Wrong codes count like wrong passwords, besides the pauses that django-otp makes after them."""
        credentials = {"username": self._person.get_username()}
        if not AxesProxyHandler.is_allowed(self._request, credentials):
            self._request.axes_locked_out = True
            raise ValidationError(LOCKED_OUT, code="locked_out")
        try:
            people_access.check_code(self._person, self.cleaned_data["code"])
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
        self.fields["new_password1"].help_text = " ".join(password_validators_help_texts())

    def clean_old_password(self):
        """Checked like a sign-in, so that guessing here is limited like guessing there."""
        check_own_password(self._request, self.cleaned_data["old_password"])
        return self.cleaned_data["old_password"]
