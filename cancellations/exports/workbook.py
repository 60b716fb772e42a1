"""Workbooks of any length, written row by row: neither the rows nor the file are kept in memory."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
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
    headings: Iterable[str],
    folder: str,
    rows_of_a_sheet: int = MAX_ROWS_OF_A_SHEET,
) -> None:
    """Writes the rows into `target`, a path or a file; what does not fit on a sheet goes on on the next one.

    Texts only: whatever a cell begins with, it is neither a formula nor a link. `folder` is for temporary files.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": folder}
    book = xlsxwriter.Workbook(target, options)
    try:
        sheet, number = _sheet(book, title, headings), 0
        for row in rows:
            number += 1
            if number == rows_of_a_sheet:
                sheet, number = _sheet(book, f"{title} {len(book.worksheets()) + 1}", headings), 1
            _write_row(sheet, number, row)
        book.close()
    except BaseException:
        # Not with `with`: that completes the workbook even if its rows break off. And these would stay open.
        for sheet in book.worksheets():
            sheet.row_data_fh.close()
        raise


def _sheet(book: Workbook, title: str, headings: Iterable[str]) -> Worksheet:
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 0)
    _write_row(sheet, 0, headings)
    return sheet


def _write_row(sheet: Worksheet, number: int, texts: Iterable[object]) -> None:
    for column, text in enumerate(texts):
        sheet.write_string(number, column, str(text))


@contextmanager
def temporary_folder() -> Iterator[str]:
    """A folder that is gone afterwards; those of processes that were killed are removed with the next one."""
    for left in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
        if not _is_in_use(left):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{FOLDER}{os.getpid()}-", ignore_cleanup_errors=True) as folder:
        yield folder


def _is_in_use(folder: Path) -> bool:
    number = folder.name.removeprefix(FOLDER).partition("-")[0]
    try:
        os.kill(int(number), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:  # somebody else's process
        pass
    return True
