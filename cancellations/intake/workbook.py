"""Reads a workbook; only ever in a child process (`reader`)."""

import io
from collections.abc import Callable
from typing import cast

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from cancellations.intake import archives
from cancellations.intake.cells import Cell, Value
from cancellations.intake.guess import Choice, Grid
from cancellations.intake.kinds import FileRefused, Refusal
from cancellations.intake.mistakes import Reason
from cancellations.intake.tables import View, grid, look

MAX_CELLS, MAX_TEXT = 300_000, 16 << 20


def view_of_workbook(kind: str, content: bytes, choice: Choice | None) -> View:
    """The workbook of this kind, as it was chosen or is guessed. Raises FileRefused, TooMuch."""
    grids = _reader_of(kind)(content)
    view = look(grids, choice)
    if not view:
        raise FileRefused(Refusal.NO_CONTENT)
    cells = [cell for strip in (*view.strips, *view.hidden) for cell in strip.cells]
    if len(cells) > MAX_CELLS or sum(len(cell) for cell in cells if isinstance(cell, str)) > MAX_TEXT:
        raise FileRefused(Refusal.TOO_BIG_INSIDE)
    return view


def _reader_of(kind: str) -> Callable[[bytes], list[Grid]]:
    """What reads this kind; only that is imported, because each list has a process of its own that starts for it."""
    match kind:
        case "xls":
            from cancellations.intake.old_workbook import read_old_workbook as reader
        case "xlsb":
            from cancellations.intake.binary_workbook import read_binary_workbook as reader
        case "html":
            from cancellations.intake.markup import read_page as reader
        case "xml":
            from cancellations.intake.markup import read_xml_spreadsheet as reader
        case _:
            reader = _read_archive
    return reader


def _read_archive(content: bytes) -> list[Grid]:
    """The sheets of an XLSX or an ODS."""
    archive = archives.opened(content)
    grids = []
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(archive.content))
        for index, metadata in enumerate(book.sheets_metadata):
            if metadata.typ is not SheetTypeEnum.WorkSheet:  # a chart, a macro
                grids.append(Grid(metadata.name, True, 0, ()))
                continue
            sheet, hidden = book.get_sheet_by_index(index), metadata.visible is not SheetVisibleEnum.Visible
            # The rows come from the first of the sheet on, their cells from the first column with content.
            rows = cast("list[list[Value]]", list(sheet.iter_rows())) if sheet.start else []
            for row in rows if archive.has_formulas else ():
                for place, value in enumerate(row):
                    if isinstance(value, str) and value.startswith(archives.FORMULA):
                        row[place] = Cell(value[1:], Reason.FORMULA)
            left = sheet.start[1] if sheet.start else 0
            hidden_rows = archive.hidden_rows.get(index, frozenset())
            covered = frozenset(
                (number + 1, column)
                for (top, column), (bottom, _) in sheet.merged_cell_ranges or ()
                for number in range(top + 1, min(bottom + 1, len(rows)))
            )
            grids.append(grid(sheet.name, hidden, left, rows, hidden_rows=hidden_rows, covered=covered))
    except CalamineError as error:
        raise FileRefused(Refusal.BROKEN) from error
    return grids
