"""Text with a table in it: as a spreadsheet program puts it on the clipboard, or saves it as CSV."""

import codecs
import csv
import io
import re
from collections import Counter
from itertools import islice

from cancellations.intake.cells import Value

DELIMITERS = "\t,;|"  # the likelier before the others
LOOKED_AT = 100  # rows

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_control_characters = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]").findall
_separator_line = re.compile("sep=([\t,;|])\n", re.IGNORECASE).match


def decode(content: bytes) -> str | None:
    """The text with `\\n` at the ends of its lines; None if it is not text.

    By the byte order mark, else UTF-8, else GB18030, in which a Chinese Windows saves; nothing is replaced.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decoded(content[len(mark) :], encoding)
    text = _decoded(content, "utf-8")
    return _decoded(content, "gb18030") if text is None else text


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return None
    if "\0" in text or len(_control_characters(text)) * 100 > len(text):
        return None
    return _with_one_line_end(text)


def read_table(text: str, most_rows: int) -> list[list[Value]]:
    """The rows of a CSV; never more than `most_rows` and one.

    Its delimiter parts most of the first rows into the same number of cells; it is a tab if none does.
    """
    text = _with_one_line_end(text)
    named = _separator_line(text)
    if named:
        return [[], *read_rows(text[named.end() :], named[1], most_rows)]  # so that rows count as the file's lines do
    beginning = "\n".join(islice(filter(str.strip, text.split("\n", 2 * LOOKED_AT)[: 2 * LOOKED_AT]), LOOKED_AT))
    best, highest = "\t", 0.5
    for delimiter in filter(beginning.__contains__, DELIMITERS):
        widths = Counter(map(len, read_rows(beginning, delimiter)))
        [(width, rows)] = widths.most_common(1)
        if width > 1 and rows / widths.total() > highest:
            best, highest = delimiter, rows / widths.total()
    return read_rows(text, best, most_rows)


def read_rows(text: str, delimiter: str, most_rows: int | None = None) -> list[list[Value]]:
    """The rows of a table. `text` has `\\n` at the ends of its lines.

    If the quotes in it are not those of a table, they are taken for what they are: letters, not cells over many lines.
    """
    stop = None if most_rows is None else most_rows + 1
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return [list(row) for row in islice(iter(reader), stop)]
    except csv.Error:
        return [list(line.split(delimiter)) for line in text.split("\n", -1 if stop is None else stop)[:stop]]


def read_pasted(text: str) -> list[list[Value]] | None:
    """The rows of a table that was copied from a spreadsheet; None if the text is none."""
    if "\t" not in text:
        return None
    text = _with_one_line_end(text)
    lines = [line for line in text.split("\n") if line.strip()]
    if sum("\t" in line for line in lines) * 2 <= len(lines):
        return None
    return read_rows(text, "\t")


def _with_one_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
