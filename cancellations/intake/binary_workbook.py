"""Binary Excel workbooks (.xlsb), read record by record.

python-calamine shows neither their cells with errors nor their hidden rows, and leaves out the cells of short records,
which web applications write. What the records are stands in Microsoft's specification MS-XLSB, but for the short ones.
"""

import struct
from collections.abc import Iterator
from types import SimpleNamespace
from typing import NamedTuple

import xlrd  # type: ignore[import-untyped]

from cancellations.intake.archives import MAX_ROW, parsed, plain, target_of, unpacked
from cancellations.intake.cells import Value
from cancellations.intake.guess import Grid
from cancellations.intake.kinds import FileRefused, Refusal
from cancellations.intake.old_workbook import error, moment
from cancellations.intake.tables import grid

MAX_COLUMN = 1 << 14

# The records of a sheet: BrtRowHdr, BrtEndSheetData, BrtMergeCell, and the cells: BrtCellBlank and so on.
_ROW, _END_OF_ROWS, _MERGED = 0, 146, 176
_BLANK, _RK, _ERROR, _BOOL, _REAL, _TEXT, _SHARED_TEXT = range(1, 8)
_FORMULA_TEXT, _FORMULA_NUMBER, _FORMULA_BOOL, _FORMULA_ERROR = range(8, 12)
_SHORT = frozenset(range(12, 19))  # as 1 to 7 are, without the column: it is the next one
_RICH_TEXT = 62
_CELLS = frozenset((*range(1, 19), _RICH_TEXT))
_NUMBERS = frozenset((_RK, _REAL, _FORMULA_NUMBER))
# Those of other parts: BrtSSTItem; BrtFmt, BrtXF, BrtBeginCellXFs, BrtEndCellXFs; BrtWbProp, BrtBundleSh.
_SHARED_ITEM, _FORMAT, _STYLE, _BEGIN_STYLES, _END_STYLES, _BOOK_PROPERTIES, _SHEET = 19, 44, 47, 617, 618, 153, 156
_NO_TEXT = 0xFFFFFFFF  # for a length
_HEIGHT_IS_0, _HAS_OWN_HEIGHT = 0x10, 0x20

_number = struct.Struct("<I").unpack_from
_short_number = struct.Struct("<H").unpack_from
_double = struct.Struct("<d").unpack_from
_row = struct.Struct("<IIHBB").unpack_from
_corners = struct.Struct("<IIII").unpack_from


class _Book(NamedTuple):
    """What cells refer to: the shared texts, the styles that show a number as a date, and when day 0 was."""

    texts: list[str]
    dates: frozenset[int]
    datemode: int


def read_binary_workbook(content: bytes) -> list[Grid]:
    """The sheets of the workbook in their order. Raises FileRefused."""
    parts = {plain(name): part for name, part in unpacked(content).items()}
    grids = []
    try:
        relations = list(parsed(parts["xl/_rels/workbook.bin.rels"]))
        targets = {relation.get("Id"): target_of(relation) for relation in relations}
        kinds = {relation.get("Id"): relation.get("Type", "").rpartition("/")[2] for relation in relations}
        by_kind = {kind: parts.get(targets[key], b"") for key, kind in kinds.items()}
        texts = [_text(data, 1) for kind, data in _records(by_kind.get("sharedStrings", b"")) if kind == _SHARED_ITEM]
        records = list(_records(parts["xl/workbook.bin"]))
        datemode = next((_number(data)[0] & 1 for kind, data in records if kind == _BOOK_PROPERTIES), 0)
        book = _Book(texts, _dates(by_kind.get("styles", b"")), datemode)
        for sheet in (data for kind, data in records if kind == _SHEET):
            key = _text(sheet, 8)
            name = _text(sheet, 12 + len(key.encode("utf-16-le")))
            if not key or kinds[key] != "worksheet":  # a chart, a macro
                grids.append(Grid(name, True, 0, ()))
                continue
            rest, is_hidden = _records(parts[targets[key]]), _number(sheet)[0] != 0
            rows, hidden, left = _rows(rest, book)
            merged = [_corners(data)[:3] for kind, data in rest if kind == _MERGED]
            rows = [row[left:] for row in rows] if left else rows  # without empty columns at the left
            grids.append(grid(name, is_hidden, left, rows, hidden_rows=hidden, merged=merged))
    except (struct.error, LookupError, ValueError) as damaged:
        raise FileRefused(Refusal.BROKEN) from damaged
    if not grids:
        raise FileRefused(Refusal.BROKEN)
    return grids


