"""Modern workbooks (.xlsx, .ods), read by a library from an archive that was made ready for it.

The library reads cells with an error and formulas without a result as empty ones, drops line breaks of ODS, and does
not say which rows are hidden: nobody would miss an order by that. So these are made visible before it reads.
"""

import io
import zipfile
from typing import cast

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from cancellations.intake import ods, xlsx
from cancellations.intake.archives import plain, unpacked
from cancellations.intake.cells import Cell, Value
from cancellations.intake.guess import Grid
from cancellations.intake.kinds import FileRefused, Refusal
from cancellations.intake.mistakes import Reason
from cancellations.intake.tables import grid


def read_modern_workbook(content: bytes) -> list[Grid]:
    """The sheets of the workbook. Raises FileRefused."""
    parts = unpacked(content)
    visible = {name: xlsx.made_visible(part) for name, part in parts.items() if plain(name).startswith(xlsx.SHEETS)}
    visible |= {name: ods.made_visible(part) for name, part in parts.items() if plain(name) == ods.CONTENT}
    changed = {name: part for name, part in visible.items() if part is not parts[name]}
    has_formulas = any(xlsx.FORMULA.encode() in part for part in changed.values())
    hidden_by_sheet = ods.hidden_rows(parts[ods.CONTENT]) if ods.CONTENT in parts else xlsx.hidden_rows(parts)
    if changed:
        replaced = io.BytesIO()
        with zipfile.ZipFile(replaced, "w") as copy:
            for name, part in (parts | changed).items():
                copy.writestr(name, part)
        content = replaced.getvalue()
    grids = []
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for index, metadata in enumerate(book.sheets_metadata):
            if metadata.typ is not SheetTypeEnum.WorkSheet:  # a chart, a macro
                grids.append(Grid(metadata.name, True, 0, ()))
                continue
            sheet, hidden = book.get_sheet_by_index(index), metadata.visible is not SheetVisibleEnum.Visible
            # The rows come from the first of the sheet on, their cells from the first column with content.
            rows = cast("list[list[Value]]", list(sheet.iter_rows())) if sheet.start else []
            for row in rows if has_formulas else ():
                for place, value in enumerate(row):
                    if isinstance(value, str) and value.startswith(xlsx.FORMULA):
                        row[place] = Cell(value[1:], Reason.FORMULA)
            left = sheet.start[1] if sheet.start else 0
            merged = [(top, bottom, column) for (top, column), (bottom, _) in sheet.merged_cell_ranges or ()]
            hidden_rows = hidden_by_sheet.get(index, frozenset())
            grids.append(grid(sheet.name, hidden, left, rows, hidden_rows=hidden_rows, merged=merged))
    except CalamineError as error:
        raise FileRefused(Refusal.BROKEN) from error
    return grids
