"""A day of the calendar as a form and as a line of pasted text."""

import contextlib
import re
import unicodedata
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cancellations.workflow.calendar import Day

FIRST, LAST = date(2020, 1, 1), date(2099, 12, 31)  # anything else is a slip
LONGEST_NAME = 40
MAX_LINES = 400
OFF, WORKING = "off", "working"
WORDS = {**dict.fromkeys(("休", "放假", OFF), False), **dict.fromkeys(("班", "上班", WORKING), True)}
LINE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\s+(?:(.*)\s)?(\S+)", re.ASCII)


class DayForm(forms.Form):
    """One day, to be added or changed."""

    day = forms.DateField(
        label=pgettext_lazy("calendar", "Day"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        validators=[MinValueValidator(FIRST), MaxValueValidator(LAST)],
    )
    kind = forms.ChoiceField(
        label=pgettext_lazy("calendar", "On this day"),
        choices=[(OFF, _("people are off")), (WORKING, _("people work, although it is a weekend"))],
    )
    name = forms.CharField(
        label=pgettext_lazy("calendar", "Holiday"),
        max_length=LONGEST_NAME,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    @property
    def given(self) -> Day:
        data = self.cleaned_data
        return Day(data["day"], data["kind"] == WORKING, data["name"])


class PasteForm(forms.Form):
    """Several days, each on a line of its own: `2027-02-06 春节 休`."""

    lines = forms.CharField(
        label=_("Several days"),
        help_text=_("One day per line: date, holiday, and 休 (off) or 班 (make-up working day)."),
        max_length=20_000,
        widget=forms.Textarea(
            attrs={"rows": 6, "spellcheck": "false", "placeholder": "2027-02-06 春节 休\n2027-02-14 班"}
        ),
    )

    def clean_lines(self) -> list[Day]:
        text = unicodedata.normalize("NFKC", self.cleaned_data["lines"])
        lines = [" ".join(line.replace(",", " ").split()) for line in text.splitlines()]
        days: list[Day] = []
        for line in filter(None, lines):
            found, day = LINE.fullmatch(line), None
            year, month, number, name, kind = found.groups("") if found else [""] * 5
            if kind in WORDS and len(name) <= LONGEST_NAME:
                with contextlib.suppress(ValueError):
                    day = date(int(year), int(month), int(number))
            if day is None or not FIRST <= day <= LAST:
                raise forms.ValidationError(_("This line is not understood: %(line)s"), params={"line": line[:80]})
            days.append(Day(day, WORDS[kind], name))
        if len(days) > MAX_LINES or len({each.day for each in days}) < len(days):
            raise forms.ValidationError(_("Each day once, and at most %(most)d lines."), params={"most": MAX_LINES})
        return days


def as_given(day: Any) -> dict[str, Any]:
    """A stored day as the form takes it."""
    return {"day": day.day, "kind": WORKING if day.is_working else OFF, "name": day.name}
