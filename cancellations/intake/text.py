"""Reads order numbers from pasted text and from the cells of a table.

Each piece is judged by itself first (`pieces`), and by the rest of the list where that leaves a doubt: by the shapes
that the seller account is known for, else by what most of the list looks like. What is in doubt is not taken.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from cancellations.intake import pieces
from cancellations.intake.cells import PlacedCell
from cancellations.intake.headings import is_heading
from cancellations.intake.mistakes import Reason
from cancellations.intake.pieces import Doubt, Order, Rejected, ToCheck, Unsure
from cancellations.intake.shapes import (
    AS_SHAPE,
    FEW_DIGITS,
    LONGEST,
    Finder,
    Standing,
    cased,
    finder,
    fits,
    kind_of,
    kinds_in,
    shape_of,
    standing,
)

MAX_PIECES = 300_000
MAX_JUDGED = 120_000  # pieces that are not seen to be numbers at once

_SPACES = "\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_piece = re.compile(rf"[^{_SPACES},，、､;；]+")
_pieces, _each_piece = _piece.findall, _piece.finditer
_is_named = re.compile("(?:CG|PO|PR|DD|SO)[0-9]", re.IGNORECASE).match
_digit = re.compile("[0-9]").search


class Duplicate(NamedTuple):
    number: str
    line: int
    first_line: int


@dataclass(slots=True)
class Intake:
    """What was read: each piece of the text is in one of the lists. Only `orders` are taken.

    `hidden` are the orders of rows that a filter or a person has hidden.
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
    if _nothing_to_judge(text, shapes):
        orders = [Order(line, number, line) for number, line in enumerate(lines, 1) if line]
        if len(orders) > MAX_PIECES:
            raise TooMuch
        return _each_once(orders, Intake())
    return _gathered(((number, "", line) for number, line in enumerate(lines, 1)), shapes, strict=True)


def _nothing_to_judge(text: str, shapes: Sequence[str]) -> bool:
    """Whether each line is a number that looks like the others: most long lists are of this kind."""
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
    return _gathered(cells, shapes, strict=not headed or bool(shapes))


def _gathered(cells: Iterable[PlacedCell], shapes: Sequence[str], *, strict: bool) -> Intake:
    intake = Intake()
    found = list(_found(cells, intake.rejected, finder(shapes)))
    return _each_once(_settled(found, shapes, strict), intake)


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


def _found(cells: Iterable[PlacedCell], rejected: list[Rejected], find: Finder | None) -> Iterator[Order | Unsure]:
    """What may be an order number, duplicates too; the rest goes to `rejected`."""
    count = judged = 0
    for line, column, cell in cells:
        if not isinstance(cell, str):
            rejected.append(Rejected(line, pieces.shown(cell.value), cell.reason, "", len(cell.value), column))
        elif pieces.is_surely_number(cell) and (find is None or find(cell) == [cell]):
            count += 1
            yield Order(cell, line, cell)  # nothing to separate, nothing to repair
        elif cell:
            for piece in _of_line(cell, line, column, find):
                count += 1
                if isinstance(piece, Rejected):
                    rejected.append(piece)
                else:
                    yield piece
                judged += 1
                if judged > MAX_JUDGED:
                    raise TooMuch
        if count > MAX_PIECES:
            raise TooMuch


def _of_line(text: str, line: int, column: str, find: Finder | None) -> Iterator[Order | Unsure | Rejected]:
    if not _digit(text) and is_heading(text):  # as a whole: `Purchase No.` is not two pieces
        yield pieces.rejected(text.strip(), line, text.strip(), column, Reason.HEADING)
        return
    text = text.lstrip()
    mark = pieces.list_mark(text)
    if mark and not (find and find(mark[0])):
        yield pieces.rejected(mark[0].strip(), line, mark[0].strip(), column, Reason.LIST_MARK)
        text = text[mark.end() :]
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


_glued = re.compile(r"[A-Za-z0-9][-_./]+\0|\0[-_./]+[A-Za-z0-9]").search
_letters_or_digits = re.compile("[A-Za-z0-9]").search


def _settled(found: Sequence[Order | Unsure], shapes: Sequence[str], strict: bool) -> Iterator[Order | ToCheck]:
    """What the list as a whole says of each piece."""
    numbers = [piece[0] for piece in found if type(piece) is Order]
    list_of = standing(numbers)
    if len(numbers) == len(found) and not shapes and len(list_of.frequency) == 1:
        yield from found  # type: ignore[misc]  # nothing is in doubt
        return
    likely = _likely(found, list_of, shapes)
    kinds = kinds_in([_alone(piece) for piece in found])
    uppers = {number for number in numbers if number.isupper()}
    place = 0
    while place < len(found):
        piece, kind = found[place], kinds[place]
        rare = bool(shapes) or list_of.frequency[kind] < 2
        joined = _torn(piece, found[place + 1], likely) if rare and place + 1 < len(found) else None
        place += 2 if joined else 1
        if joined:
            yield joined
        elif type(piece) is Unsure:
            yield from _of_unsure(piece, likely, shapes)
        elif not shapes and _is_in_other_case(piece[0], kind, list_of, uppers):  # type: ignore[arg-type]
            yield ToCheck(piece.line, piece.typed, Doubt.CASE, (piece[0].upper(),))  # type: ignore[union-attr]
        elif strict and not shapes and _is_slight(piece[0], kind, list_of):  # type: ignore[arg-type]
            yield ToCheck(piece.line, piece.typed, Doubt.SHORT, (piece[0],))  # type: ignore[arg-type]
        elif shapes or (strict and list_of.majority and kind != list_of.majority):
            yield _misfit(piece, list_of, shapes)  # type: ignore[arg-type]  # an Order
        else:
            yield piece  # type: ignore[misc]


