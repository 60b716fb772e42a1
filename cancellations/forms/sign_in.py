from django.contrib.auth import get_user_model
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class SignInForm(AuthenticationForm):
    def get_invalid_login_error(self):
        """Whoever knows the password of a deactivated account is told so; nobody else learns that it exists."""
        person = get_user_model().objects.filter(username=self.cleaned_data["username"], is_active=False).first()
        if person and person.check_password(self.cleaned_data["password"]):
            return ValidationError(_("This account is not active any more. Ask your administrator."), code="inactive")
        return super().get_invalid_login_error()
