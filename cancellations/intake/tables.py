"""A table with one column chosen: what a page needs to show it and to offer another choice, and the cells to read."""

import re
from collections.abc import Iterable, Sequence
from itertools import count, islice, repeat
from typing import NamedTuple

from cancellations.intake.cells import Cell, PlacedCell, Value, as_cell, as_text, filled
from cancellations.intake.guess import Choice, Grid, guess, used_offsets, with_content

MAX_ROWS = 200_000
SHOWN_ROWS, SHOWN_SAMPLES, SHOWN_CHARACTERS = 8, 3, 40

Excerpt = tuple[tuple[int, tuple[str, ...]], ...]
_spaces = re.compile(r"\s+").sub


class Sheet(NamedTuple):
    """`rows` is the number of the last row with content."""

    name: str
    rows: int
    hidden: bool


class Column(NamedTuple):
    """A column with content: its index from 0, its letter, its heading ("" if there is none), and what stands below."""

    index: int  # type: ignore[assignment]  # every tuple has a method of this name
    letter: str
    heading: str
    samples: tuple[str, ...]


class View(NamedTuple):
    """`cells` are those to be read: of the chosen column, or of all of them."""

    sheets: tuple[Sheet, ...]
    columns: tuple[Column, ...]
    choice: Choice
    excerpt: Excerpt
    cells: Iterable[PlacedCell]


def grid(name: str, hidden: bool, left: int, rows: list[list[Value]]) -> Grid:
    """The sheet without the empty rows at its end."""
    while rows and not any(map(filled, rows[-1])):
        rows.pop()
    return Grid(name, hidden, left, rows)


def look(grids: Sequence[Grid], choice: Choice | None) -> View | None:
    """The table as it was chosen, or as it is guessed if nothing was or if it does not fit; None without any cell.

    A choice whose first row is 0 chooses a sheet only.
    """
    choice = _fitting(choice, grids) or guess(grids)
    if not choice:
        return None
    chosen = grids[choice.sheet]
    offsets = list(used_offsets(chosen.rows))
    above = max((number for number, _ in with_content(chosen.rows[: choice.first_row - 1])), default=0)
    columns = []
    for offset in offsets:
        index = chosen.left + offset
        heading = _short(_at(chosen.rows[above - 1], offset)) if above else ""
        below = (_at(row, offset) for row in chosen.rows[choice.first_row - 1 :])
        samples = tuple(map(_short, islice(filter(filled, below), SHOWN_SAMPLES)))
        columns.append(Column(index, letter(index), heading, samples))
    return View(
        sheets=tuple(Sheet(grid.name, len(grid.rows), grid.hidden) for grid in grids),
        columns=tuple(columns),
        choice=choice,
        excerpt=tuple(
            (number, tuple(_short(_at(row, offset)) for offset in offsets))
            for number, row in islice(with_content(chosen.rows), SHOWN_ROWS)
        ),
        cells=_cells(chosen, choice),
    )


def letter(index: int) -> str:
    """`A` for 0, `AA` for 26, as spreadsheet programs count."""
    letters = ""
    while index >= 0:
        index, last = divmod(index, 26)
        letters, index = chr(ord("A") + last) + letters, index - 1
    return letters


def placed(cells: Iterable[str | Cell], column: int, first_row: int) -> Iterable[PlacedCell]:
    """The cells of one column, from a row on."""
    return zip(count(first_row), repeat(letter(column)), cells)


def _fitting(choice: Choice | None, grids: Sequence[Grid]) -> Choice | None:
    if not choice or not 0 <= choice.sheet < len(grids):
        return None
    grid = grids[choice.sheet]
    if choice.first_row == 0:
        in_sheet = guess([grid])
        choice = in_sheet and in_sheet._replace(sheet=choice.sheet)
    if not choice or not 1 <= choice.first_row <= len(grid.rows):
        return None
    return choice if choice.column is None or choice.column - grid.left in used_offsets(grid.rows) else None


def _cells(grid: Grid, choice: Choice) -> Iterable[PlacedCell]:
    """Those of the chosen column, or of all of them, from the first row to be read."""
    rows = grid.rows[choice.first_row - 1 :]
    if choice.column is None:
        letters = [letter(grid.left + offset) for offset in range(max(map(len, grid.rows), default=0))]
        return (
            (number, column, as_cell(value))
            for number, row in enumerate(rows, choice.first_row)
            for column, value in zip(letters, row, strict=False)
        )
    offset = choice.column - grid.left
    values = (row[offset] if len(row) > offset else "" for row in rows)
    cells = (value if isinstance(value, str) else as_cell(value) for value in values)
    return placed(cells, choice.column, choice.first_row)


def _at(row: Sequence[Value], offset: int) -> Value:
    return row[offset] if len(row) > offset else ""


def _short(value: Value) -> str:
    """On one line, cut where it is longer than a page can use."""
    text = _spaces(" ", as_text(value)[: 10 * SHOWN_CHARACTERS]).strip()
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
