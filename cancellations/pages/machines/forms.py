"""What an administrator types about a machine; the verbs have the last word."""

from typing import Self

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cancellations.models import Machine, Person, Shop
from cancellations.pages.fields import LONGEST_KEY
from cancellations.pages.people.forms import ShopsField
from cancellations.words.machines import LABELS
from cancellations.workflow import people
from cancellations.workflow.machines import LONGEST

MOST = 1_000_000  # a day


class PersonField(forms.ModelChoiceField):
    """Active people whom the administrator knows; each with the name to sign in with."""

    def label_from_instance(self, person: Person) -> str:
        return str(person) if str(person) == person.username else f"{person} ({person.username})"

    def to_python(self, value: str) -> Person | None:
        if len(str(value)) > LONGEST_KEY:
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().to_python(value)


class SettingsForm(forms.Form):
    unmarked = ("may_request",)
    responsible = PersonField(
        Person.objects.none(),
        label=LABELS["responsible"],
        help_text=_("Works for all seller accounts of the machine, and never decides on its requests."),
    )
    may_request = forms.BooleanField(
        label=LABELS["may_request"], required=False, help_text=_("Without it the machine reads only.")
    )
    networks = forms.CharField(
        label=LABELS["networks"],
        max_length=1000,
        help_text=_("One per line, such as 10.20.0.0/16 or 10.20.0.7. Calls from elsewhere are refused."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "class": "order-no"}),
    )
    requests_per_day = forms.IntegerField(label=LABELS["requests_per_day"], min_value=0, max_value=MOST, initial=50)
    orders_per_day = forms.IntegerField(label=LABELS["orders_per_day"], min_value=0, max_value=MOST, initial=10_000)
    amount_per_day = forms.DecimalField(
        label=LABELS["amount_per_day"],
        required=False,
        min_value=0,
        max_digits=14,
        decimal_places=2,
        help_text=_("Empty: without a limit. With one, requests are submitted after the lookup."),
    )

    def __init__(self, *arguments, by, **options):
        super().__init__(*arguments, **options)
        known = people.known_to(by).filter(is_active=True, is_superuser=False)
        self.fields["responsible"].queryset = known.order_by("username")

    @classmethod
    def of(cls, machine: Machine, *, by: Person, data: QueryDict | None = None) -> Self:
        initial = {name: getattr(machine, name) for name in cls.base_fields}
        return cls(data, initial=initial, auto_id="settings_%s", by=by)


class MachineShopsField(ShopsField):
    """At least one: without any nobody could confirm the machine."""

    def __init__(self, **options):
        super().__init__(**options)
        self.required, self.help_text = True, ""


class AddMachineForm(SettingsForm):
    name = forms.CharField(
        label=pgettext_lazy("machine", "Name"),
        max_length=100,
        help_text=_("As people read it beside its requests, such as SAP-01."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    shops = MachineShopsField()
    field_order = ("name", "shops")

    def __init__(self, *arguments, by, **options):
        super().__init__(*arguments, by=by, **options)
        self.fields["shops"].queryset = Shop.objects.for_user(by)


class TokenForm(forms.Form):
    days = forms.IntegerField(
        label=_("Valid for (days)"),
        min_value=1,
        max_value=LONGEST,
        initial=90,
        help_text=_("At most 366. Whoever makes a token does not decide on what is asked with it."),
    )
