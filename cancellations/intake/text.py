"""Reads order numbers from pasted text and from the cells of a table.

Each piece is judged by itself first (`pieces`), and by the rest of the list where that leaves a doubt: by the shapes
that the seller account is known for, else by what most of the list looks like. What is in doubt is not taken.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress, count, islice
from operator import itemgetter
from typing import NamedTuple

from cancellations.intake import pieces
from cancellations.intake.cells import PlacedCell
from cancellations.intake.headings import is_heading
from cancellations.intake.mistakes import Reason
from cancellations.intake.pieces import Doubt, Order, Rejected, ToCheck, Unsure
from cancellations.intake.settling import settled
from cancellations.intake.shapes import (
    AS_SHAPE,
    LONGEST,
    Finder,
    finder,
    kind_of,
)

MAX_PIECES = 300_000
MAX_JUDGED = 120_000  # pieces that are not seen to be numbers at once

_SPACES = "\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_piece = re.compile(rf"[^{_SPACES},，、､;；]+")
_pieces, _each_piece = _piece.findall, _piece.finditer
_digit = re.compile("[0-9]").search


class Duplicate(NamedTuple):
    number: str
    line: int
    first_line: int


@dataclass(slots=True)
class Intake:
    """What was read: each piece of the text is in one of the lists. Only `orders` are taken.

    `hidden` are the orders of rows that a filter or a person has hidden, and after them what may be one: the first
    suggestion for each piece that would have to be checked.
    """

    orders: list[Order] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    to_check: list[ToCheck] = field(default_factory=list)
    hidden: list[Order] = field(default_factory=list)

    @property
    def numbers(self) -> list[str]:
        return [order.number for order in self.orders]

    @property
    def repaired(self) -> list[Order]:
        return [order for order in self.orders if order.typed != order.number]

    @property
    def read(self) -> int:
        """How many pieces there were."""
        return len(self.orders) + len(self.duplicates) + len(self.rejected) + len(self.to_check)

    def with_taken(self, chosen: Collection[str]) -> "Intake":
        """The list with those numbers taken too that were offered and chosen; what was offered with them is settled."""
        orders, known = list(self.orders), {order.number.upper() for order in self.orders}
        left = []
        for piece in self.to_check:
            numbers = [number for number in piece.offers if number in chosen]
            for number in numbers:
                if number.upper() not in known:
                    known.add(number.upper())
                    orders.append(Order(number, piece.line, piece.value))
            if not numbers:
                left.append(piece)
        return Intake(orders, self.duplicates, self.rejected, left, self.hidden)


class TooMuch(Exception):
    """There are more than MAX_PIECES pieces: no list of orders, and too much work for one answer."""


def read_text(text: str, shapes: Sequence[str] = ()) -> Intake:
    """Reads the order numbers of a text, in the order in which they stand there, each once.

    They are separated by line ends, any kind of space, commas `,` `，` `、` or semicolons `;` `；`. Lines count from 1.
    With `shapes` only numbers of these are taken without a question. Raises TooMuch; takes time in proportion to the
    length of the text, whatever it holds.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if nothing_to_judge(text, shapes):
        return _listed(lines, count(1))
    return _gathered(((number, "", line) for number, line in enumerate(lines, 1)), shapes, strict=True)


def nothing_to_judge(text: str, shapes: Sequence[str] = ()) -> bool:
    """Whether each line is a number that looks like the others: most long lists are of this kind, and read at once.

    `text` has `\\n` at the ends of its lines.
    """
    if "#" in text or not text.isascii() or len(text) > MAX_PIECES * LONGEST:
        return False
    found = set(text.translate(AS_SHAPE).split("\n")) - {""}
    if shapes:
        return found <= set(shapes)
    sure = all(pieces.is_surely_number(shape.replace("#", "9")) for shape in found) if len(found) < 100 else False
    return sure and len(set(map(kind_of, found))) == 1


def read_cells(cells: Iterable[PlacedCell], shapes: Sequence[str] = (), *, headed: bool = False) -> Intake:
    """The same for cells of a table: each is read like a line of text.

    Under a heading that says so (`headed`) a number may look different from the others.
    """
    cells = list(cells)
    texts = [cell for _, _, cell in cells if isinstance(cell, str)]
    text = "\n".join(texts)
    if len(texts) == len(cells) == text.count("\n") + 1 and nothing_to_judge(text, shapes):
        return _listed(texts, map(itemgetter(0), cells))
    return _gathered(cells, shapes, strict=not headed or bool(shapes))


def _listed(lines: Sequence[str], places: Iterable[int]) -> Intake:
    """The orders of lines each of which is empty or a number; without a step of Python for each of them."""
    orders = list(map(Order._make, compress(zip(lines, places, lines, strict=False), lines)))
    if len(orders) > MAX_PIECES:
        raise TooMuch
    has_duplicates = len(set(map(str.upper, filter(None, lines)))) < len(orders)
    return _each_once(orders, Intake()) if has_duplicates else Intake(orders)


