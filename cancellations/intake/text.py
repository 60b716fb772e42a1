"""Reads order numbers from pasted text.

The rule for an order number is the ERP's (reference section 3): a seller may choose up to 40 letters, digits and
Chinese characters, with `-`, `_`, `.` and `/` among them. Nothing is guessed: what can be repaired without a doubt
is repaired and said, everything else is rejected with its line and the reason.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from cancellations.intake.cells import PlacedCell
from cancellations.intake.headings import is_heading
from cancellations.intake.mistakes import Reason, mistaken

LONGEST = 40  # characters of an order number
MAX_PIECES = 300_000
LONGEST_SHOWN = 200  # characters of what was typed that are kept to be shown

_CHINESE = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_NAMING = f"A-Za-z0-9{_CHINESE}"
_is_number = re.compile(rf"(?=[-_./]{{0,{LONGEST - 1}}}[{_NAMING}])[-_./{_NAMING}]{{1,{LONGEST}}}").fullmatch
# Most numbers of most lists: letters with a digit right behind them, which nothing else that is known looks like.
_is_surely_number = re.compile(rf"[A-Za-z]{{1,20}}[0-9][-_./{_NAMING}]{{0,19}}").fullmatch
_digit = re.compile("[0-9]").search
_forbidden = re.compile(rf"[^-_./{_NAMING}]").search
# Unicode's White_Space. Not \s: that also takes U+001C to U+001F, which are control characters and nobody sees them.
_SPACES = "\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_pieces = re.compile(rf"[^{_SPACES},，、､;；]+").findall

# Typed by Chinese input methods: the forms of ASCII as wide as a Chinese character.
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
# Copied along from pages, chats and spreadsheets: byte order marks, joiners, directions of writing, soft hyphens.
_INVISIBLE = [0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF]
_REPAIRS = _WIDE | dict.fromkeys(_INVISIBLE)
_QUOTES = "\"'“”‘’「」『』"


class Order(NamedTuple):
    """An order number, the line of the text or the row of the table where it stands, and how it was typed there."""

    number: str
    line: int
    typed: str


class Duplicate(NamedTuple):
    number: str
    line: int
    first_line: int


class Rejected(NamedTuple):
    """A piece that is not an order number: `value` as it was typed, at most LONGEST_SHOWN characters of it.

    `character` is the first one that may not occur, if that is the reason; `length` counts the whole piece.
    `column` is its letter, if the piece stands in a table.
    """

    line: int
    value: str
    reason: Reason
    character: str
    length: int
    column: str = ""

    @property
    def character_name(self) -> str:
        """`U+2013 EN DASH`, because many of these look alike or like nothing."""
        if not self.character:
            return ""
        return f"U+{ord(self.character):04X} {unicodedata.name(self.character, '')}".rstrip()


@dataclass(slots=True)
class Intake:
    """What was read: each piece of the text is in exactly one of the three lists."""

    orders: list[Order] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    @property
    def numbers(self) -> list[str]:
        return [order.number for order in self.orders]

    @property
    def repaired(self) -> list[Order]:
        return [order for order in self.orders if order.typed != order.number]

    @property
    def read(self) -> int:
        """How many pieces there were."""
        return len(self.orders) + len(self.duplicates) + len(self.rejected)


class TooMuch(Exception):
    """There are more than MAX_PIECES pieces: no list of orders, and too much work for one answer."""


def repaired(text: str) -> str:
    """What was typed as one number, or as its beginning: full-width forms narrowed, invisible characters removed."""
    return text.translate(_REPAIRS).strip()


def read_text(text: str) -> Intake:
    """Reads the order numbers of a text, in the order in which they stand there, each once.

    They are separated by line ends, any kind of space, commas `,` `，` `、` or semicolons `;` `；`. Lines count from 1.
    Raises TooMuch; takes time in proportion to the length of the text, whatever it holds.
    """
    rejected: list[Rejected] = []
    return _gathered(_of_text(text, rejected), rejected)


def read_cells(cells: Iterable[PlacedCell]) -> Intake:
    """The same for cells of a table: each is read like a line of text."""
    rejected: list[Rejected] = []
    return _gathered(_of_cells(cells, rejected), rejected)


def _gathered(candidates: Iterable[Order], rejected: list[Rejected]) -> Intake:
    # The ERP does not tell `cg1` from `CG1` (reference section 8): to send both would be to send one order twice.
    first: dict[str, Order] = {}
    duplicates = []
    for order in islice(candidates, MAX_PIECES + 1):
        known = first.setdefault(order[0].upper(), order)  # by position, not by name: it counts for long lists
        if known is not order:
            duplicates.append(Duplicate(order.number, order.line, known.line))
    if len(first) + len(duplicates) > MAX_PIECES:
        raise TooMuch
    return Intake(list(first.values()), duplicates, rejected)


def _of_text(text: str, rejected: list[Rejected]) -> Iterator[Order]:
    """Each piece that is an order number, duplicates too; the others go to `rejected`."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for line_number, line in enumerate(lines, 1):
        if _is_surely_number(line):  # nothing to separate, nothing to repair
            yield Order(line, line_number, line)
        elif line:
            yield from _judged(line, line_number, "", rejected)


def _of_cells(cells: Iterable[PlacedCell], rejected: list[Rejected]) -> Iterator[Order]:
    for row, column, cell in cells:
        if not isinstance(cell, str):
            rejected.append(Rejected(row, _shown(cell.value), cell.reason, "", len(cell.value), column))
        elif _is_surely_number(cell):
            yield Order(cell, row, cell)
        elif cell:
            yield from _judged(cell, row, column, rejected)


def _judged(text: str, line: int, column: str, rejected: list[Rejected]) -> Iterator[Order]:
    if not _digit(text) and is_heading(text):  # as a whole: `Purchase No.` is not two pieces
        rejected.append(_reject(text.strip(), line, text.strip(), column, Reason.HEADING))
        return
    for typed in _pieces(text):
        # Without what people do not see, with narrow characters for wide ones and without quotes around it.
        narrow = typed if typed.isascii() else typed.translate(_REPAIRS)
        number = narrow.strip(_QUOTES) or narrow
        if _is_surely_number(number):
            yield Order(number, line, _shown(typed))
        elif number:
            reason = mistaken(number) if len(number) <= LONGEST else None
            if reason is None and _is_number(number):
                yield Order(number, line, _shown(typed))
            else:
                rejected.append(_reject(number, line, typed, column, reason))
        if len(rejected) > MAX_PIECES:
            raise TooMuch


def _shown(typed: str) -> str:
    """What was typed, cut where it is longer than a page can use."""
    return typed if len(typed) <= LONGEST_SHOWN else typed[:LONGEST_SHOWN] + "…"


def _reject(number: str, line: int, typed: str, column: str, reason: Reason | None) -> Rejected:
    forbidden = None if reason else _forbidden(number)
    if forbidden:
        reason = Reason.FORBIDDEN_CHARACTER
    elif not reason:
        reason = Reason.TOO_LONG if len(number) > LONGEST else Reason.NO_LETTER_OR_DIGIT
    return Rejected(line, _shown(typed), reason, forbidden[0] if forbidden else "", len(number), column)
