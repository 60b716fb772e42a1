"""Text with a table in it: as a spreadsheet program puts it on the clipboard, or saves it as CSV."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice, pairwise
from typing import NamedTuple

from cancellations.intake.cells import Value
from cancellations.intake.headings import heading_rank

DELIMITERS = "\t,;|"  # the likelier before the others
LOOKED_AT = 100  # rows
MAX_ODD = 3  # characters that are no text, in a text of any length; one in a hundred in a longer one
MOST_LINES = 20  # of one quoted cell in a table whose quotes are bad
MOST_BAD = 200  # rows with bad quotes, after which no cell has several lines

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_padding = re.compile("\0\0+|\0$", re.MULTILINE).sub
_odd_characters = re.compile("(?<!\0)\0(?![\0\r\n])|[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]").findall
_separator_line = re.compile("sep=([\t,;|])\n", re.IGNORECASE).match
_quoted_line = re.compile(r'\s*"[^"]*(?:""[^"]*)*"\s*').fullmatch
_digit = re.compile("[0-9]").search
_wide_gaps, _gaps = re.compile("[ \u3000]{2,}|\t").split, re.compile("[ \u3000\t]+").split

Rows = list[list[Value]]


class Table(NamedTuple):
    """`badly_quoted` are the numbers of the rows of which the quotes do not close where they should."""

    rows: Rows
    badly_quoted: tuple[int, ...] = ()


def decode(content: bytes) -> str | None:
    """The text with `\\n` at the ends of its lines; None if it is not text.

    By the byte order mark, else UTF-16 if every second byte of plain characters is NUL, else UTF-8, else GB18030, in
    which a Chinese Windows saves. A byte that is no character becomes U+FFFD, where few are. What old systems pad with
    becomes a blank.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _as_text(content[len(mark) :].decode(encoding, "replace"))
    beginning = content[:4000]
    even, odd, half = beginning[::2].count(0), beginning[1::2].count(0), len(beginning) // 2
    if half and min(even, odd) * 20 <= max(even, odd) and max(even, odd) * 5 >= half:
        return _as_text(content.decode("utf-16-le" if odd > even else "utf-16-be", "replace"))
    content = content.rstrip(b"\0\x1a")
    for encoding in ("utf-8", "gb18030"):
        try:
            return _as_text(content.decode(encoding))
        except UnicodeDecodeError:
            continue
    return _as_text(content.decode("utf-8", "replace")) or _as_text(content.decode("gb18030", "wdtadmin.euro"))


