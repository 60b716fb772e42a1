"""What a request asks for, and what is decided on it, checked as far as a form can; the verbs have the last word."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cancellations import words
from cancellations.models import Operation, Person, ReasonKind
from cancellations.models.events import MAX_NOTE
from cancellations.workflow import drafts, limits
from cancellations.workflow.errors import TooOften, WorkflowError

TOO_OFTEN = "too_often"


def use_share(work: str, *, by: Person) -> None:
    """Counts a piece of heavy work of the person. Raises ValidationError if the hour's share is used up."""
    try:
        limits.consume(work, by=by)
    except TooOften as error:
        raise ValidationError(str(error), code=TOO_OFTEN) from error


def check(form: forms.Form, field: str, rule: Callable[..., None], *about: Any) -> None:
    """Has the verb's own rule looked at; what it says stands at the field."""
    try:
        rule(*about)
    except WorkflowError as error:
        form.add_error(field, str(error))


class AskedForm(forms.Form):
    """What a request asks for beside its orders: also what a clerk changes in a draft."""

    operation = forms.TypedChoiceField(
        label=pgettext_lazy("label", "Operation"),
        coerce=int,
        choices=Operation.choices,
        initial=Operation.CANCEL.value,
        widget=forms.RadioSelect,
    )
    allow_checked = forms.BooleanField(
        label=_("Also cancel orders awaiting check or already checked"),
        help_text=_("The ERP un-checks them before cancelling. Without this option it refuses them."),
        required=False,
    )
    reason_kind = forms.ChoiceField(
        label=pgettext_lazy("reason", "Category"),
        choices=ReasonKind.choices,
        required=False,
        widget=forms.RadioSelect(attrs={"class": "choices-inline"}),
    )
    reason = forms.CharField(
        label=pgettext_lazy("label", "Reason"),
        max_length=MAX_NOTE,
        required=False,
        help_text=_("The approver decides on the basis of this reason. It is kept in the audit trail."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    wanted_by = forms.DateTimeField(
        label=_("Wanted by"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    unmarked: tuple[str, ...] = ("reason_kind", "reason")  # one of the two is needed

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["operation"].choices = words.drafts.operations()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["reason_kind"] = cleaned.get("reason_kind") or ReasonKind.OTHER.value
        if cleaned.get("operation") != Operation.CANCEL:
            cleaned["allow_checked"] = False  # the page hides it then, ticked or not
        if not {"reason", "reason_kind"} & self.errors.keys():
            check(self, "reason", drafts.check_reason, cleaned["reason_kind"], cleaned.get("reason", ""))
        if "wanted_by" in self.changed_data:
            check(self, "wanted_by", drafts.check_wanted_by, cleaned.get("wanted_by"))
        return cleaned

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked for, as the verbs take it."""
        return {field: self.cleaned_data[field] for field in AskedForm.base_fields}


class DecisionForm(forms.Form):
    note = forms.CharField(
        label=_("Decision note"),
        max_length=MAX_NOTE,
        required=False,
        help_text=_("Visible to the requester. Required for a rejection."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