class _Likely(NamedTuple):
    """What a number within a piece has to look like to be taken: a known shape, or others of the list."""

    shapes: Sequence[str]
    list_of: Standing
    within: Counter[str]
    habits: Counter[str]  # words in front of a number, which may belong to it if they are always there
    short: str  # the shape of most of a list of short numbers

    def __call__(self, number: str) -> bool:
        if self.shapes:
            return fits(number, self.shapes)
        kind = kind_of(shape_of(number))
        return kind in self.list_of.frequency or self.within[kind] > 1


def _likely(found: Sequence[Order | Unsure], list_of: Standing, shapes: Sequence[str]) -> _Likely:
    unsure = [piece for piece in found if type(piece) is Unsure]
    within = Counter(
        kind_of(shape_of(code))
        for piece in unsure
        if piece.doubt in (Doubt.JOINED, Doubt.SHAPE)
        for code in piece.codes
        if not code.isdigit()
    )
    habits = Counter(kind_of(shape_of(piece.whole)) for piece in unsure if piece.doubt is Doubt.SHAPE)
    short: Counter[str] = Counter(shape_of(piece.whole) for piece in unsure if piece.doubt is Doubt.SHORT)
    [(shape, count)] = short.most_common(1) or [("", 0)]
    alone = not list_of.frequency and not within and count * 2 > short.total()
    return _Likely(shapes, list_of, within, habits, shape if alone else "")


def _of_unsure(piece: Unsure, likely: _Likely, shapes: Sequence[str]) -> Iterator[Order | ToCheck]:
    if piece.doubt is Doubt.SHORT and piece.whole and shape_of(piece.whole) == likely.short and not shapes:
        yield Order(piece.whole, piece.line, piece.typed)
        return
    settled = _codes_to_take(piece, likely)
    if settled:
        yield from (Order(cased(code, shapes), piece.line, piece.typed) for code in settled)
        return
    offers = dict.fromkeys(cased(code, shapes) for code in (*piece.codes, piece.whole) if code)
    yield ToCheck(piece.line, piece.typed, piece.doubt, tuple(offers), piece.column)


def _codes_to_take(piece: Unsure, likely: _Likely) -> Sequence[str]:
    """The numbers within the piece that are meant without a doubt; none where there is one."""
    if piece.doubt in (Doubt.RANGE, Doubt.CUT) or not piece.codes:
        return ()
    fitting = [code for code in piece.codes if likely(code)]
    if piece.doubt is Doubt.PARTED:
        return fitting if len(fitting) == 1 else ()
    if likely.shapes:
        return fitting if len(fitting) == len(piece.codes) and not piece.whole else ()
    if piece.plain:
        return piece.codes
    standing_alone = [code for code in fitting if likely.list_of.is_like(code)]
    once = likely.habits[kind_of(shape_of(piece.whole))] == 1
    enough = fitting if piece.doubt is Doubt.JOINED or once else standing_alone
    return enough if len(enough) == len(piece.codes) else ()


def _misfit(order: Order, list_of: Standing, shapes: Sequence[str]) -> Order | ToCheck:
    """The order as one to be checked, if it does not look as it has to, which is as most others do."""
    number = order.number
    right = cased(number, shapes or [list_of.majority])
    if right != number:
        return ToCheck(order.line, order.typed, Doubt.CASE, (right,))
    if shapes and fits(number, shapes):
        return order
    return ToCheck(order.line, order.typed, Doubt.SHAPE, (number,))


def _is_in_other_case(number: str, kind: str, list_of: Standing, uppers: Collection[str]) -> bool:
    """Whether it has small letters where others that look like it have capitals, and is none of these."""
    capital = kind.upper()
    return capital != kind and list_of.frequency[capital] >= list_of.frequency[kind] and number.upper() not in uppers


def _is_slight(number: str, kind: str, list_of: Standing) -> bool:
    """Whether among long numbers it is a word with a digit or two: `A4`, `iPhone15`; `PO-88` and `CG7` are none."""
    if list_of.frequency[kind] > 1 or sum(map(str.isdigit, number)) > 4 or not number.isalnum():
        return False
    return not _is_named(number) and any(other.count("#") >= FEW_DIGITS for other in list_of.frequency)


def _torn(piece: Order | Unsure, following: Order | Unsure, likely: _Likely) -> ToCheck | None:
    """Two pieces that together look like the others of the list, and alone do not: a number with a break in it."""
    first, second = _alone(piece), _alone(following)
    if not first or not second or (likely.shapes and likely(first)):
        return None
    joined = first + second
    kinds = kinds_in([joined, first, second])
    if kinds[0].count("#") < FEW_DIGITS or kinds[0] in kinds[1:] or not likely(joined):
        return None
    return ToCheck(piece.line, f"{piece.typed} {following.typed}", Doubt.PARTED, (joined, first, second))


def _alone(piece: Order | Unsure) -> str:
    """What the piece is as it stands, if it may be a number or the beginning of one."""
    if type(piece) is Order:
        return piece.number
    return piece.whole if not piece.codes else ""  # type: ignore[union-attr]
