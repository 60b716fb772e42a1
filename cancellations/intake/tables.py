"""A table with one column chosen: what a page needs to show it and to offer another choice, and the cells to read."""

import enum
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, count, islice, repeat
from operator import itemgetter
from typing import NamedTuple

from cancellations.intake.cells import Cell, PlacedCell, Value, as_cell, as_text, filled
from cancellations.intake.guess import (
    Choice,
    Grid,
    elsewhere,
    guess,
    order_heading,
    upright,
    used_offsets,
    with_content,
)
from cancellations.intake.headings import heading_rank, is_heading
from cancellations.intake.text import TooMuch

MAX_ROWS = 200_000
MAX_SHEETS, MAX_NAME = 500, 100
SHOWN_ROWS, SHOWN_SAMPLES, SHOWN_CHARACTERS = 8, 3, 40

_digit = re.compile("[0-9]").search
_spaces = re.compile(r"\s+").sub


class Row(NamedTuple):
    """A row as people see it in the excerpt; `hidden` if a filter or a person has hidden it in the file."""

    number: int
    cells: tuple[str, ...]
    hidden: bool


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


class Unread(enum.StrEnum):
    """Why something of a table was not read, or not surely."""

    BLANK = "blank"
    BADLY_QUOTED = "badly_quoted"
    ODD_CHARACTERS = "odd_characters"


class Gap(NamedTuple):
    """Rows of which something was not read: without a number in the chosen column, or damaged."""

    why: Unread
    rows: tuple[int, ...]


class Other(NamedTuple):
    """Another column with order numbers: the name of its sheet, whether that is hidden, its letter, how many it has."""

    sheet: str
    hidden: bool
    letter: str
    heading: str
    numbers: int


class Strip(NamedTuple):
    """Cells that stand below each other: the row of the first, the letter of their column, and what they hold."""

    first_row: int
    letter: str
    cells: Sequence[str | Cell]


class View(NamedTuple):
    """`strips` are the cells to be read: of the chosen column, or of all of them. `hidden` are those of hidden rows.

    `headed` says that the heading above the chosen column is one of order numbers.
    """

    sheets: tuple[Sheet, ...]
    columns: tuple[Column, ...]
    choice: Choice
    excerpt: tuple[Row, ...]
    strips: tuple[Strip, ...]
    hidden: tuple[Strip, ...]
    others: tuple[Other, ...]
    gaps: tuple[Gap, ...]
    headed: bool
    hidden_taken: int

    @property
    def cells(self) -> Iterator[PlacedCell]:
        """The cells to be read, row by row where several columns are read side by side."""
        placed = chain.from_iterable(map(cells_of, self.strips))
        return iter(sorted(placed, key=itemgetter(0))) if self.choice.column is None else placed


def cells_of(strip: Strip) -> Iterable[PlacedCell]:
    return zip(count(strip.first_row), repeat(strip.letter), strip.cells)


def grid(
    name: str,
    hidden: bool,
    left: int,
    rows: list[list[Value]],
    *,
    hidden_rows: frozenset[int] = frozenset(),
    merged: Iterable[tuple[int, int, int]] = (),
) -> Grid:
    """The sheet without the empty rows at its end; `merged` are (first row, last row, column) of cells, from 0."""
    while rows and not any(map(filled, rows[-1])):
        rows.pop()
    covered = frozenset(
        (row + 1, column) for first, last, column in merged for row in range(first + 1, min(last + 1, len(rows)))
    )
    return Grid(name, hidden, left, rows, hidden_rows, covered)


def look(grids: Sequence[Grid], choice: Choice | None, damaged: Sequence[Gap] = ()) -> View | None:
    """The table as it was chosen, or as it is guessed if nothing was or if it does not fit; None without any cell.

    A choice whose first row is 0 chooses a sheet only. `damaged` is what the reading of the text brought up. Raises
    TooMuch.
    """
    if len(grids) > MAX_SHEETS:
        raise TooMuch
    grids = list(map(upright, grids))
    choice = _fitting(choice, grids) or guess(grids)
    if not choice:
        return None
    chosen = grids[choice.sheet]
    if len(chosen.rows) > MAX_ROWS:
        raise TooMuch
    offsets = list(used_offsets(chosen.rows))
    columns = _columns(chosen, offsets, choice.first_row)
    headings = {column.index: column.heading for column in columns}
    body = _body(chosen, choice)
    others = _others(grids, choice, body)
    strips, hidden = list(body.strips), list(body.hidden)
    if choice.together:
        strips += [strip for _, further in others for strip in further.strips]
        hidden += [strip for _, further in others for strip in further.hidden]
    gaps = [*damaged, *([Gap(Unread.BLANK, body.blank)] if body.blank else [])]
    return View(
        sheets=tuple(Sheet(grid.name[:MAX_NAME], len(grid.rows), grid.hidden) for grid in grids),
        columns=columns,
        choice=choice,
        excerpt=tuple(
            Row(number, tuple(_short(_at(row, offset)) for offset in offsets), number in chosen.hidden_rows)
            for number, row in islice(with_content(chosen.rows), SHOWN_ROWS)
        ),
        strips=tuple(strips),
        hidden=tuple(hidden),
        others=tuple(other for other, _ in others),
        gaps=tuple(gaps),
        headed=choice.column is not None and heading_rank(headings.get(choice.column, "")) is not None,
        hidden_taken=sum(row >= choice.first_row for row in chosen.hidden_rows) if choice.hidden else 0,
    )


