"""What was read, with what a page needs to offer another sheet or column."""

from collections.abc import Sequence
from dataclasses import dataclass

from cancellations.intake.delimited import Table, decode, read_pasted, read_table
from cancellations.intake.guess import Choice
from cancellations.intake.kinds import FileRefused, Refusal
from cancellations.intake.pieces import Order
from cancellations.intake.tables import MAX_ROWS, Column, Gap, Other, Row, Sheet, Unread, View, cells_of, grid, look
from cancellations.intake.text import MAX_PIECES, Intake, TooMuch, read_cells, read_text


@dataclass(slots=True)
class Reading:
    """For free text only `intake` is filled. `columns` and `excerpt` are of the chosen sheet.

    `excerpt` holds the first rows with content, with the texts of their cells in the order of `columns`.
    `others` are further columns with order numbers, `gaps` are rows of which something was not read.
    """

    sheets: tuple[Sheet, ...]
    columns: tuple[Column, ...]
    choice: Choice | None
    excerpt: tuple[Row, ...]
    intake: Intake
    others: tuple[Other, ...] = ()
    gaps: tuple[Gap, ...] = ()
    hidden_taken: int = 0  # rows that a filter or a person has hidden, read because a person said so


def reading_of(view: View, shapes: Sequence[str] = ()) -> Reading:
    """Reads the chosen cells of a table. Raises TooMuch."""
    intake = read_cells(view.cells, shapes, headed=view.headed)
    if view.hidden:
        cells = (cell for strip in view.hidden for cell in cells_of(strip))
        known = {number.upper() for number in intake.numbers}
        found = read_cells(cells, shapes, headed=view.headed)
        in_question = [Order(piece.offers[0], piece.line, piece.value) for piece in found.to_check]
        intake.hidden = [order for order in (*found.orders, *in_question) if order.number.upper() not in known]
    return Reading(
        view.sheets, view.columns, view.choice, view.excerpt, intake, view.others, view.gaps, view.hidden_taken
    )


def view_of(text: str, table: Table, choice: Choice | None) -> View | None:
    """The table of a text, with what is damaged in it; None without any cell."""
    rows = enumerate(table.rows, 1) if "\ufffd" in text else ()
    odd = tuple(number for number, row in rows if any("\ufffd" in str(cell) for cell in row))
    damaged = [(Unread.BADLY_QUOTED, table.badly_quoted), (Unread.ODD_CHARACTERS, odd)]
    return look([grid("", False, 0, table.rows)], choice, [Gap(why, at) for why, at in damaged if at])


def text_read(content: bytes, choice: Choice | None, shapes: Sequence[str]) -> Reading:
    """Reads a text file, in this process. Raises FileRefused, TooMuch."""
    text = (decode(content) or "").rstrip()
    view = view_of(text, read_table(text, MAX_ROWS), choice)
    if view is None:
        raise FileRefused(Refusal.NO_CONTENT)
    return reading_of(view, shapes)


def paste_read(text: str, choice: Choice | None, shapes: Sequence[str]) -> Reading:
    """Reads a pasted text, in this process. Raises TooMuch."""
    if text.count("\n") > MAX_PIECES:
        raise TooMuch
    table = read_pasted(text, MAX_ROWS)
    view = view_of(text, table, choice) if table else None
    return reading_of(view, shapes) if view else Reading((), (), None, (), read_text(text, shapes))