def _records(part: bytes) -> Iterator[tuple[int, bytes]]:
    """The type and the data of each record. Raises IndexError where the part ends within one."""
    at, end = 0, len(part)
    while at < end:
        kind, size, at = part[at], part[at + 1], at + 2
        if kind & 0x80:  # seven bits a byte, the lowest first; the highest bit says that another follows
            kind, size, at = kind & 0x7F | size << 7, part[at], at + 1
        for shift in (7, 14, 21) if size & 0x80 else ():
            more, size, at = part[at], size & (1 << shift) - 1, at + 1
            size |= more << shift
            if more < 0x80:
                break
        data = part[at : at + size]
        if len(data) < size:
            raise IndexError
        yield kind, data
        at += size


def _text(data: bytes, at: int) -> str:
    """The text whose length and UTF-16 stand here. Raises ValueError if it goes on behind the record."""
    length = _number(data, at)[0]
    text = data[at + 4 : at + 4 + 2 * length]
    if length == _NO_TEXT:
        return ""
    if len(text) < 2 * length:
        raise ValueError
    return text.decode("utf-16-le", "replace")


def _dates(part: bytes) -> frozenset[int]:
    """The numbers of the styles with a format of dates or times."""
    formats = {number: kind == xlrd.biffh.FDT for number, kind in xlrd.formatting.std_format_code_types.items()}
    silent = SimpleNamespace(verbosity=0)  # all that the library asks of its workbook
    dates: list[bool] = []
    within = False
    for kind, data in _records(part):
        if kind in (_BEGIN_STYLES, _END_STYLES):
            within = kind == _BEGIN_STYLES
        elif kind == _FORMAT:
            formats[_short_number(data)[0]] = xlrd.formatting.is_date_format_string(silent, _text(data, 2))
        elif kind == _STYLE and within:
            dates.append(formats.get(_short_number(data, 2)[0], False))
    return frozenset(number for number, is_date in enumerate(dates) if is_date)


def _rows(records: Iterator[tuple[int, bytes]], book: _Book) -> tuple[list[list[Value]], frozenset[int], int]:
    """The rows, the numbers of the hidden ones, and the first column with a cell. Raises ValueError without an end."""
    rows: list[list[Value]] = []
    row: list[Value] = []
    hidden: set[int] = set()
    column, left = -1, MAX_COLUMN
    for kind, data in records:
        if kind in _CELLS:
            if kind in _SHORT:
                kind, data, column = kind - 11, bytes(4) + data, column + 1
            else:
                column = _number(data)[0]
            if kind == _BLANK:
                continue
            if not rows or not len(row) <= column < MAX_COLUMN:  # they stand in order, below their row
                raise ValueError
            if len(row) < column:
                row += [""] * (column - len(row))
            row.append(_value(kind, data, book))
            if column < left:
                left = column
        elif kind == _ROW:
            number, _, height, _, flags = _row(data)
            if not len(rows) <= number < MAX_ROW:
                raise ValueError
            rows += [[]] * (number - len(rows))
            row, column = [], -1
            rows.append(row)
            if flags & _HEIGHT_IS_0 or (flags & _HAS_OWN_HEIGHT and not height):
                hidden.add(number + 1)
        elif kind == _END_OF_ROWS:  # what looks like a row behind it is none
            return rows, frozenset(hidden), 0 if left == MAX_COLUMN else left
    raise ValueError


def _value(kind: int, data: bytes, book: _Book) -> Value:
    """What a cell holds, or what its formula gave."""
    if kind == _SHARED_TEXT:
        number: int = _number(data, 8)[0]
        return book.texts[number]
    if kind in _NUMBERS:
        value: float = xlrd.sheet.unpack_RK(data[8:12]) if kind == _RK else _double(data, 8)[0]
        style = _number(data, 4)[0] & 0xFFFFFF
        return moment(value, book.datemode) if style in book.dates else value
    if kind in (_TEXT, _FORMULA_TEXT):
        return _text(data, 8)
    if kind == _RICH_TEXT:
        return _text(data, 9)
    return data[8] != 0 if kind in (_BOOL, _FORMULA_BOOL) else error(data[8])
