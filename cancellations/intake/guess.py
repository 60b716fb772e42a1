"""Finds the sheet and the column that hold the order numbers: by a heading first, by the look of the cells else."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from cancellations.intake.cells import Value, as_text, filled
from cancellations.intake.headings import heading_rank
from cancellations.intake.text import read_text

HEADING_WITHIN = 30  # rows with content
LOOKED_AT = 500  # cells of a column, characters of a cell
MAX_COLUMNS = 200  # that are offered

_digit = re.compile("[0-9]").search
_digit_runs = re.compile("[0-9]+").sub
# A line number, an amount, a phone number and a bar code are no order numbers where there is anything better.
_is_something_else = re.compile(r"[0-9]{1,5}|[0-9]+[.][0-9]+|1[3-9][0-9]{9}|69[0-9]{11}").fullmatch
_is_dated = re.compile(r".*20[0-9]{2}[-_./]?(?:0[1-9]|1[0-2])").match
_is_named = re.compile("CG|PO|采购", re.IGNORECASE).match
_LONG_NUMBER = 1e9


class Choice(NamedTuple):
    """What is read: a sheet, a column of it or (None) all of them, and the first row, counted from 1."""

    sheet: int
    column: int | None
    first_row: int


class Grid(NamedTuple):
    """A sheet as it was read: rows from the first of the sheet on, their cells from the column `left` on."""

    name: str
    hidden: bool
    left: int
    rows: Sequence[Sequence[Value]]


class _Heading(NamedTuple):
    """In the order in which one is preferred to another."""

    nothing_below: bool
    is_title: bool
    rank: int
    sheet: int
    row: int
    offset: int


def guess(grids: Sequence[Grid]) -> Choice | None:
    """The likeliest choice; None if no sheet has a cell."""
    for hidden in (False, True):
        numbered = [(index, grid) for index, grid in enumerate(grids) if grid.hidden is hidden]
        best = min((heading for index, grid in numbered for heading in _headings(index, grid)), default=None)
        if best:
            return Choice(best.sheet, grids[best.sheet].left + best.offset, best.row + 1)
        choice = _by_look(numbered)
        if choice:
            return choice
    for index, grid in sorted(enumerate(grids), key=lambda numbered: numbered[1].hidden):
        if grid.rows:
            offset = next(used_offsets(grid.rows), 0)
            return Choice(index, grid.left + offset, _first_with_digit(grid, offset))
    return None


def used_offsets(rows: Sequence[Sequence[Value]]) -> Iterator[int]:
    """The columns that have content, at most MAX_COLUMNS of them."""
    for offset in range(MAX_COLUMNS):
        rows = [row for row in rows if len(row) > offset]  # ever fewer: one long row must not cost a pass for each cell
        if not rows:
            return
        if any(filled(row[offset]) for row in rows):
            yield offset


def with_content(rows: Sequence[Sequence[Value]]) -> Iterator[tuple[int, Sequence[Value]]]:
    """The rows that are not empty, with their numbers."""
    return ((number, row) for number, row in enumerate(rows, 1) if any(map(filled, row)))


def _headings(sheet: int, grid: Grid) -> Iterator[_Heading]:
    for number, whole_row in islice(with_content(grid.rows), HEADING_WITHIN):
        row = whole_row[:MAX_COLUMNS]
        below = [line[:MAX_COLUMNS] for line in grid.rows[number : number + HEADING_WITHIN]]
        is_title = sum(map(filled, row)) == 1 and any(sum(map(filled, line)) > 1 for line in below)
        for offset, value in enumerate(row):
            rank = heading_rank(value) if isinstance(value, str) else None
            if rank is not None:
                nothing_below = not any(filled(line[offset]) for line in below if len(line) > offset)
                yield _Heading(nothing_below, is_title, rank, sheet, number, offset)


def _by_look(numbered: Sequence[tuple[int, Grid]]) -> Choice | None:
    best, highest = None, 0.0
    for sheet, grid in numbered:
        looks = {}
        for offset in used_offsets(grid.rows):
            column = (row[offset] for row in grid.rows if len(row) > offset)
            looks[offset] = _look(list(islice(filter(filled, column), LOOKED_AT)))
        if len(looks) > 1 and all(look.share >= 0.8 for look in looks.values()):
            # Every column holds order numbers, which are alike: a list that was laid out in several columns.
            shapes = {look.shape if look.shape.isdigit() else _digit_runs("9", look.shape) for look in looks.values()}
            if len(grid.rows) == 1 or len(shapes) == 1:
                return Choice(sheet, None, _first_with_digit(grid, None))
        for offset, look in looks.items():
            if look.score > highest:
                best, highest = Choice(sheet, grid.left + offset, _first_with_digit(grid, offset)), look.score
    return best


class _Look(NamedTuple):
    score: float
    share: float  # of the cells, how many may be order numbers
    shape: str  # that most of them have


def _look(cells: Sequence[Value]) -> _Look:
    """How much the cells of a column, at least one, look like order numbers."""
    numbers: list[str] = []
    for cell in cells:
        if isinstance(cell, str):
            intake = read_text(cell[:LOOKED_AT])
            likely = [number for number in intake.numbers if _digit(number) and not _is_something_else(number)]
            numbers += likely if len(likely) == intake.read else []  # none of a cell that holds something else too
    share = len(numbers) / len(cells)
    if share < 0.5:
        # Order numbers that a spreadsheet took for numbers are refused one by one, but theirs is the column to show.
        lost = {cell for cell in cells if isinstance(cell, (int, float)) and cell >= _LONG_NUMBER}
        return _Look(len(lost) / len(cells) / 2, share, "")
    shape, alike = Counter(re.sub("[0-9]", "9", number) for number in numbers).most_common(1)[0]
    features = [
        min(share, 1.0),
        alike / len(numbers),
        len(set(numbers)) / len(numbers) / 2,
        sum(min(len(re.findall("[0-9]", number)), 12) for number in numbers) / len(numbers) / 12,
        sum(bool(_is_dated(number)) for number in numbers) / len(numbers) / 2,
        sum(bool(_is_named(number)) for number in numbers) / len(numbers) / 2,
    ]
    return _Look(sum(features), share, shape)


def _first_with_digit(grid: Grid, offset: int | None) -> int:
    """The first row with a digit in this column, or in any; where none has one, the first with content there."""
    for number, row in with_content(grid.rows):
        if any(_digit(as_text(value)) for value in (row if offset is None else row[offset : offset + 1])):
            return number
    offset = offset or 0
    return next((number for number, row in enumerate(grid.rows, 1) if any(map(filled, row[offset : offset + 1]))), 1)
