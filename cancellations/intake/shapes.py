"""The shapes of order numbers: a list of orders looks alike, and what looks different is worth a look.

A shape has the characters of the number with `#` for each digit: `CG2304260001` has the shape `CG##########`.
An administrator may write digits into a shape that are always the same, like `45########`.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

LONGEST = 40  # characters of an order number, and so of a shape
FEW_DIGITS = 8  # numbers with fewer grow: `PO-88` and `PO-1024` are alike
MAJORITY, AT_LEAST = 0.7, 5  # a list has one shape if so many of its numbers, and at least so many, have it

AS_SHAPE = dict.fromkeys(map(ord, "0123456789"), "#")
_is_shape = re.compile(rf"[-_./#A-Za-z0-9\u3007\u3400-\u4dbf\u4e00-\u9fff]{{1,{LONGEST}}}").fullmatch
_runs = re.compile("#+").sub

Finder = Callable[[str], list[str]]


class Standing(NamedTuple):
    """How the numbers of a list look: how often each shape occurs, and the one that nearly all of them have."""

    frequency: Counter[str]
    majority: str

    def is_like(self, number: str) -> bool:
        """Whether the list has other numbers of this shape."""
        return kind_of(shape_of(number)) in self.frequency


def shape_of(number: str) -> str:
    return number.translate(AS_SHAPE)


def is_shape(text: str) -> bool:
    """Whether it is the shape of numbers that can be found in a text: with two `#` and what a number may have."""
    return text.count("#") >= 2 and _is_shape(text) is not None


def kind_of(shape: str) -> str:
    """The shape itself, or without the lengths of its runs of digits where it has few of them."""
    return shape if shape.count("#") >= FEW_DIGITS else _runs("#", shape)


def kinds_in(numbers: Sequence[str]) -> list[str]:
    """The kind of shape of each number, none of which has a line end."""
    shapes = "\n".join(numbers).translate(AS_SHAPE).split("\n")
    known = {shape: kind_of(shape) for shape in set(shapes)}
    return [known[shape] for shape in shapes]


def standing(numbers: Sequence[str]) -> Standing:
    """How the numbers of a list look."""
    frequency = Counter(kinds_in(numbers) if numbers else ())
    [(kind, count)] = frequency.most_common(1) or [("", 0)]
    return Standing(frequency, kind if count >= AT_LEAST and count >= MAJORITY * len(numbers) else "")


def fits(number: str, shapes: Iterable[str]) -> bool:
    """Whether the number has one of these shapes, in any case."""
    return bool(re.fullmatch(_pattern(shapes), number, re.IGNORECASE))


def finder(shapes: Sequence[str]) -> Finder | None:
    """Finds the numbers of these shapes between other characters than letters and digits; None without shapes."""
    if not shapes:
        return None
    return re.compile(rf"(?<![A-Za-z0-9])(?:{_pattern(shapes)})(?![A-Za-z0-9])", re.IGNORECASE).findall


def cased(number: str, shapes: Iterable[str]) -> str:
    """The number with its letters in the case of the shape that it fits."""
    for shape in shapes:
        if re.fullmatch(_pattern([shape]), number, re.IGNORECASE):
            return "".join(digit if mark == "#" else mark for mark, digit in zip(shape, number, strict=True))
    return number


def _pattern(shapes: Iterable[str]) -> str:
    longest_first = sorted(set(shapes), key=len, reverse=True)
    return "|".join(re.escape(shape).replace(r"\#", "[0-9]") for shape in longest_first)
