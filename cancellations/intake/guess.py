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
        choice = _by_heading(numbered) or _by_look(numbered)
        if choice:
            return choice
    by_visibility = sorted(enumerate(grids), key=lambda numbered: numbered[1].hidden)
    return next((_first_column(index, grid) for index, grid in by_visibility if grid.rows), None)


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


def _by_heading(numbered: Sequence[tuple[int, Grid]]) -> Choice | None:
    best = min((heading for index, grid in numbered for heading in _headings(index, grid)), default=None)
    if not best:
        return None
    left = next(grid.left for index, grid in numbered if index == best.sheet)
    return Choice(best.sheet, left + best.offset, best.row + 1)


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
        looks = {offset: _look(_cells(grid, offset)) for offset in used_offsets(grid.rows)}
        if _are_alike(list(looks.values()), len(grid.rows)):
            return Choice(sheet, None, _first_with_digit(grid, None))
        for offset, look in looks.items():
            if look.score > highest:
                best, highest = Choice(sheet, grid.left + offset, _first_with_digit(grid, offset)), look.score
    return best


def _cells(grid: Grid, offset: int) -> list[Value]:
    column = (row[offset] for row in grid.rows if len(row) > offset)
    return list(islice(filter(filled, column), LOOKED_AT))


class _Look(NamedTuple):
    score: float
    share: float  # of the cells, how many may be order numbers
    shape: str  # that most of them have


def _look(cells: Sequence[Value]) -> _Look:
    """How much a column looks like one of order numbers."""
    numbers = [number for cell in cells if isinstance(cell, str) for number in _order_numbers(cell)]
    share = len(numbers) / len(cells) if cells else 0.0
    if share < 0.5:
        return _Look(_look_of_lost_numbers(cells), share, "")
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


def _order_numbers(cell: str) -> list[str]:
    """Those of a cell that holds nothing else."""
    intake = read_text(cell[:LOOKED_AT])
    likely = [number for number in intake.numbers if _digit(number) and not _is_something_else(number)]
    return likely if len(likely) == intake.read else []


def _look_of_lost_numbers(cells: Sequence[Value]) -> float:
    """Order numbers that a spreadsheet took for numbers: refused one by one, but theirs is the column to show."""
    long = {cell for cell in cells if isinstance(cell, (int, float)) and cell >= _LONG_NUMBER}
    return len(long) / len(cells) / 2 if cells else 0.0


def _are_alike(looks: Sequence[_Look], rows: int) -> bool:
    """Whether every column holds order numbers: a list that was laid out in several columns."""
    if len(looks) < 2 or any(look.share < 0.8 for look in looks):
        return False
    return (
        rows == 1
        or len({_digit_runs("9" if not look.shape.isdigit() else look.shape, look.shape) for look in looks}) == 1
    )


def _first_with_digit(grid: Grid, offset: int | None) -> int:
    for number, row in with_content(grid.rows):
        if any(_digit(as_text(value)) for value in (row if offset is None else row[offset : offset + 1])):
            return number
    return _first_row(grid, offset or 0)


def _first_column(sheet: int, grid: Grid) -> Choice:
    offset = next(used_offsets(grid.rows), 0)
    return Choice(sheet, grid.left + offset, _first_with_digit(grid, offset))


def _first_row(grid: Grid, offset: int) -> int:
    return next((number for number, row in enumerate(grid.rows, 1) if any(map(filled, row[offset : offset + 1]))), 1)
