from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cancellations.models import Person, Shop
from cancellations.models.secrets import AppSecret, BadAppSecret

LIMITS = ["orders_per_call", "seconds_between_calls", "lookup_limit", "send_from", "send_until"]


class PeopleField(forms.ModelMultipleChoiceField):
    """Active people, to be ticked."""

    def __init__(self, **options):
        people = Person.objects.filter(is_active=True).order_by("username")
        super().__init__(people, required=False, widget=forms.CheckboxSelectMultiple, **options)

    def label_from_instance(self, person):
        return str(person) if str(person) == person.username else f"{person} ({person.username})"


class CredentialForm(forms.Form):
    """An app key with its secret, which goes one way only: it is never put back into a page."""

    app_key = forms.CharField(label=_("App key"), max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    app_secret = forms.CharField(
        label=_("App secret"),
        max_length=200,
        help_text=_(
            "Two parts joined by a colon, as the open platform shows it: secret:salt. It is never shown again."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def clean_app_secret(self):
        try:
            return AppSecret.parse(self.cleaned_data["app_secret"])
        except BadAppSecret as error:
            raise forms.ValidationError(str(error)) from error


class ShopForm(forms.ModelForm):
    """What a shop is called, which account it is, and how fast and when it is called."""

    environment = forms.ChoiceField(
        label=_("Environment"),
        help_text=_("Which address of the ERP is called. The server's settings say which there are."),
    )

    class Meta:
        model = Shop
        fields = ["name", "sid", "environment", "is_active", *LIMITS]
        widgets = {
            name: forms.TimeInput(format="%H:%M", attrs={"type": "time"}) for name in ("send_from", "send_until")
        }
        help_texts = {"is_active": _("If not, nothing is sent: requests under way pause, and none can be made.")}

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.fields["environment"].choices = [("", ""), *((name, name) for name in self._environments())]

    def _environments(self):
        """Those of the server's list; a shop whose environment has left the list keeps it until another is chosen."""
        return dict.fromkeys([*settings.ERP_ADDRESSES, *filter(None, [self.instance.environment])])

    def clean(self):
        cleaned = super().clean()
        if (cleaned.get("send_from") is None) != (cleaned.get("send_until") is None):
            self.add_error("send_until", _("Give both ends of the working hours, or neither."))
        elif cleaned.get("send_from") and cleaned["send_from"] == cleaned["send_until"]:
            self.add_error("send_until", _("Working hours that end when they begin are none."))
        return cleaned


class AddShopForm(CredentialForm, ShopForm):
    """A shop with its first credential and those who work for it."""

    members = PeopleField(label=_("Who works for this shop"), help_text=_("You yourself are added in any case."))
    field_order = ["name", "sid", "environment", "app_key", "app_secret", "members"]

    class Meta(ShopForm.Meta):
        fields = ["name", "sid", "environment", *LIMITS]


class MembersForm(forms.Form):
    members = PeopleField(label=_("Who works for this shop"))
