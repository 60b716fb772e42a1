"""What became of a message, whatever the channel was."""

from typing import NamedTuple

from cancellations.robots import State


class Verdict(NamedTuple):
    state: State
    code: str  # of the channel; its number or a short word
    wait: int = 0  # seconds before the next try, at least
    meaning: str = ""  # of the code, for the sentence that administrators read


__all__ = ["State", "Verdict"]
