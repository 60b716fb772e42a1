"""What is looked for in the history; everything is optional, and everything stands in the address."""

from datetime import date

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from cancellations.history.search import OLDEST, Filters
from cancellations.intake import repaired
from cancellations.models import Operation, OrderLine

# Days that every database can turn into UTC.
DAYS = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2099, 12, 31))]

# Filters that stand folded away until one of them is used.
MORE = ("operation", "known_by", "requester", "decider", "number", "sort")


def _choice(label, choices=(), *, coerce=str):
    empty = None if coerce is int else ""
    return forms.TypedChoiceField(
        label=label, choices=[("", _("all")), *choices], coerce=coerce, required=False, empty_value=empty
    )


def _day(label):
    return forms.DateField(
        label=label, required=False, validators=DAYS, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class HistoryForm(forms.Form):
    order_no = forms.CharField(
        label=_("Order number, or its beginning"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "data-search": True, "spellcheck": "false"}),
    )
    shop = _choice(_("Shop account"), coerce=int)
    outcome = _choice(_("Outcome"), OrderLine.Outcome.choices)
    since = _day(_("Submitted from"))
    until = _day(_("Submitted until"))
    operation = _choice(_("What is to happen"), Operation.choices, coerce=int)
    known_by = _choice(_("How it is known"), [each for each in OrderLine.KnownBy.choices if each[0]])
    requester = forms.CharField(label=_("Requester (name or sign-in name)"), required=False, max_length=150)
    decider = forms.CharField(label=_("Decided by (name or sign-in name)"), required=False, max_length=150)
    number = forms.CharField(label=_("Number of the request"), required=False, max_length=20)
    sort = forms.ChoiceField(
        label=_("Sort by"),
        required=False,
        choices=[("", _("newest request first")), (OLDEST, _("oldest request first"))],
    )

    def __init__(self, *arguments, shops, **options):
        super().__init__(*arguments, auto_id="id_%s", **options)
        self.fields["shop"].choices = [("", _("all")), *shops.items()]

    def main(self):
        return [self[name] for name in self.fields if name not in MORE]

    def more(self):
        return [self[name] for name in MORE]

    def clean_order_no(self):
        return repaired(self.cleaned_data["order_no"])

    def clean_number(self):
        return repaired(self.cleaned_data["number"]).upper()

    def clean(self):
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("This is before the first day."))
        return cleaned

    def filters(self):
        return Filters(**self.cleaned_data)
