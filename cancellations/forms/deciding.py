"""What a decision comes with."""

from django import forms
from django.utils.translation import gettext_lazy as _

NOTE_LENGTH = 500


class DecisionForm(forms.Form):
    note = forms.CharField(
        label=_("Note"),
        max_length=NOTE_LENGTH,
        required=False,
        help_text=_("The requester reads it. A rejection needs one."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
