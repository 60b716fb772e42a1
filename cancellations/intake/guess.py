"""Finds the sheet and the column that hold the order numbers: by a heading first, by the look of the cells else."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from typing import NamedTuple

from cancellations.intake.cells import Value, as_text, filled
from cancellations.intake.headings import heading_rank, is_heading, speaks_against
from cancellations.intake.shapes import kind_of, shape_of
from cancellations.intake.text import read_text

HEADING_WITHIN = 30  # rows with content
LOOKED_AT = 500  # cells of a column, characters of a cell
MAX_COLUMNS = 200  # that are offered
MAX_OTHERS = 50  # further columns with orders that are offered

_digit = re.compile("[0-9]").search
_digit_runs = re.compile("[0-9]+").sub
# A line number, an amount, a phone number and a bar code are no order numbers where there is anything better.
_is_something_else = re.compile(r"[0-9]{1,5}|[0-9]+[.][0-9]+|1[3-9][0-9]{9}|69[0-9]{11}").fullmatch
_is_dated = re.compile(r".*20[0-9]{2}[-_./]?(?:0[1-9]|1[0-2])").match
_is_named = re.compile("CG|PO|采购", re.IGNORECASE).match
_LONG_NUMBER = 1e9
SPOKEN_AGAINST = 0.2  # of its score has a column whose heading says that it is something else


class Choice(NamedTuple):
    """What is read: a sheet, a column of it or (None) all of them, and the first row, counted from 1.

    `hidden` takes the orders of hidden rows too, `together` those of all other columns and sheets with order numbers.
    """

    sheet: int
    column: int | None
    first_row: int
    hidden: bool = False
    together: bool = False


class Grid(NamedTuple):
    """A sheet as it was read: rows from the first of the sheet on, their cells from the column `left` on.

    `hidden_rows` are the numbers of rows that a filter or a person has hidden; `covered` are the cells, by row and
    column, that lie below the first one of a merged cell.
    """

    name: str
    hidden: bool
    left: int
    rows: Sequence[Sequence[Value]]
    hidden_rows: frozenset[int] = frozenset()
    covered: frozenset[tuple[int, int]] = frozenset()


class Place(NamedTuple):
    """A column with order numbers: the index of its sheet and its own, and the first row below its heading."""

    sheet: int
    column: int
    first_row: int


class _Heading(NamedTuple):
    """In the order in which one is preferred to another."""

    no_number_below: bool
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
        looks = None if best and not best.no_number_below else _by_look(numbered)
        if not best and looks:
            return looks
        if best:
            rows = grids[best.sheet].rows[best.row : best.row + HEADING_WITHIN]
            below = [row[best.offset] for row in rows if len(row) > best.offset and filled(row[best.offset])]
            if looks and below and all(isinstance(cell, str) and is_heading(cell) for cell in below):
                return looks  # there are only other headings below it: a list of fields
            return Choice(best.sheet, grids[best.sheet].left + best.offset, best.row + 1)
    for index, grid in sorted(enumerate(grids), key=lambda numbered: numbered[1].hidden):
        if grid.rows:
            offset = next(used_offsets(grid.rows), 0)
            return Choice(index, grid.left + offset, _first_with_digit(grid, offset))
    return None


def upright(grid: Grid) -> Grid:
    """The sheet with rows for columns where its headings stand below each other in the first column."""
    rows = [row for _, row in islice(with_content(grid.rows), HEADING_WITHIN + 1)]
    if not 1 < len(rows) <= HEADING_WITHIN or max(map(len, rows)) > MAX_COLUMNS:
        return grid
    first = [row[0] for row in rows if filled(row[0])]
    if len(first) < 2 or not all(isinstance(cell, str) and is_heading(cell) for cell in first):
        return grid
    beside = [row[1:] for row in rows if isinstance(row[0], str) and heading_rank(row[0]) is not None]
    if not any(_digit(as_text(cell)) for row in beside for cell in row):
        return grid
    return Grid(grid.name, grid.hidden, 0, [list(row) for row in zip_longest(*grid.rows, fillvalue="")])


def elsewhere(grids: Sequence[Grid], choice: Choice) -> list[Place]:
    """Other columns and sheets that hold order numbers too, and that the choice leaves unread."""
    if choice.column is None:
        return []
    places: list[Place] = []
    offset = choice.column - grids[choice.sheet].left
    kind = _kind_of_column(grids[choice.sheet], offset)
    for index, grid in sorted(enumerate(grids), key=lambda numbered: numbered[0] != choice.sheet):
        headings = [heading for heading in _headings(index, grid) if not heading.no_number_below]
        if index == choice.sheet:
            own = (heading for heading in headings if heading.offset == offset and heading.row < choice.first_row)
            best = next(own, None)
        else:
            best = min(headings, default=None)
        if best:
            alike = (heading for heading in headings if heading.rank == best.rank and heading.row == best.row)
            places += [Place(index, grid.left + heading.offset, heading.row + 1) for heading in alike]
        elif kind and index == choice.sheet:  # a column without a heading: others of its sheet that look like it
            offsets = (other for other in used_offsets(grid.rows) if _kind_of_column(grid, other) == kind)
            places += [Place(index, grid.left + other, _first_with_digit(grid, other)) for other in offsets]
        elif kind:
            look = _by_look([(index, grid)])
            if look and look.column is not None and _kind_of_column(grid, look.column - grid.left) == kind:
                places.append(Place(index, look.column, look.first_row))
    return [place for place in places if (place.sheet, place.column) != (choice.sheet, choice.column)][:MAX_OTHERS]


def used_offsets(rows: Sequence[Sequence[Value]]) -> Iterator[int]:
    """The columns that have content, at most MAX_COLUMNS of them."""
    for offset in range(min(MAX_COLUMNS, max(map(len, rows), default=0))):
        if not any(len(row) > offset and filled(row[offset]) for row in islice(rows, LOOKED_AT)):
            rows = [row for row in rows if len(row) > offset]  # one long row must not cost a pass for each cell
            if not any(filled(row[offset]) for row in rows):
                continue
        yield offset


def with_content(rows: Sequence[Sequence[Value]]) -> Iterator[tuple[int, Sequence[Value]]]:
    """The rows that are not empty, with their numbers."""
    return ((number, row) for number, row in enumerate(rows, 1) if any(map(filled, row)))


def order_heading(row: Sequence[Value]) -> int | None:
    """The cell of a row of headings that heads order numbers; None if the row is none, or has no such cell."""
    texts = [(offset, cell) for offset, cell in enumerate(row[:MAX_COLUMNS]) if isinstance(cell, str) and cell]
    if sum(is_heading(cell) for _, cell in texts) < 2:
        return None
    ranked = [(rank, offset) for offset, cell in texts if (rank := heading_rank(cell)) is not None]
    return min(ranked)[1] if ranked else None


def _headings(sheet: int, grid: Grid) -> Iterator[_Heading]:
    for number, whole_row in islice(with_content(grid.rows), HEADING_WITHIN):
        row = whole_row[:MAX_COLUMNS]
        ranks = [(offset, heading_rank(value)) for offset, value in enumerate(row) if isinstance(value, str) and value]
        if all(rank is None for _, rank in ranks):
            continue
        below = [line[:MAX_COLUMNS] for line in grid.rows[number : number + LOOKED_AT]]
        near = below[:HEADING_WITHIN]
        is_title = sum(map(filled, row)) == 1 and any(sum(map(filled, line)) > 1 for line in near)
        following: Sequence[Value] = next((line for line in near if any(map(filled, line))), ())
        headings_below = sum(isinstance(cell, str) and is_heading(cell) for cell in following)
        for offset, rank in ranks:
            under = following[offset] if len(following) > offset else None
            heads_a_group = headings_below > 1 and isinstance(under, str) and is_heading(under)
            if rank is not None and not heads_a_group:
                has_number = any(_digit(as_text(line[offset])) for line in below if len(line) > offset)
                yield _Heading(not has_number, is_title, rank, sheet, number, offset)


def _kind_of_column(grid: Grid, offset: int) -> str:
    """The shape of most of the order numbers in a column; "" where half of its cells or more hold none."""
    column = (row[offset] for row in grid.rows if len(row) > offset)
    cells = list(islice((cell for cell in column if filled(cell) and _digit(as_text(cell))), LOOKED_AT))
    look = _look(cells) if cells else None
    return kind_of(shape_of(look.shape)) if look and look.share >= 0.5 else ""


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
            heading = ""  # what stands last above the first cell with a digit
            for row in islice(grid.rows, HEADING_WITHIN):
                text = as_text(row[offset]).strip() if len(row) > offset else ""
                if _digit(text):
                    break
                heading = text or heading
            score = look.score * (SPOKEN_AGAINST if speaks_against(heading) else 1)
            if score > highest:
                best, highest = Choice(sheet, grid.left + offset, _first_with_digit(grid, offset)), score
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
