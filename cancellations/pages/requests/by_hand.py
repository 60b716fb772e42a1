"""What only a person can settle of a request, as a table: what the ERP showed last, an answer and a note for each."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from cancellations import words
from cancellations.models import OrderLine
from cancellations.models.events import MAX_NOTE
from cancellations.models.lines import NOT_EXECUTED
from cancellations.pages.loading import find
from cancellations.pages.requests.page import refusal
from cancellations.workflow import control, permissions
from cancellations.workflow.errors import NothingUnknown, WorkflowError

MAX_ROWS = 100  # in one table; the next ones follow when these are settled
ANSWERS = (("yes", pgettext_lazy("outcome", "Executed")), ("no", NOT_EXECUTED))


class ByHandForm(forms.Form):
    """An answer and a note for each of the `lines`, and one for all the others of them."""

    def __init__(self, lines: list[OrderLine], data: Any = None) -> None:
        super().__init__(data)
        self.lines = lines
        self._add("", pgettext_lazy("orders", "All others"))
        for line in lines:
            self._add(f"-{line.position}", line.order_no)

    def _add(self, which: str, what: Any) -> None:
        self.fields[f"done{which}"] = forms.ChoiceField(
            choices=ANSWERS, required=False, label=what, widget=forms.RadioSelect
        )
        self.fields[f"note{which}"] = forms.CharField(
            required=False, max_length=MAX_NOTE, label=gettext_lazy("What did you see in the ERP?")
        )

    def rows(self) -> Iterator[tuple[OrderLine, BoundField, BoundField]]:
        """(line, field of its answer, field of its note)."""
        for line in self.lines:
            yield line, self[f"done-{line.position}"], self[f"note-{line.position}"]

    @property
    def answers(self) -> dict[int, tuple[bool, str]]:
        """{position: (done, note)} of what has an answer of its own or the one for all others that were shown.

        An order that came into the table since then has been seen by nobody.
        """
        given, shown, answers = self.cleaned_data, self.data.getlist("shown"), {}
        for line in self.lines:
            answer = given[f"done-{line.position}"] or (given["done"] if str(line.position) in shown else "")
            if answer:
                answers[line.position] = (answer == "yes", given[f"note-{line.position}"] or given["note"])
        return answers

    def clean(self) -> None:
        if not self.errors and not self.answers:
            raise forms.ValidationError(_("Choose what became of at least one order."))
        if not self.errors and any(not note for _done, note in self.answers.values()):
            raise forms.ValidationError(_("A note is missing: say what you saw in the ERP."))


@require_http_methods(["GET", "HEAD", "POST"])
def by_hand(request: HttpRequest, number: str) -> HttpResponse:
    """The table, of one order if the address names its position; then what the person found in the ERP is recorded."""
    cancellation = find(request, number)
    try:
        permissions.check_may_decide_by_hand(request.user, cancellation)
    except WorkflowError as error:
        return refusal(request, number, error)
    lines = cancellation.lines.for_people().select_related("snapshot", "settled_in").order_by("position")
    position = request.GET.get("order", "")
    if position.isascii() and position.isdigit() and len(position) < 10:
        lines = lines.filter(position=int(position))
    form = ByHandForm(list(lines[:MAX_ROWS]), request.POST if request.method == "POST" else None)
    if not form.lines:
        return refusal(request, number, NothingUnknown()) if form.is_bound else redirect(cancellation)
    if not form.is_bound or not form.is_valid():
        for line in form.lines:
            line.status_shown = words.orders.erp_status(line.erp_status)
        count = lines.count()
        context = {"cancellation": cancellation, "form": form, "count": count, "further": count - len(form.lines)}
        return render(request, "requests/by_hand.html", context, status=422 if form.is_bound else 200)
    try:
        control.decide_each_by_hand(cancellation, by=request.user, answers=form.answers)
    except WorkflowError as error:
        return refusal(request, number, error)
    messages.success(request, _("Outcome recorded with your name and note."))
    return redirect(cancellation)
