from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from cancellations.models import Shop
from cancellations.models.secrets import Secret


class PeopleField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, person):
        return f"{person.get_full_name()} ({person.get_username()})" if person.get_full_name() else str(person)


class AddShopForm(forms.ModelForm):
    """A shop with its first credential. The secret goes one way only: it is never put back into a page."""

    environment = forms.ChoiceField(
        label=_("Environment"),
        help_text=_("Which address of the ERP is called. The server's settings say which there are."),
    )
    app_key = forms.CharField(label=_("App key"), max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    app_secret = forms.CharField(
        label=_("App secret"),
        max_length=200,
        help_text=_(
            "Two parts joined by a colon, as the open platform shows it: secret:salt. It is never shown again."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    members = PeopleField(
        get_user_model().objects.filter(is_active=True).order_by("username"),
        label=_("Who works for this shop"),
        help_text=_("You yourself are added in any case."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Shop
        fields = [
            "name",
            "sid",
            "environment",
            "orders_per_call",
            "seconds_between_calls",
            "lookup_limit",
            "send_from",
            "send_until",
        ]
        widgets = {name: forms.TimeInput(attrs={"type": "time"}) for name in ("send_from", "send_until")}

    field_order = ["name", "sid", "environment", "app_key", "app_secret", "members"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["environment"].choices = [("", ""), *((name, name) for name in settings.ERP_ADDRESSES)]

    def clean(self):
        cleaned = super().clean()
        if (cleaned.get("send_from") is None) != (cleaned.get("send_until") is None):
            self.add_error("send_until", _("Give both ends of the working hours, or neither."))
        elif cleaned.get("send_from") and cleaned["send_from"] == cleaned["send_until"]:
            self.add_error("send_until", _("Working hours that end when they begin are none."))
        return cleaned

    def clean_app_secret(self):
        secret = Secret(self.cleaned_data["app_secret"].strip())
        before, _colon, after = secret.reveal().partition(":")
        if not before or not after:
            raise forms.ValidationError(_("An app secret has two parts, joined by a colon: secret:salt."))
        return secret
