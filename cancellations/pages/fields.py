"""Fields of forms that several pages have."""

from typing import Any

from django import forms
from django.db.models import QuerySet

LONGEST_KEY = 18  # digits: no database takes a longer one


class TickedField(forms.ModelMultipleChoiceField):
    """Rows to be ticked. A key that is longer than any is none of them; SQLite would fall over it."""

    widget = forms.CheckboxSelectMultiple

    def _check_values(self, value: Any) -> QuerySet[Any]:
        for key in value:
            if len(str(key)) > LONGEST_KEY:
                raise forms.ValidationError(
                    self.error_messages["invalid_pk_value"], code="invalid_pk_value", params={"pk": "…"}
                )
        return super()._check_values(value)
