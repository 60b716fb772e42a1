"""What a check says."""

import enum
from typing import NamedTuple

from django.utils.translation import pgettext_lazy


class State(enum.Enum):
    """From good to bad."""

    FINE = "fine"
    UNKNOWN = "unknown"
    WARNING = "warning"
    WRONG = "wrong"

    @property
    def label(self) -> str:
        return str(_LABELS[self])


_LABELS = {
    State.FINE: pgettext_lazy("doctor", "fine"),
    State.UNKNOWN: pgettext_lazy("doctor", "unknown"),
    State.WARNING: pgettext_lazy("doctor", "warning"),
    State.WRONG: pgettext_lazy("doctor", "wrong"),
}


class Finding(NamedTuple):
    """One thing that was looked at. Whatever is not fine has a way on."""

    state: State
    sentence: str
    way_on: str = ""
