"""Reads an uploaded file: text here, a workbook in a child process that cannot harm this one."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cancellations.intake.cells import Cell
from cancellations.intake.delimited import decode, read_table
from cancellations.intake.guess import Choice
from cancellations.intake.kinds import FileRefused, Refusal, kind
from cancellations.intake.mistakes import Reason
from cancellations.intake.reading import Reading, reading_of, view_of
from cancellations.intake.tables import MAX_ROWS, Column, Gap, Other, Sheet, Strip, Unread, View
from cancellations.intake.text import TooMuch

SECONDS, SECONDS_IN_LINE, AT_ONCE = 10, 3, 2

_turns = threading.BoundedSemaphore(AT_ONCE)
_ROOT = Path(__file__).resolve().parents[2]
# -I: nothing of the environment or of the current folder gets in; the folder of this project has to be named.
_PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from cancellations.intake.workbook import main; main()"
_COMMAND = [sys.executable, "-I", "-c", _PROGRAM, str(_ROOT)]
_REFUSED_BY_SIGNAL = {
    -signal.SIGXCPU: Refusal.TOO_SLOW,
    -signal.SIGABRT: Refusal.TOO_BIG_INSIDE,  # how the library ends when it gets no memory
    -signal.SIGKILL: Refusal.TOO_BIG_INSIDE,  # by the system, for want of memory: we kill only what took too long
}


def read_file(name: str, content: bytes, choice: Choice | None = None, shapes: Sequence[str] = ()) -> Reading:
    """Reads the order numbers of a text or a workbook, whatever its name says of its kind; takes ten seconds at most.

    The column is guessed, unless there is a choice that fits. `shapes` are those of the seller account's numbers, if
    they are known. Raises FileRefused.
    """
    really = kind(name, content)
    try:
        view = _view_of_text(content, choice) if really == "text" else _view_of_workbook(content, choice)
        if view is None:
            raise FileRefused(Refusal.NO_CONTENT)
        return reading_of(view, shapes)
    except TooMuch as error:
        raise FileRefused(Refusal.TOO_MANY_ROWS) from error


def _view_of_text(content: bytes, choice: Choice | None) -> View | None:
    text = (decode(content) or "").rstrip()
    return view_of(text, read_table(text, MAX_ROWS), choice)


@contextmanager
def in_turn() -> Iterator[None]:
    """Heavy reading, of which a process does two at once. Raises FileRefused if no turn comes."""
    if not _turns.acquire(timeout=SECONDS_IN_LINE):
        raise FileRefused(Refusal.BUSY)
    try:
        yield
    finally:
        _turns.release()


def _view_of_workbook(content: bytes, choice: Choice | None) -> View:
    with in_turn():
        answer = _ask_child(content, choice)
    try:
        return _view_from_json(json.loads(answer))
    except (ValueError, TypeError, LookupError) as error:
        raise FileRefused(Refusal.BROKEN) from error


def _ask_child(content: bytes, choice: Choice | None) -> bytes:
    try:
        command = [*_COMMAND, json.dumps(choice)]
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        child = subprocess.run(command, input=content, stdout=pipe, stderr=nothing, env={}, cwd="/", timeout=SECONDS)
    except subprocess.TimeoutExpired as error:
        raise FileRefused(Refusal.TOO_SLOW) from error
    if child.returncode:
        raise FileRefused(_REFUSED_BY_SIGNAL.get(child.returncode, Refusal.BROKEN))
    return child.stdout


def _view_from_json(answer: dict[str, Any]) -> View:
    if "refusal" in answer:
        raise FileRefused(Refusal(answer["refusal"]), answer["detail"])
    return View(
        sheets=tuple(Sheet(*sheet) for sheet in answer["sheets"]),
        columns=tuple(Column(index, name, head, tuple(below)) for index, name, head, below in answer["columns"]),
        choice=Choice(*answer["choice"]),
        excerpt=tuple((number, tuple(texts)) for number, texts in answer["excerpt"]),
        strips=tuple(_strip(*strip) for strip in answer["strips"]),
        hidden=tuple(_strip(*strip) for strip in answer["hidden"]),
        others=tuple(Other(*other) for other in answer["others"]),
        gaps=tuple(Gap(Unread(why), tuple(rows)) for why, rows in answer["gaps"]),
        headed=answer["headed"],
        hidden_taken=answer["hidden_taken"],
    )


def _strip(first_row: int, letter: str, cells: list[Any]) -> Strip:
    return Strip(first_row, letter, list(map(_cell, cells)))


def _cell(value: Any) -> str | Cell:
    return value if isinstance(value, str) else Cell(str(value[0]), Reason(value[1]))
