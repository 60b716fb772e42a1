"""What was read, with what a page needs to offer another sheet or column."""

from collections.abc import Sequence
from dataclasses import dataclass

from cancellations.intake.delimited import read_pasted
from cancellations.intake.guess import Choice
from cancellations.intake.tables import Column, Excerpt, Sheet, View, grid, look
from cancellations.intake.text import Intake, read_cells, read_text


@dataclass(slots=True)
class Reading:
    """For free text only `intake` is filled. `columns` and `excerpt` are of the chosen sheet.

    `excerpt` holds the first rows with content: their numbers, and the texts of their cells in the order of `columns`.
    """

    sheets: Sequence[Sheet]
    columns: Sequence[Column]
    choice: Choice | None
    excerpt: Excerpt
    intake: Intake


def reading_of(view: View) -> Reading:
    """Reads the chosen cells of a table."""
    return Reading(view.sheets, view.columns, view.choice, view.excerpt, read_cells(view.cells))


def read_paste(text: str, choice: Choice | None = None) -> Reading:
    """Reads a pasted text: if it is a table from a spreadsheet, the column of order numbers; else all of it.

    Raises TooMuch.
    """
    rows = read_pasted(text)
    view = look([grid("", False, 0, rows)], choice) if rows else None
    return reading_of(view) if view else Reading((), (), None, (), read_text(text))
