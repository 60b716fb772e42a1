"""What the rest of a list says of its pieces: what looks like the others is meant, what does not is to be checked."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from cancellations.intake.pieces import Doubt, Order, ToCheck, Unsure
from cancellations.intake.shapes import FEW_DIGITS, Standing, cased, fits, kind_of, kinds_in, shape_of, standing

_is_named = re.compile("(?:CG|PO|PR|DD|SO)[0-9]", re.IGNORECASE).match


def settled(found: Sequence[Order | Unsure], shapes: Sequence[str], strict: bool) -> Iterator[Order | ToCheck]:
    """What the list as a whole says of each piece: it is an order, or to be checked.

    `shapes` are those of the seller account, if they are known; `strict` lets a number not look different from others.
    """
    numbers = [piece[0] for piece in found if type(piece) is Order]
    list_of = standing(numbers)
    if len(numbers) == len(found) and not shapes and len(list_of.frequency) == 1:
        yield from found  # type: ignore[misc]  # nothing is in doubt
        return
    unsure = [piece for piece in found if type(piece) is Unsure]
    joined = [piece for piece in unsure if piece.doubt in (Doubt.JOINED, Doubt.SHAPE)]
    within = Counter(kind_of(shape_of(code)) for piece in joined for code in piece.codes if not code.isdigit())
    habits = Counter(kind_of(shape_of(piece.whole)) for piece in unsure if piece.doubt is Doubt.SHAPE)
    short = Counter(shape_of(piece.whole) for piece in unsure if piece.doubt is Doubt.SHORT)
    [(shape, count)] = short.most_common(1) or [("", 0)]
    alone = not list_of.frequency and not within and count * 2 > short.total()
    likely = _Likely(shapes, list_of, within, habits, shape if alone else "")
    kinds = kinds_in([_alone(piece) for piece in found])
    uppers = {number for number in numbers if number.isupper()}
    place = 0
    while place < len(found):
        piece, kind = found[place], kinds[place]
        rare = bool(shapes) or list_of.frequency[kind] < 2
        torn = _torn(piece, found[place + 1], likely) if rare and place + 1 < len(found) else None
        place += 2 if torn else 1
        if torn:
            yield torn
        elif isinstance(piece, Unsure):
            yield from _of_unsure(piece, likely)
        else:
            yield _of_order(piece, kind, likely, uppers, strict)


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


def _of_unsure(piece: Unsure, likely: _Likely) -> Iterator[Order | ToCheck]:
    """The numbers within the piece, if they are meant without a doubt; else the piece with what it offers."""
    shapes, shape = likely.shapes, shape_of(piece.whole)
    if piece.doubt is Doubt.SHORT and shape and shape == likely.short and not shapes:
        yield Order(piece.whole, piece.line, piece.typed)
        return
    fitting = [code for code in piece.codes if likely(code)]
    if piece.doubt is Doubt.PARTED:
        meant: Sequence[str] = fitting if len(fitting) == 1 else ()
    elif piece.doubt in (Doubt.RANGE, Doubt.CUT) or (shapes and piece.whole):
        meant = ()
    elif piece.plain and not shapes:
        meant = piece.codes
    else:
        if not (shapes or piece.doubt is Doubt.JOINED or likely.habits[kind_of(shape)] == 1):
            fitting = [code for code in fitting if likely.list_of.is_like(code)]
        meant = fitting if len(fitting) == len(piece.codes) else ()
    yield from (Order(cased(code, shapes), piece.line, piece.typed) for code in meant)
    if not meant:
        offers = dict.fromkeys(cased(code, shapes) for code in (*piece.codes, piece.whole) if code)
        yield ToCheck(piece.line, piece.typed, piece.doubt, tuple(offers), piece.column)


def _of_order(order: Order, kind: str, likely: _Likely, uppers: Collection[str], strict: bool) -> Order | ToCheck:
    """The order as one to be checked, if it does not look as it has to, which is as most others do."""
    number, list_of = order.number, likely.list_of
    if not likely.shapes:
        alike, capital = list_of.frequency[kind], kind.upper()
        # It has small letters where others that look like it have capitals, and is none of these.
        if capital != kind and list_of.frequency[capital] >= alike and number.upper() not in uppers:
            return ToCheck(order.line, order.typed, Doubt.CASE, (number.upper(),))
        # Among long numbers a word with a digit or two: `A4`, `iPhone15`; `PO-88` and `CG7` are none.
        is_slight = alike < 2 and number.isalnum() and sum(map(str.isdigit, number)) < 5 and not _is_named(number)
        if strict and is_slight and any(other.count("#") >= FEW_DIGITS for other in list_of.frequency):
            return ToCheck(order.line, order.typed, Doubt.SHORT, (number,))
        if not strict or not list_of.majority or kind == list_of.majority:
            return order
    right = cased(number, likely.shapes or [list_of.majority])
    if right != number:
        return ToCheck(order.line, order.typed, Doubt.CASE, (right,))
    if likely.shapes and fits(number, likely.shapes):
        return order
    return ToCheck(order.line, order.typed, Doubt.SHAPE, (number,))


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
