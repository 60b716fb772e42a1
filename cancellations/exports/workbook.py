"""Workbooks of any length, written row by row: neither the rows nor the file are kept in memory."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

MAX_ROWS_OF_A_SHEET = 1_048_576  # Excel's own limit
FOLDER = "wdtadmin-workbook-"  # + the number of the process


def write(
    target: Path | BinaryIO,
    rows: Iterable[Iterable[object]],
    *,
    title: str,
    columns: Sequence[tuple[str, int]],
    folder: str,
    rows_of_a_sheet: int = MAX_ROWS_OF_A_SHEET,
) -> None:
    """Writes the rows into `target`, a path or a file; what does not fit on a sheet goes on on the next one.

    `columns`: (heading, width in characters). A text is a text, whatever it begins with: neither a formula nor a link;
    numbers and times are such. `folder` is for temporary files.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": folder}
    book = xlsxwriter.Workbook(target, options)
    moment, amount = (book.add_format({"num_format": code}) for code in ("yyyy-mm-dd hh:mm:ss", "#,##0.00"))
    try:
        sheet, number = _sheet(book, title, columns), 0
        for row in rows:
            number += 1
            if number == rows_of_a_sheet:
                _close(sheet, number - 1, columns)
                sheet, number = _sheet(book, f"{title} {len(book.worksheets()) + 1}", columns), 1
            for column, value in enumerate(row):
                if isinstance(value, datetime):
                    sheet.write_datetime(number, column, value, moment)
                elif isinstance(value, Decimal):
                    sheet.write_number(number, column, value, amount)
                elif isinstance(value, int):
                    sheet.write_number(number, column, value)
                else:
                    sheet.write_string(number, column, str(value))
        _close(sheet, number, columns)
        book.close()
    except BaseException:
        # Not with `with`: that completes the workbook even if its rows break off. And these would stay open.
        for sheet in book.worksheets():
            sheet.row_data_fh.close()
        raise


def _sheet(book: Workbook, title: str, columns: Sequence[tuple[str, int]]) -> Worksheet:
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 0)
    for column, (heading, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading)
    return sheet


def _close(sheet: Worksheet, last: int, columns: Sequence[tuple[str, int]]) -> None:
    """Filters over the headings, down to the last row."""
    sheet.autofilter(0, 0, last, len(columns) - 1)


@contextmanager
def temporary_folder() -> Iterator[str]:
    """A folder that is gone afterwards; those of processes that were killed are removed with the next one."""
    for left in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
        number = left.name.removeprefix(FOLDER).partition("-")[0]
        try:
            os.kill(int(number), 0)
        except (ProcessLookupError, ValueError):
            shutil.rmtree(left, ignore_errors=True)
        except PermissionError:  # somebody else's process
            continue
    with tempfile.TemporaryDirectory(prefix=f"{FOLDER}{os.getpid()}-", ignore_cleanup_errors=True) as folder:
        yield folder