def _euro(error: UnicodeError) -> tuple[str, int]:
    """The one byte in which a Chinese Windows writes the euro, which GB18030 does not have; U+FFFD for others."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return ("€" if error.object[error.start] == 0x80 else "\ufffd"), error.start + 1


codecs.register_error("wdtadmin.euro", _euro)


def _as_text(text: str) -> str | None:
    if len(_odd_characters(text)) > max(MAX_ODD, len(text) // 100):
        return None
    return _with_one_line_end(_padding(" ", text.rstrip("\0\x1a")))


def read_table(text: str, most_rows: int) -> Table:
    """The rows of a CSV; never more than `most_rows` and one.

    Its delimiter parts a row of headings and what stands below, or else most of the first rows, into the same number of
    cells; it is a tab if none does.
    """
    text = _with_one_line_end(text)
    named = _separator_line(text)
    if named:
        table = read_rows(text[named.end() :], named[1], most_rows)  # rows count as the file's lines do
        return Table([[], *table.rows], tuple(number + 1 for number in table.badly_quoted))
    beginning = _beginning(text)
    best, highest = _heads(beginning, DELIMITERS), 0.5
    for delimiter in filter(beginning.__contains__, "" if best else DELIMITERS):
        widths = Counter(map(len, read_rows(beginning, delimiter).rows))
        [(width, rows)] = widths.most_common(1)
        if width > 1 and rows / widths.total() > highest:
            best, highest = delimiter, rows / widths.total()
    if not best:
        lines = beginning.split("\n")
        quoted = [line for line in lines if _quoted_line(line) and any(mark in line for mark in DELIMITERS)]
        if len(quoted) > 0.8 * len(lines):  # each line is one cell with a row of the table in it
            whole = read_rows(text, "\t", most_rows)
            return read_table("\n".join(str(row[0]) if row else "" for row in whole.rows), most_rows)
    return read_rows(text, best or "\t", most_rows)


def read_pasted(text: str, most_rows: int) -> Table | None:
    """The rows of a table that was copied from a spreadsheet, a CSV or a page; None if the text is none.

    Never more than `most_rows` and one.
    """
    text = _with_one_line_end(text)
    lines = [line for line in text.split("\n") if line.strip()]
    if sum("\t" in line for line in lines) * 2 > len(lines):
        return read_rows(text, "\t", most_rows)
    beginning = _beginning(text)
    delimiter = _heads(beginning, DELIMITERS)
    if delimiter:
        return read_rows(text, delimiter, most_rows)
    for parted in (_wide_gaps, _gaps):
        rows: Rows = [list(parted(line.strip())) for line in beginning.split("\n")]
        width = _width_of_headed(rows)
        if width and sum(len(row) == width for row in rows) >= 0.8 * len(rows):
            return Table([list(parted(line.strip())) for line in text.split("\n", most_rows + 1)[: most_rows + 1]])
    return None


def _beginning(text: str) -> str:
    return "\n".join(islice(filter(str.strip, text.split("\n", 2 * LOOKED_AT)[: 2 * LOOKED_AT]), LOOKED_AT))


def _heads(beginning: str, delimiters: Iterable[str]) -> str:
    """The delimiter that parts a row with a heading of order numbers and the row below alike; "" if none does."""
    for delimiter in filter(beginning.__contains__, delimiters):
        if _width_of_headed(read_rows(beginning, delimiter).rows):
            return delimiter
    return ""


def _width_of_headed(rows: Rows) -> int:
    for row, below in pairwise(rows):
        heads = len(row) > 1 and any(isinstance(cell, str) and heading_rank(cell) is not None for cell in row)
        if heads and len(below) == len(row):
            texts = list(map(str, below))
            is_ruled = all(set(text) <= set("-: ") for text in texts)  # the line below headings of Markdown
            if is_ruled or any(map(_digit, texts)):
                return len(row)
    return 0


def read_rows(text: str, delimiter: str, most_rows: int | None = None) -> Table:
    """The rows of a table. `text` has `\\n` at the ends of its lines.

    A row of which the quotes are not those of a table is parted by itself and moves no other row.
    """
    stop = None if most_rows is None else most_rows + 1
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows: Rows = [list(row) for row in islice(iter(reader), stop)]
    except csv.Error:
        return _line_by_line(text, delimiter, stop)
    if len(rows) <= text.count("\n") and '"' in text:
        [(width, _)] = Counter(map(len, rows)).most_common(1) or [(0, 0)]
        within = [cell.split("\n")[1:] for row in rows for cell in row if isinstance(cell, str) and "\n" in cell]
        # A cell with lines in it that look like rows of the table has swallowed them.
        if width > 1 and any(
            any(line.count(delimiter) >= width - 1 for line in lines[:-1])
            or lines[-1].count(delimiter) >= max(2, width - 1)
            for lines in within
        ):
            return _line_by_line(text, delimiter, stop)
    return Table(rows)


def _line_by_line(text: str, delimiter: str, stop: int | None) -> Table:
    lines = text.split("\n", -1 if stop is None else MOST_LINES * stop)
    [(width, _)] = Counter(line.count(delimiter) + 1 for line in lines[:LOOKED_AT]).most_common(1)
    rows: Rows = []
    badly_quoted: list[int] = []
    place = 0
    while place < len(lines) and (stop is None or len(rows) < stop):
        if '"' not in lines[place]:
            rows.append(list(lines[place].split(delimiter)) if lines[place] else [])
            place += 1
            continue
        most = MOST_LINES if len(badly_quoted) < MOST_BAD else 1
        row, used = _row_at(lines[place : place + most], delimiter, width)
        if row is None:
            badly_quoted.append(len(rows) + 1)
            try:  # as a lenient program reads it, if that has the width of the others
                lenient = next(csv.reader([lines[place]], delimiter=delimiter), [])
            except csv.Error:
                lenient = []
            row = list(lenient if len(lenient) == width else lines[place].split(delimiter))
        rows.append(row)
        place += used
    return Table(rows, tuple(badly_quoted))


def _row_at(lines: Sequence[str], delimiter: str, width: int) -> tuple[list[Value] | None, int]:
    """The row that the first of these lines begins, with how many it takes; None if its quotes are bad."""
    for used in range(1, len(lines) + 1):
        taken = lines[:used]
        if used > 1 and taken[-1].count(delimiter) >= max(2, width - 1):
            break
        try:
            found = list(csv.reader(io.StringIO("\n".join(taken), newline=""), delimiter=delimiter, strict=True))
        except csv.Error as error:
            if "unexpected end" in str(error):
                continue
            break
        return (list(found[0]) if found else []), used
    return None, 1


def _with_one_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
