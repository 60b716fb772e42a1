"""What is looked for in the history; everything is optional, and everything stands in the address."""

from copy import deepcopy
from datetime import date
from functools import lru_cache

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from cancellations.history.search import Filters
from cancellations.history.selection import OLDEST
from cancellations.intake import repaired
from cancellations.models import Operation, OrderLine

# Days that every database can turn into UTC.
DAYS = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2099, 12, 31))]

# Filters that stand folded away until one of them is used.
MORE = ("operation", "known_by", "why", "words", "requester", "decider", "number", "sort")


class QuickInput(forms.TextInput):
    """As Django's, without a template of its own: this form stands on every page of the history."""

    def render(self, name, value, attrs=None, renderer=None):
        given = {"type": self.input_type, "name": name, "value": self.format_value(value)}
        return format_html("<input{}>", flatatt(self.build_attrs(self.attrs, given | (attrs or {}))))


class QuickSelect(forms.Select):
    """As Django's, which renders a template for every option."""

    def render(self, name, value, attrs=None, renderer=None):
        attributes = flatatt(self.build_attrs(self.attrs, {"name": name} | (attrs or {})))
        chosen = "" if value is None else str(value)
        options = ((code, mark_safe(" selected") if str(code) == chosen else "", label) for code, label in self.choices)
        return format_html("<select{}>{}</select>", attributes, format_html_join("", OPTION, options))


FIELD = '<div class="field{}"><label for="{}">{}</label>{}{}</div>'
ERRORS = '<ul class="field-errors" id="{}_error">{}</ul>'
OPTION = '<option value="{}"{}>{}</option>'


def _choice(label, choices=(), *, coerce=str):
    empty = None if coerce is int else ""
    return forms.TypedChoiceField(
        label=label,
        choices=[("", pgettext_lazy("filter", "All")), *choices],
        coerce=coerce,
        required=False,
        empty_value=empty,
        widget=QuickSelect,
    )


def _day(label):
    return forms.DateField(label=label, required=False, validators=DAYS, widget=QuickInput(attrs={"type": "date"}))


def _text(label, length, **attributes):
    widget = QuickInput(attrs={"spellcheck": "false"} | attributes)
    return forms.CharField(label=label, required=False, max_length=length, widget=widget)


def _html(field):
    """As _form_field.html, without a template."""
    wrong, errors = "", ""
    if field.errors:
        items = format_html_join("", "<li>{}</li>", ((error,) for error in field.errors))
        wrong, errors = " field-wrong", format_html(ERRORS, field.auto_id, items)
    return format_html(FIELD, wrong, field.auto_id, field.label, errors, field.as_widget())


@lru_cache(maxsize=500)
def _html_of_empty(name, _language, shops):
    """A field in which nothing stands: most of them, on most pages."""
    return _html(HistoryForm(shops=dict(shops))[name])


class Shared(dict):
    """Fields that a form need not copy for itself, which takes longer than the search: only the shops differ."""

    def __deepcopy__(self, memo):
        return self | {"shop": deepcopy(self["shop"], memo)}


class HistoryForm(forms.Form):
    order_no = _text(_("Order number or prefix"), 200, type="search", **{"data-search": True})
    shop = _choice(_("Seller account"), coerce=int)
    outcome = _choice(pgettext_lazy("label", "Outcome"), OrderLine.Outcome.choices)
    since = _day(_("Submitted from"))
    until = _day(_("Submitted until"))
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
        widget=QuickSelect,
    )

    def __init__(self, *arguments, shops, **options):
        super().__init__(*arguments, auto_id="id_%s", **options)
        self._shops = tuple(shops.items())
        self.fields["shop"].choices = [("", pgettext_lazy("filter", "All")), *self._shops]

    def main(self):
        return [self._shown(name) for name in self.fields if name not in MORE]

    def more(self):
        return [self._shown(name) for name in MORE]

    def _shown(self, name):
        """A field with its label and its errors, as HTML."""
        field = self[name]
        if field.value() or field.errors:
            return _html(field)
        return _html_of_empty(name, get_language(), self._shops if name == "shop" else ())

    def clean_order_no(self):
        return repaired(self.cleaned_data["order_no"])

    def clean_number(self):
        return repaired(self.cleaned_data["number"]).upper()

    def clean(self):
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("The end date is before the start date."))
        return cleaned

    def filters(self):
        return Filters(**self.cleaned_data)


HistoryForm.base_fields = Shared(HistoryForm.base_fields)
