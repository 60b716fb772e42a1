"""What is called by `naming` is called as Django would call it, and pages of many rows depend on it."""

import pytest
from django.utils import translation

from cancellations.models import ApiCall, CancellationRequest, Event, OrderLine, OrderSnapshot

NAMED = [
    (CancellationRequest, ("operation", "status")),
    (OrderLine, ("outcome", "known_by", "why")),
    (OrderSnapshot, ("status", "stockin_status", "because")),
    (Event, ("kind",)),
    (ApiCall, ("purpose", "state")),
]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(("model", "name"), [(model, name) for model, names in NAMED for name in names])
def test_a_code_is_called_what_django_calls_it(model, name, language):
    field = model._meta.get_field(name)
    assert getattr(model, f"get_{name}_display").__module__ == "cancellations.models.naming"
    with translation.override(language):
        for value in (*(value for value, _ in field.choices), "a code of next year", 99, None):
            row = model(**{name: value})
            named = getattr(row, f"get_{name}_display")()
            assert (type(named), named) == (type(row._get_FIELD_display(field)), row._get_FIELD_display(field))
