"""What is looked for in the history; everything is optional, and everything stands in the address."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cancellations.history.search import Filters
from cancellations.history.selection import OLDEST
from cancellations.intake import repaired
from cancellations.models import Operation, OrderLine, ReasonKind

# Days that every database can turn into UTC.
DAYS = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2099, 12, 31))]

# Filters that stand folded away until one of them is used.
MORE = (
    *("amount", "warehouse", "purchaser", "reason_kind", "reason", "operation", "known_by", "why", "words"),
    *("requester", "decider", "number", "sort"),
)


def _choice(label, choices=(), *, coerce=str):
    empty = None if coerce is int else ""
    return forms.TypedChoiceField(
        label=label,
        choices=[("", pgettext_lazy("filter", "All")), *choices],
        coerce=coerce,
        required=False,
        empty_value=empty,
    )


def _day(label):
    return forms.DateField(label=label, required=False, validators=DAYS, widget=forms.DateInput(attrs={"type": "date"}))


def _text(label, length, **attributes):
    widget = forms.TextInput(attrs={"spellcheck": "false"} | attributes)
    return forms.CharField(label=label, required=False, max_length=length, widget=widget)


class HistoryForm(forms.Form):
    order_no = _text(_("Order number or prefix"), 200, type="search")
    shop = _choice(_("Seller account"), coerce=int)
    outcome = _choice(pgettext_lazy("label", "Outcome"), OrderLine.Outcome.choices)
    since = _day(_("Submitted from"))
    until = _day(_("Submitted until"))
    supplier = _text(pgettext_lazy("label", "Supplier"), 100, list="names-supplier")
    amount = forms.DecimalField(
        label=_("Amount at least (¥)"), required=False, min_value=0, max_digits=14, decimal_places=2
    )
    warehouse = _text(pgettext_lazy("label", "Warehouse"), 100, list="names-warehouse")
    purchaser = _text(pgettext_lazy("label", "Purchaser"), 100, list="names-purchaser")
    reason_kind = _choice(pgettext_lazy("reason", "Category"), ReasonKind.choices)
    reason = _text(_("Reason contains"), 100)
    operation = _choice(pgettext_lazy("label", "Operation"), Operation.choices, coerce=int)
    known_by = _choice(_("Outcome source"), [each for each in OrderLine.KnownBy.choices if each[0]])
    why = _choice(pgettext_lazy("label", "Explanation"), [each for each in OrderLine.Why.choices if each[0]])
    words = _text(_("ERP message contains"), 202, placeholder=_("# matches any number; use quotes for an exact match"))
    requester = _text(_("Requester (name or username)"), 150)
    decider = _text(_("Approver (name or username)"), 150)
    number = _text(_("Request number"), 20)
    sort = forms.ChoiceField(
        label=_("Sort by"),
        required=False,
        choices=[("", _("Newest request first")), (OLDEST, _("Oldest request first"))],
    )

    def __init__(self, *arguments, shops, **options):
        super().__init__(*arguments, auto_id="id_%s", **options)
        self.fields["shop"].choices = [("", pgettext_lazy("filter", "All")), *shops.items()]
        self.unmarked = self.fields

    def main(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name not in MORE]

    def more(self) -> list[BoundField]:
        return [self[name] for name in MORE]

    def clean_order_no(self) -> str:
        return repaired(self.cleaned_data["order_no"])

    def clean_number(self) -> str:
        return repaired(self.cleaned_data["number"]).upper()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("The end date is before the start date."))
        return cleaned

    def filters(self) -> Filters:
        return Filters(**self.cleaned_data)