def _gathered(cells: Iterable[PlacedCell], shapes: Sequence[str], *, strict: bool) -> Intake:
    intake, find = Intake(), finder(shapes)
    found: list[Order | Unsure] = []  # what may be an order number, duplicates too
    seen = judged = 0
    for line, column, cell in cells:
        seen += 1
        if not isinstance(cell, str):
            judged += 1
            intake.rejected.append(Rejected(line, pieces.shown(cell.value), cell.reason, "", len(cell.value), column))
        elif pieces.is_surely_number(cell) and (find is None or find(cell) == [cell]):
            found.append(Order(cell, line, cell))  # nothing to separate, nothing to repair
        elif cell:
            for piece in _of_line(cell, line, column, find):
                seen += 1
                if isinstance(piece, Rejected):
                    intake.rejected.append(piece)
                else:
                    found.append(piece)
                judged += 1
                if judged > MAX_JUDGED:
                    raise TooMuch
        if seen > MAX_PIECES or judged > MAX_JUDGED:
            raise TooMuch
    return _each_once(settled(found, shapes, strict), intake)


def _each_once(settled: Iterable[Order | ToCheck], intake: Intake) -> Intake:
    # The ERP does not tell `cg1` from `CG1` (reference section 8): to send both would be to send one order twice.
    first: dict[str, Order] = {}
    for piece in settled:
        if isinstance(piece, ToCheck):
            intake.to_check.append(piece)
            continue
        known = first.setdefault(piece[0].upper(), piece)  # by position, not by name: it counts for long lists
        if known is not piece:
            intake.duplicates.append(Duplicate(piece[0], piece[1], known.line))
    intake.orders = list(first.values())
    return intake


def _of_line(text: str, line: int, column: str, find: Finder | None) -> Iterator[Order | Unsure | Rejected]:
    if not _digit(text) and is_heading(text):  # as a whole: `Purchase No.` is not two pieces
        yield pieces.rejected(text.strip(), line, text.strip(), column, Reason.HEADING)
        return
    text = text.lstrip()
    mark = pieces.list_mark(text)
    if mark and not (find and find(mark[0])):
        yield pieces.rejected(mark[0].strip(), line, mark[0].strip(), column, Reason.LIST_MARK)
        text = text[mark.end() :]
    ordinal = _ordinal(mark[0]) if mark else None
    following = int(ordinal[0]) + 1 if ordinal else 1  # of a line that goes on as a list: `1.CG1、2.CG2`
    narrow = pieces.narrowed(text)
    if pieces.may_be_special(narrow):
        start, rest = 0, []
        for found in pieces.specials(narrow):
            yield pieces.special(found, line, column)
            rest.append(narrow[start : found.start()])
            start = found.end()
        if rest:
            text = narrow = "\n".join([*rest, narrow[start:]])
    typed, narrowed = _parted(text), _parted(narrow)
    if len(typed) != len(narrowed):  # one has nothing to be seen in it
        narrowed = [pieces.narrowed(piece) for piece in typed]
    for one, narrow in zip(typed, narrowed, strict=True):
        if listed := pieces.ordinal(narrow):
            number = narrow[listed.end() :]
            if int(listed[1]) == following:
                following += 1
                yield pieces.rejected(listed[0], line, listed[0], column, Reason.LIST_MARK)
                one = narrow = number
            elif not find and pieces.is_number(narrow):
                offers = (narrow, number) if pieces.is_number(number) else (narrow,)
                yield Unsure(line, column, pieces.shown(one), Doubt.JOINED, "", offers)
                continue
        known = _of_known_shape(one, narrow, line, column, find) if find else ()
        if known:
            yield from known
        elif piece := pieces.judged(one, narrow, line, column):
            yield piece


def _parted(text: str) -> list[str]:
    if len(text) < MAX_JUDGED:
        return _pieces(text)
    parted = [found[0] for found in islice(_each_piece(text), MAX_JUDGED + 1)]
    if len(parted) > MAX_JUDGED:
        raise TooMuch
    return parted


def _of_known_shape(typed: str, narrow: str, line: int, column: str, find: Finder) -> list[Order | Unsure]:
    """The numbers of a known shape in a piece, whatever stands around them; none if there is none."""
    numbers = find(narrow)
    rest = narrow
    for number in numbers:
        rest = rest.replace(number, "\0", 1)
    if numbers and _glued(rest) and _letters_or_digits(rest):  # `CG2304260001-02` is none of the shape, perhaps
        whole = narrow if pieces.is_number(narrow) else ""
        return [Unsure(line, column, pieces.shown(typed), Doubt.JOINED, whole, tuple(numbers))]
    return [Order(number, line, pieces.shown(typed)) for number in numbers]


_ordinal = re.compile("[0-9]{1,4}").search
_glued = re.compile(r"[A-Za-z0-9][-_./]+\0|\0[-_./]+[A-Za-z0-9]").search
_letters_or_digits = re.compile("[A-Za-z0-9]").search
