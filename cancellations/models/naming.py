"""What codes are called, where pages show many: Django's get_…_display translates every name of the field each time."""

from collections.abc import Callable
from typing import Any

from django.db.models import Choices, Model


def naming(field: str, choices: type[Choices]) -> Callable[[Model], Any]:
    """A get_…_display for a field with these choices: the name in words; a value that has none, as it is."""

    def display(self: Model) -> Any:
        value = getattr(self, field)
        try:
            return str(choices(value).label)
        except ValueError:
            return value

    return display
