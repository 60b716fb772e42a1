"""Reads a list as it was brought: what is short and plain here, everything else in a child process."""

from collections.abc import Sequence

from cancellations.intake.child import have_read
from cancellations.intake.guess import Choice
from cancellations.intake.kinds import FileRefused, Refusal, kind
from cancellations.intake.reading import Reading, paste_read, text_read
from cancellations.intake.text import TooMuch, nothing_to_judge

LONG = 200_000  # characters of a text: while more is read here, others would wait for their pages


def read_file(name: str, content: bytes, choice: Choice | None = None, shapes: Sequence[str] = ()) -> Reading:
    """Reads the order numbers of a text or a workbook, whatever its name says of its kind; takes ten seconds at most.

    The column is guessed, unless there is a choice that fits. `shapes` are those of the seller account's numbers, if
    they are known. Raises FileRefused.
    """
    if len(content) >= LONG or kind(name, content) != "text":
        return have_read(name, content, choice, shapes)
    try:
        return text_read(content, choice, shapes)
    except TooMuch as error:
        raise FileRefused(Refusal.TOO_MANY_ROWS) from error


def read_paste(text: str, choice: Choice | None = None, shapes: Sequence[str] = ()) -> Reading:
    """Reads a pasted text: if it is a table from a spreadsheet, the column of order numbers; else all of it.

    `shapes` are those of the seller account's numbers, if they are known. Raises TooMuch, and FileRefused if a long
    text cannot be read now.
    """
    if len(text) < LONG or nothing_to_judge(text.replace("\r\n", "\n"), shapes):
        return paste_read(text, choice, shapes)
    try:
        return have_read(None, text.encode(errors="replace"), choice, shapes)
    except FileRefused as refused:
        if refused.reason is Refusal.TOO_MANY_ROWS:
            raise TooMuch from refused
        raise
