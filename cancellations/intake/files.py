"""Reads an uploaded file: text here, a workbook in a child process that cannot harm this one."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cancellations.intake.cells import Cell, PlacedCell
from cancellations.intake.delimited import decode, read_table
from cancellations.intake.guess import Choice
from cancellations.intake.kinds import WORKBOOKS, FileRefused, Refusal, kind
from cancellations.intake.mistakes import Reason
from cancellations.intake.reading import Reading, reading_of
from cancellations.intake.tables import MAX_ROWS, Column, Sheet, View, grid, look, placed
from cancellations.intake.text import TooMuch

SECONDS, SECONDS_IN_LINE, CHILDREN = 10, 3, 2

_children = threading.BoundedSemaphore(CHILDREN)
_ROOT = Path(__file__).resolve().parents[2]
# -I: nothing of the environment or of the current folder gets in; the folder of this project has to be named.
_PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from cancellations.intake.workbook import main; main()"
_COMMAND = [sys.executable, "-I", "-c", _PROGRAM, str(_ROOT)]
_REFUSED_BY_SIGNAL = {
    -signal.SIGXCPU: Refusal.TOO_SLOW,
    -signal.SIGABRT: Refusal.TOO_BIG_INSIDE,  # how the library ends when it gets no memory
    -signal.SIGKILL: Refusal.TOO_BIG_INSIDE,  # by the system, for want of memory: we kill only what took too long
}


def read_file(name: str, content: bytes, choice: Choice | None = None) -> Reading:
    """Reads the order numbers of a CSV, TXT, XLSX, XLSM, XLS or ODS file; takes ten seconds at most.

    The column is guessed, unless there is a choice that fits. Raises FileRefused.
    """
    if kind(name, content) in WORKBOOKS:
        view: View | None = _view_of_workbook(content, choice)
    else:
        text = decode(content)
        if text is None:
            raise FileRefused(Refusal.NOT_A_TABLE, "binary")
        rows = read_table(text.rstrip(), MAX_ROWS)
        if len(rows) > MAX_ROWS:
            raise FileRefused(Refusal.TOO_MANY_ROWS)
        view = look([grid("", False, 0, rows)], choice)
    if view is None:
        raise FileRefused(Refusal.NO_CONTENT)
    try:
        return reading_of(view)
    except TooMuch as error:
        raise FileRefused(Refusal.TOO_MANY_ROWS) from error


def _view_of_workbook(content: bytes, choice: Choice | None) -> View:
    if not _children.acquire(timeout=SECONDS_IN_LINE):
        raise FileRefused(Refusal.BUSY)
    try:
        command = [*_COMMAND, json.dumps(choice)]
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        child = subprocess.run(command, input=content, stdout=pipe, stderr=nothing, env={}, cwd="/", timeout=SECONDS)
    except subprocess.TimeoutExpired as error:
        raise FileRefused(Refusal.TOO_SLOW) from error
    finally:
        _children.release()
    if child.returncode:
        raise FileRefused(_REFUSED_BY_SIGNAL.get(child.returncode, Refusal.BROKEN))
    try:
        return _view_from_json(json.loads(child.stdout))
    except (ValueError, TypeError, LookupError) as error:
        raise FileRefused(Refusal.BROKEN) from error


def _view_from_json(answer: dict[str, Any]) -> View:
    if "refusal" in answer:
        raise FileRefused(Refusal(answer["refusal"]), answer["detail"])
    choice = Choice(*answer["choice"])
    cells: Iterable[PlacedCell]
    if choice.column is None:
        cells = [(row, letter, _cell(value)) for row, letter, value in answer["cells"]]
    else:
        cells = placed(list(map(_cell, answer["cells"])), choice.column, choice.first_row)
    return View(
        sheets=tuple(Sheet(*sheet) for sheet in answer["sheets"]),
        columns=tuple(Column(index, name, head, tuple(below)) for index, name, head, below in answer["columns"]),
        choice=choice,
        excerpt=tuple((number, tuple(texts)) for number, texts in answer["excerpt"]),
        cells=cells,
    )


def _cell(value: Any) -> str | Cell:
    return value if isinstance(value, str) else Cell(str(value[0]), Reason(value[1]))
