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