def _others(grids: Sequence[Grid], choice: Choice, body: "_Body") -> list[tuple[Other, "_Body"]]:
    """The other columns that hold order numbers which the chosen one does not have, and what stands in them."""
    places = elsewhere(grids, choice)
    seen = _numbers_in(body.strips) if places else set()
    others = []
    for sheet, column, first_row in places:
        grid = grids[sheet]
        prefix = f"{grid.name}!" if sheet != choice.sheet else ""
        further = _body(grid, Choice(sheet, column, first_row, choice.hidden), prefix)
        numbers = _numbers_in(further.strips)
        if not numbers <= seen:
            heading = _short(_at(grid.rows[first_row - 2], column - grid.left)) if first_row > 1 else ""
            others.append((Other(grid.name, grid.hidden, letter(column), heading, len(numbers)), further))
    return others


def _columns(chosen: Grid, offsets: Sequence[int], first_row: int) -> tuple[Column, ...]:
    above = max((number for number, _ in with_content(chosen.rows[: first_row - 1])), default=0)
    columns = []
    for offset in offsets:
        index = chosen.left + offset
        heading = _short(_at(chosen.rows[above - 1], offset)) if above else ""
        below = (_at(row, offset) for row in chosen.rows[first_row - 1 :])
        samples = tuple(map(_short, islice(filter(filled, below), SHOWN_SAMPLES)))
        columns.append(Column(index, letter(index), heading, samples))
    return tuple(columns)


class _Body(NamedTuple):
    """What stands below a heading: the cells, those of hidden rows, and the rows without a number."""

    strips: tuple[Strip, ...]
    hidden: tuple[Strip, ...]
    blank: tuple[int, ...]


def _numbers_in(strips: Iterable[Strip]) -> set[str]:
    return {as_text(cell).strip() for strip in strips for cell in strip.cells if _digit(as_text(cell))}


def _body(grid: Grid, choice: Choice, prefix: str = "") -> _Body:
    """The cells of the chosen column, or of all of them, from the first row to be read."""
    if choice.column is None:
        width = max(map(len, grid.rows), default=0)
        bodies = [_column(grid, offset, choice, prefix) for offset in range(width)]
        strips, hidden, _ = zip(*bodies, strict=True)
        return _Body(tuple(chain.from_iterable(strips)), tuple(chain.from_iterable(hidden)), ())
    return _column(grid, choice.column - grid.left, choice, prefix)


def _column(grid: Grid, offset: int, choice: Choice, prefix: str) -> _Body:
    """Reads down one column, and on in another where a second row of headings says so."""
    strips: list[Strip] = []
    hidden: list[Strip] = []
    blank: list[int] = []
    first = choice.first_row
    left_out = frozenset() if choice.hidden else grid.hidden_rows
    while first <= len(grid.rows):
        rows = grid.rows[first - 1 :]
        column = [row[offset] if len(row) > offset else "" for row in rows]
        values: list[str | Cell] = [value if isinstance(value, str) else as_cell(value) for value in column]
        no_number = [(place, text) for place, text in enumerate(values) if isinstance(text, str) and not _digit(text)]
        following = None
        for place, text in no_number:
            heads = order_heading(rows[place]) if choice.column is not None and place else None
            if heads is not None and heads != offset:
                following, end = heads, place
                break
            given = (first + place, grid.left + offset) in grid.covered  # by a merged cell above
            if not text.strip() and first + place not in left_out and not given:
                texts = [cell for cell in rows[place] if filled(cell)]
                if texts and not any(isinstance(cell, str) and is_heading(cell) for cell in texts):  # a total
                    blank.append(first + place)
        letter_of = prefix + letter(grid.left + offset)
        if following is None:
            end = len(values)
        for number in sorted(number for number in left_out if first <= number < first + end):
            hidden.append(Strip(number, letter_of, [values[number - first]]))
            values[number - first] = ""
        strips.append(Strip(first, letter_of, values[:end]))
        if following is None:
            break
        first, offset = first + end + 1, following
    return _Body(tuple(strips), tuple(hidden), tuple(blank))


def letter(index: int) -> str:
    """`A` for 0, `AA` for 26, as spreadsheet programs count."""
    letters = ""
    while index >= 0:
        index, last = divmod(index, 26)
        letters, index = chr(ord("A") + last) + letters, index - 1
    return letters


def _fitting(choice: Choice | None, grids: Sequence[Grid]) -> Choice | None:
    if not choice or not 0 <= choice.sheet < len(grids):
        return None
    grid = grids[choice.sheet]
    if choice.first_row == 0:
        in_sheet = guess([grid])
        choice = in_sheet and in_sheet._replace(sheet=choice.sheet, hidden=choice.hidden, together=choice.together)
    if not choice or not 1 <= choice.first_row <= len(grid.rows):
        return None
    return choice if choice.column is None or choice.column - grid.left in used_offsets(grid.rows) else None


def _at(row: Sequence[Value], offset: int) -> Value:
    return row[offset] if len(row) > offset else ""


def _short(value: Value) -> str:
    """On one line, cut where it is longer than a page can use."""
    text = _spaces(" ", as_text(value)[: 10 * SHOWN_CHARACTERS]).strip()
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
