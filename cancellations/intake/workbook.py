"""The program of a child process that reads one workbook and ends.

The libraries that parse it abort the whole process on some hostile files, so this never runs in a process that has
anything else to do. The workbook comes from standard input, what was found in it goes to standard output as JSON.
"""

import gc
import io
import json
import resource
import sys
from typing import Any, cast

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from cancellations.intake import archives, kinds
from cancellations.intake.cells import Cell, Value
from cancellations.intake.guess import Choice, Grid
from cancellations.intake.kinds import FileRefused, Refusal
from cancellations.intake.markup import read_page, read_xml_spreadsheet
from cancellations.intake.mistakes import Reason
from cancellations.intake.old_workbook import read_old_workbook
from cancellations.intake.tables import View, grid, look
from cancellations.intake.text import TooMuch

MEMORY, CPU_SECONDS = 600 << 20, 8
MAX_CELLS, MAX_TEXT = 300_000, 16 << 20


def main() -> None:
    """Reads the workbook of standard input; the choice, if there is one, is the first argument as JSON."""
    limit_this_process()
    gc.disable()  # nothing here is in cycles, and looking for them takes a quarter of the time
    choice = json.loads(sys.argv[-1])
    try:
        view = read_workbook(sys.stdin.buffer.read(), Choice(*choice) if choice else None)
        cells = [cell for strip in (*view.strips, *view.hidden) for cell in strip.cells]
        if len(cells) > MAX_CELLS or sum(len(cell) for cell in cells if isinstance(cell, str)) > MAX_TEXT:
            raise FileRefused(Refusal.TOO_BIG_INSIDE)
        answer: dict[str, Any] = view._asdict()
    except FileRefused as refused:
        answer = {"refusal": refused.reason, "detail": refused.detail}
    except MemoryError:
        answer = {"refusal": Refusal.TOO_BIG_INSIDE, "detail": ""}
    sys.stdout.write(json.dumps(answer))  # not json.dump: that writes piece by piece


def limit_this_process() -> None:
    """What a hostile file can make of this process: nothing that lasts or that others feel."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def read_workbook(content: bytes, choice: Choice | None) -> View:
    """The workbook as it was chosen or is guessed. Raises FileRefused."""
    readers = {"xls": read_old_workbook, "html": read_page, "xml": read_xml_spreadsheet}
    grids = readers.get(kinds.what_it_is(content), _read_archive)(content)
    try:
        view = look(grids, choice)
    except TooMuch as error:
        raise FileRefused(Refusal.TOO_MANY_ROWS) from error
    if not view:
        raise FileRefused(Refusal.NO_CONTENT)
    return view


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
            hidden_rows = archive.hidden_rows.get(index, frozenset())
            grids.append(_grid(sheet, hidden, hidden_rows, archive.has_formulas))
    except CalamineError as error:
        raise FileRefused(Refusal.BROKEN) from error
    return grids


def _grid(sheet: CalamineSheet, hidden: bool, hidden_rows: frozenset[int], has_formulas: bool) -> Grid:
    # The rows come from the first of the sheet on, their cells from the first column with content.
    rows = cast("list[list[Value]]", list(sheet.iter_rows())) if sheet.start else []
    for row in rows if has_formulas else ():
        for place, value in enumerate(row):
            if isinstance(value, str) and value.startswith(archives.FORMULA):
                row[place] = Cell(value[1:], Reason.FORMULA)
    covered = frozenset(
        (row + 1, left)
        for (top, left), (bottom, _) in sheet.merged_cell_ranges or ()
        for row in range(top + 1, min(bottom + 1, len(rows)))
    )
    return grid(
        sheet.name, hidden, sheet.start[1] if sheet.start else 0, rows, hidden_rows=hidden_rows, covered=covered
    )
