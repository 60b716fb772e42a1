"""What figures are asked for."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cancellations.figures.reading import Asked
from cancellations.models import Operation
from cancellations.models.figures import Trait

DAYS = (7, 30, 90, 365)
DEFAULT_DAYS, MAX_DAYS = 30, 1100


class FiguresForm(forms.Form):
    shop = forms.TypedChoiceField(label=_("Seller account"), coerce=int, empty_value=None, required=False)
    requester = forms.CharField(
        label=pgettext_lazy("label", "Requester"), max_length=150, required=False, empty_value=None, widget=forms.Select
    )
    operation = forms.TypedChoiceField(
        label=pgettext_lazy("label", "Operation"), coerce=int, empty_value=None, required=False
    )
    by = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, asked, *, shops):
        if not (asked.get("from") or asked.get("until")):  # the address says nothing of days, or only how many
            given, today, asked = asked.get("days", ""), timezone.localdate(), asked.copy()
            days = int(given) if given in map(str, DAYS) else DEFAULT_DAYS
            asked["from"], asked["until"] = today - timedelta(days=days - 1), today
        super().__init__(asked, auto_id="figures_%s")
        day = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        # `from` is a word of Python, but it is what the address says.
        first, last = (forms.DateField(label=label, widget=day) for label in (_("Start date"), _("End date")))
        self.fields = self.unmarked = {"from": first, "until": last} | self.fields
        self.fields["shop"].choices = [("", pgettext_lazy("filter", "All")), *((shop.pk, shop.name) for shop in shops)]
        self.fields["operation"].choices = [("", pgettext_lazy("filter", "All")), *Operation.choices]

    def clean_by(self) -> Trait:
        by = self.cleaned_data["by"]
        return Trait(by) if by in Trait else Trait.REASON

    def clean(self) -> None:
        first, last = self.cleaned_data.get("from"), self.cleaned_data.get("until")
        if not (first and last):
            return
        if last < first:
            self.add_error("until", _("The end date is before the start date."))
        elif (last - first).days > MAX_DAYS:
            self.add_error("from", _("At most three years can be shown at once."))

    def asked(self) -> Asked:
        given = self.cleaned_data
        return Asked(given["from"], given["until"], given["shop"], given["requester"], given["operation"], given["by"])

    def offer(self, people: dict[str, str]) -> None:
        """Gives the list of requesters to choose from."""
        chosen = self.cleaned_data["requester"]
        nobody = {} if chosen in (None, *people) else {chosen: _("person without requests in this period")}
        by_name = sorted(people.items(), key=lambda person: person[1])
        self.fields["requester"].widget.choices = [("", pgettext_lazy("filter", "All")), *nobody.items(), *by_name]
