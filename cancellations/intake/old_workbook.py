"""Old Excel workbooks (.xls), read by a library that tells cells with an error and hidden rows from others."""

import datetime as dt
import io
import struct

import xlrd  # type: ignore[import-untyped]

from cancellations.intake.cells import Cell, Value
from cancellations.intake.guess import Grid
from cancellations.intake.kinds import FileRefused, Refusal
from cancellations.intake.mistakes import Reason
from cancellations.intake.tables import grid

# What the library meets in damaged files, besides its own errors.
_DAMAGED = (
    xlrd.XLRDError, xlrd.compdoc.CompDocError, struct.error, ValueError, LookupError, AssertionError, AttributeError,
    TypeError, ArithmeticError, RecursionError,
)  # fmt: skip


def read_old_workbook(content: bytes) -> list[Grid]:
    """The sheets of the workbook. Raises FileRefused."""
    try:
        with xlrd.open_workbook(file_contents=content, formatting_info=True, logfile=io.StringIO()) as book:
            grids = []
            for sheet in book.sheets():
                cells = (zip(sheet.row_types(row), sheet.row_values(row), strict=True) for row in range(sheet.nrows))
                rows = [[_value(kind, value, book.datemode) for kind, value in row] for row in cells]
                hidden = frozenset(row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden)
                merged = [(top, end - 1, left) for top, end, left, right in sheet.merged_cells if right == left + 1]
                is_hidden = sheet.visibility != 0
                grids.append(grid(sheet.name, is_hidden, 0, rows, hidden_rows=hidden, merged=merged))
            return grids
    except _DAMAGED as error:
        encrypted = isinstance(error, xlrd.XLRDError) and "encrypted" in str(error)
        raise FileRefused(Refusal.ENCRYPTED if encrypted else Refusal.BROKEN) from error


def _value(kind: int, value: str | float, datemode: int) -> Value:
    if kind == xlrd.XL_CELL_ERROR:
        return error(int(value))
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_DATE:
        return moment(float(value), datemode)
    return str(value) if kind in (xlrd.XL_CELL_TEXT, xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK) else float(value)


def error(code: int) -> Cell:
    """What Excel shows for this code of an error."""
    return Cell(xlrd.error_text_from_code.get(code, "#N/A"), Reason.NOT_TEXT)


def moment(value: float, datemode: int) -> Value:
    """The date or the time that Excel shows for a number in a format of dates; the number if it is none."""
    try:
        when: dt.datetime = xlrd.xldate.xldate_as_datetime(value, datemode)
    except (xlrd.xldate.XLDateError, OverflowError, ValueError):
        return value
    if 0 <= value < 1:
        return when.time()
    return when.date() if value == int(value) else when
