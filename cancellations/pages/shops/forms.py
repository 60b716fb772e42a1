from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cancellations import words
from cancellations.intake import is_shape
from cancellations.models import Person, Shop
from cancellations.models.secrets import AppSecret, BadAppSecret
from cancellations.pages.fields import TickedField
from cancellations.workflow import people

MAX_SHAPES = 20
LIMITS = ["orders_per_call", "seconds_between_calls", "lookup_limit", "order_shapes", "send_from", "send_until"]


class PeopleField(TickedField):
    """Active people whom the administrator knows, to be ticked."""

    def __init__(self, **options):
        super().__init__(Person.objects.none(), required=False, **options)

    def offer(self, by: Person) -> None:
        self.queryset = people.known_to(by).filter(is_active=True).order_by("username")

    def label_from_instance(self, person: Person) -> str:
        return str(person) if str(person) == person.username else f"{person} ({person.username})"


class CredentialForm(forms.Form):
    """An app key with its secret, which goes one way only: it is never put back into a page."""

    app_key = forms.CharField(label=_("App key"), max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    app_secret = forms.CharField(
        label=_("App secret"),
        max_length=200,
        help_text=_(
            "Two parts joined by a colon, as the open platform shows them: secret:salt. Never shown again after saving."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def clean_app_secret(self) -> AppSecret:
        try:
            return AppSecret.parse(self.cleaned_data["app_secret"])
        except BadAppSecret as error:
            raise forms.ValidationError(str(error)) from error


class ShopForm(forms.ModelForm):
    """What a shop is called, which account it is, and how fast and when it is called."""

    environment = forms.ChoiceField(
        label=pgettext_lazy("label", "Environment"),
        help_text=_("The ERP address to call. The server settings define the choices."),
    )

    class Meta:
        model = Shop
        fields = ["name", "sid", "environment", "is_active", *LIMITS]
        widgets = {
            name: forms.TimeInput(format="%H:%M", attrs={"type": "time"}) for name in ("send_from", "send_until")
        } | {"order_shapes": forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})}
        help_texts = {
            "is_active": _("When off, nothing is sent: running requests pause and no new ones can be created.")
        }

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.fields["environment"].choices = [
            ("", ""),
            *((name, words.shops.environment(name)) for name in self._environments()),
        ]

    def _environments(self):
        """Those of the server's list; a shop whose environment has left the list keeps it until another is chosen."""
        return dict.fromkeys([*settings.ERP_ADDRESSES, *filter(None, [self.instance.environment])])

    def clean_order_shapes(self) -> str:
        shapes = list(dict.fromkeys(self.cleaned_data["order_shapes"].split()))
        wrong = [shape for shape in shapes if not is_shape(shape)]
        if wrong or len(shapes) > MAX_SHAPES:
            raise forms.ValidationError(
                _("At most %(most)d lines, each with # for at least two digits and nothing that numbers cannot have."),
                params={"most": MAX_SHAPES},
            )
        return "\n".join(shapes)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if (cleaned.get("send_from") is None) != (cleaned.get("send_until") is None):
            self.add_error("send_until", _("Enter both the start and the end of the working hours, or neither."))
        elif cleaned.get("send_from") and cleaned["send_from"] == cleaned["send_until"]:
            self.add_error("send_until", _("The working hours must not begin and end at the same time."))
        return cleaned


class AddShopForm(CredentialForm, ShopForm):
    """A shop with its first credential and those who work for it."""

    members = PeopleField(label=_("People with access to this seller account"), help_text=_("You are always added."))
    field_order = ["name", "sid", "environment", "app_key", "app_secret", "members"]

    def __init__(self, *arguments, by, **options):
        super().__init__(*arguments, **options)
        self.fields["members"].offer(by)

    @property
    def advanced(self) -> list[forms.BoundField]:
        """What is right for most accounts as it is: shown folded, unless something in there is wrong."""
        return [self[name] for name in LIMITS]

    def is_advanced_wrong(self) -> bool:
        return any(field.errors for field in self.advanced)

    class Meta(ShopForm.Meta):
        fields = ["name", "sid", "environment", *LIMITS]


class MembersForm(forms.Form):
    members = PeopleField(label=_("People with access to this seller account"))

    def __init__(self, *arguments, by, **options):
        super().__init__(*arguments, **options)
        self.fields["members"].offer(by)
