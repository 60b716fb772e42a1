"""What a cell of a sheet holds, as a person would recognise it."""

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from cancellations.intake.mistakes import Reason


class Cell(NamedTuple):
    """A cell that holds something else than text: what a person sees there, and why it is refused."""

    value: str
    reason: Reason


PlacedCell = tuple[int, str, str | Cell]  # its row, the letter of its column, and what it holds
Moment = dt.date | dt.time | dt.timedelta
Value = str | Cell | bool | int | float | Moment


def as_cell(value: Value) -> str | Cell:
    """Text stays text; everything else becomes a cell that is refused."""
    if isinstance(value, (str, Cell)):
        return value
    if isinstance(value, bool):
        return Cell(str(value).upper(), Reason.NOT_TEXT)
    if isinstance(value, (int, float)):
        return Cell(format(Decimal(repr(value)), "f").removesuffix(".0"), Reason.NUMBER)  # never with an exponent
    return Cell(value.isoformat(" ", "seconds") if isinstance(value, dt.datetime) else str(value), Reason.DATE)


def as_text(value: Value) -> str:
    """What a person sees in the cell."""
    cell = as_cell(value)
    return cell if isinstance(cell, str) else cell.value


def filled(value: Value) -> bool:
    """Whether there is something to see. Zero and FALSE are something."""
    return bool(value.strip()) if isinstance(value, str) else True
