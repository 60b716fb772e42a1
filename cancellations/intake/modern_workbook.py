"""Modern workbooks (.xlsx, .ods), read by a library from an archive that was made ready for it."""

import io
from typing import cast

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from cancellations.intake import archives
from cancellations.intake.cells import Cell, Value
from cancellations.intake.guess import Grid
from cancellations.intake.kinds import FileRefused, Refusal
from cancellations.intake.mistakes import Reason
from cancellations.intake.tables import grid


def read_modern_workbook(content: bytes) -> list[Grid]:
    """The sheets of the workbook. Raises FileRefused."""
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
            merged = [(top, bottom, column) for (top, column), (bottom, _) in sheet.merged_cell_ranges or ()]
            grids.append(grid(sheet.name, hidden, left, rows, hidden_rows=hidden_rows, merged=merged))
    except CalamineError as error:
        raise FileRefused(Refusal.BROKEN) from error
    return grids
