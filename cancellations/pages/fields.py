"""Fields of forms: how all are shown, and those that several pages have."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.renderers import TemplatesSetting

LONGEST_KEY = 18  # digits: no database takes a longer one


class ShownField(forms.BoundField):
    """A field with what templates/django/forms/field.html says of it.

    Optional fields say so where their form has `unmarked`: the names of those that need not.
    """

    def get_context(self) -> dict[str, Any]:
        unmarked = getattr(self.form, "unmarked", None)
        return {
            "field": self,
            "errors": self.errors,
            "help": self.help_text,
            "id": self.id_for_label,
            "label": self.label,
            "is_checkbox": isinstance(self.field.widget, forms.CheckboxInput),
            "is_group": self.use_fieldset,
            "is_optional": unmarked is not None and not self.field.required and self.name not in unmarked,
        }


class Renderer(TemplatesSetting):
    bound_field_class = ShownField


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
