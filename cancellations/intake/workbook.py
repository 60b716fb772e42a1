"""The program of a child process that reads one workbook and ends.

The library that parses it aborts the whole process on some hostile files, so this never runs in a process that has
anything else to do. The workbook comes from standard input, what was found in it goes to standard output as JSON.
"""

import gc
import io
import json
import resource
import struct
import sys
import zipfile
import zlib
from typing import Any, cast

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from cancellations.intake.cells import Value
from cancellations.intake.guess import Choice, Grid
from cancellations.intake.kinds import FileRefused, Refusal
from cancellations.intake.tables import MAX_ROWS, View, grid, look

MEMORY, CPU_SECONDS = 600 << 20, 8
MAX_ENTRIES, MAX_UNPACKED, MAX_TEXT = 500, 64 << 20, 16 << 20

# The library reads a cell with an error as an empty one, and nobody would miss an order whose lookup failed. Said to be
# text, which is written the same way, `#N/A` is read and refused like text.
_ERRORS_AS_TEXT = {
    b't="e"': b't="str"',
    b"t='e'": b"t='str'",
    b'office:string-value="" calcext:value-type="error"': b'calcext:value-type="error"',
}


def main() -> None:
    """Reads the workbook of standard input; the choice, if there is one, is the first argument as JSON."""
    limit_this_process()
    gc.disable()  # nothing here is in cycles, and looking for them takes a quarter of the time
    choice = json.loads(sys.argv[-1])
    try:
        view = read_workbook(sys.stdin.buffer.read(), Choice(*choice) if choice else None)
        placed = list(view.cells)
        if sum(len(cell) for _, _, cell in placed if isinstance(cell, str)) > MAX_TEXT:
            raise FileRefused(Refusal.TOO_BIG_INSIDE)
        # Of one column only the cells are sent: their places follow from the choice.
        cells = placed if view.choice.column is None else [cell for _, _, cell in placed]
        answer: dict[str, Any] = view._asdict() | {"cells": cells}
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
    if content.startswith(b"PK"):
        content = _checked(content)
    elif _is_encrypted_xls(content):
        raise FileRefused(Refusal.ENCRYPTED)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        grids = []
        for index, metadata in enumerate(book.sheets_metadata):
            if metadata.typ is not SheetTypeEnum.WorkSheet:  # a chart, a macro
                grids.append(Grid(metadata.name, True, 0, ()))
                continue
            sheet, hidden = book.get_sheet_by_index(index), metadata.visible is not SheetVisibleEnum.Visible
            # The rows come from the first of the sheet on, their cells from the first column with content.
            rows = cast("list[list[Value]]", list(sheet.iter_rows())) if sheet.start else []
            grids.append(grid(sheet.name, hidden, sheet.start[1] if sheet.start else 0, rows))
    except CalamineError as error:
        raise FileRefused(Refusal.BROKEN) from error
    view = look(grids, choice)
    if not view:
        raise FileRefused(Refusal.NO_CONTENT)
    if view.sheets[view.choice.sheet].rows > MAX_ROWS:
        raise FileRefused(Refusal.TOO_MANY_ROWS)
    return view


def _checked(content: bytes) -> bytes:
    """The archive, when nothing in it is bigger than it says or than we bear; with errors said to be text."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries, manifest = archive.infolist(), "META-INF/manifest.xml"
        if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
            raise FileRefused(Refusal.TOO_BIG_INSIDE)
        if any(entry.flag_bits & 1 for entry in entries):
            raise FileRefused(Refusal.ENCRYPTED)
        if manifest in archive.namelist() and b"encryption-data" in archive.read(manifest):
            raise FileRefused(Refusal.ENCRYPTED)
        changed = {}
        for entry in entries:
            text = _unpacked(archive, entry)
            is_sheet = entry.filename.startswith("xl/worksheets/") or entry.filename == "content.xml"
            if is_sheet and any(error in text for error in _ERRORS_AS_TEXT):
                for error, as_text in _ERRORS_AS_TEXT.items():
                    text = text.replace(error, as_text)
                changed[entry.filename] = text
        if not changed:
            return content
        replaced = io.BytesIO()
        with zipfile.ZipFile(replaced, "w") as copy:
            for name in archive.namelist():
                copy.writestr(name, changed.get(name) or archive.read(name))
        return replaced.getvalue()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise FileRefused(Refusal.BROKEN) from error


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Reads an entry to its real end, wherever its header says that it ends."""
    declared, entry.file_size = entry.file_size, MAX_UNPACKED + 2
    with archive.open(entry) as stream:
        text = stream.read(MAX_UNPACKED + 1)
    if len(text) > MAX_UNPACKED:
        raise FileRefused(Refusal.TOO_BIG_INSIDE)
    if len(text) != declared:
        raise FileRefused(Refusal.BROKEN)
    entry.file_size = declared
    return text


def _is_encrypted_xls(content: bytes) -> bool:
    """Whether there is a FILEPASS behind a beginning (BOF), or behind the WRITEPROTECT that may follow that.

    The library knows, but hides it behind an error that says nothing. Streams begin at multiples of 64.
    """
    begin, protect, password = 0x0809, 0x0086, 0x002F
    for place in range(0, len(content) - 4, 64):
        kind, length = struct.unpack_from("<HH", content, place)
        while kind in (begin, protect) and place + length <= len(content) - 8:
            place += 4 + length
            kind, length = struct.unpack_from("<HH", content, place)
            if kind == password:
                return True
    return False
