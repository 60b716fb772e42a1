"""What a piece of a list is: surely an order number, surely none, or something that a person has to look at.

The rule for an order number is the ERP's (reference section 3): a seller may choose up to 40 letters, digits and
Chinese characters, with `-`, `_`, `.` and `/` among them. Nearly every word is one by that rule, so that the look
decides: what nobody would doubt is taken, what could be meant is offered, and the rest is rejected with its reason.
"""

import enum
import re
import unicodedata
from typing import NamedTuple

from cancellations.intake.headings import is_heading
from cancellations.intake.mistakes import Reason, mistaken
from cancellations.intake.shapes import LONGEST, kind_of, shape_of

LONGEST_SHOWN = 200  # characters of what was typed that are kept to be shown

_CHINESE = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_NAMING = f"A-Za-z0-9{_CHINESE}"
is_number = re.compile(rf"(?=[-_./]{{0,{LONGEST - 1}}}[{_NAMING}])[-_./{_NAMING}]{{1,{LONGEST}}}").fullmatch
# Most numbers of most lists: letters with digits behind them, which nothing else that is known looks like.
is_surely_number = re.compile(r"[A-Za-z]{1,12}[0-9]{1,24}(?:-[0-9]{1,5})?").fullmatch
_digits_of = re.compile("[0-9]+").findall
_digit, _digits = re.compile("[0-9]").search, re.compile("[0-9]").findall
_letter, _chinese = re.compile("[A-Za-z]").search, re.compile(f"[{_CHINESE}]").search
_forbidden = re.compile(rf"[^-_./{_NAMING}]").search

# A number within other characters: letters and digits enough that no word, amount or date looks like it.
_codes = re.compile(
    "(?<![A-Za-z0-9])(?:[A-Za-z]{1,8}+[-_]?[0-9]{4,36}+(?:-[0-9]{1,5}(?![0-9]))?|[0-9]{8,40}+)(?![A-Za-z0-9])"
)
_CODE = r"[A-Za-z]{0,8}-?[0-9]{6,36}"
_is_code = re.compile(_CODE).fullmatch
_runs = re.compile("[A-Za-z]{1,8}[0-9]{6,}").findall
_joints = re.compile("[-_./]").split

# Typed by Chinese input methods: the forms of ASCII as wide as a Chinese character.
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
# Copied along from pages, chats and spreadsheets: byte order marks, joiners, directions of writing, soft hyphens.
_INVISIBLE = [0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF]
_REPAIRS = _WIDE | dict.fromkeys(_INVISIBLE)
_may_need_repair = re.compile(f"[{''.join(map(chr, _REPAIRS))}]").search

_QUOTES = "\"'“”‘’「」『』"
_BRACKETS = "()[]{}<>《》〈〉【】〔〕`" + _QUOTES
_MARKS = "#@&+=|!。！？、，·•●○■□◆◇★☆✓✔→:：;；" + _BRACKETS
_apart = re.compile("([A-Z]{1,4})[:#=+*|]+([0-9]{5,36})").fullmatch
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣"), "-")
_guarded = re.compile('=(?:T\\()?["“”](.+?)["“”]\\)?').fullmatch
_cut = re.compile(r"[A-Za-z0-9](?:\*|\?|…|[.]{2})|(?:\*|…|[.]{2})[A-Za-z0-9]").search

_amount = re.compile(r"[-+]?[0-9]+(?:[.][0-9]+)?(?:[A-Za-z]{1,4})?|[-+]?[0-9]*[.][0-9]+").fullmatch
_phone = re.compile(r"(?:.*[^0-9])?1[3-9][0-9]{9}|0[0-9]{2,3}-[0-9]{7,8}|400-?[0-9]{3}-?[0-9]{4}").fullmatch
_bar_code = re.compile(r"69[0-9]{11}").fullmatch
_day = re.compile(r"20[0-9]{2}[-/.]?(?:0[1-9]|1[0-2])(?:[-/.]?(?:0[1-9]|[12][0-9]|3[01]))?").fullmatch
_in_chinese = re.compile(
    rf"[{_NAMING}]*[{_CHINESE}](?:[-_./][-_./{_NAMING}]*[0-9]+|[A-Za-z]{{0,8}}[0-9]{{4,}})[-_./0-9]*"
).fullmatch

# On a whole line or in a whole cell, before it is parted at its blanks and commas.
_apart_by = "[,'’\u00a0\u2009\u202f]"
_thousands = rf"(?<![0-9.,])[0-9]{{1,3}}(?:(?:{_apart_by}[0-9]{{3}}){{2,12}}|(?: [0-9]{{3}}){{3,12}})(?![0-9.,])"
_serial = "(?P<serial>[0-9]{5,36}|[0-9]{2,8}(?: [0-9]{2,8}){1,5})"
_prefixed = rf"(?<![A-Za-z0-9])(?P<prefix>[A-Z]{{1,4}})[ \u00a0\u3000]{{1,3}}{_serial}(?![A-Za-z0-9])"
_to = "(?: ?(?:[~〜∼–—―−至到]{1,3}|->|--) ?| - )"
_range = rf"(?<![A-Za-z0-9])(?P<from>{_CODE}){_to}(?P<to>{_CODE}|[0-9]{{1,5}})(?![A-Za-z0-9])"
specials = re.compile(f"(?P<range>{_range})|(?P<thousands>{_thousands})|(?P<parted>{_prefixed})").finditer
_may_be_special = re.compile(
    "[~〜∼–—―−至到>]|--| - |[0-9][,'’\u00a0\u2009\u202f ][0-9]{3}|[A-Z][ \u00a0\u3000]{1,3}[0-9]"
).search
list_mark = re.compile(
    r"(?:>[> ]{0,20}(?=\s|$)|[-*•·●○■□◆◇★☆✓✔→]+(?=\s)|[•·●○■□◆◇★☆✓✔→]"  # quoted mails, bullets
    r"|[(（]?[0-9]{1,4}(?:[、)）]|[.．](?![0-9]))|[(（]?[一二三四五六七八九十]{1,3}[、)）.]"
    r"|(?:No|NO|no|Nr)[.．]? ?[0-9]{1,4}[.:：、)）]?(?=\s)|#[0-9]{1,4}[.:：、)）]?(?=\s)"
    r"|第[0-9]{1,4}[条行个单笔项][:：、]?|[①-⓿㈠-㈩㊀-㊉❶-❿])[ \t\u3000]{0,20}(?=\S)"
).match

# Before a number in the middle of a line: `1.CG1、2.CG2`.
ordinal = re.compile(r"[(（]?([0-9]{1,4})(?:[)）]|[.．](?![0-9]))(?=\S)").match


class Doubt(enum.StrEnum):
    """Why a person has to look at a piece before it is taken."""

    WORD = "word"
    SHORT = "short"
    SHAPE = "shape"
    CASE = "case"
    JOINED = "joined"
    RANGE = "range"
    PARTED = "parted"
    CUT = "cut"


class Order(NamedTuple):
    """An order number, the line of the text or the row of the table where it stands, and how it was typed there."""

    number: str
    line: int
    typed: str


class ToCheck(NamedTuple):
    """A piece that may hold an order number: `offers` are the numbers that can be taken from it, the likelier first."""

    line: int
    value: str
    doubt: Doubt
    offers: tuple[str, ...]
    column: str = ""


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


class Unsure(NamedTuple):
    """A piece that only the rest of the list can judge.

    `whole` is the piece if it may be a number as it stands, else ""; `codes` are the numbers that stand within it.
    `plain` says that nothing but marks and words stands around these.
    """

    line: int
    column: str
    typed: str
    doubt: Doubt
    whole: str
    codes: tuple[str, ...] = ()
    plain: bool = False


def repaired(text: str) -> str:
    """What was typed as one number, or as its beginning: full-width forms narrowed, invisible characters removed."""
    return text.translate(_REPAIRS).strip()


def narrowed(text: str) -> str:
    """The same for a text of which the blanks count."""
    return text if text.isascii() or not _may_need_repair(text) else text.translate(_REPAIRS)


def shown(typed: str) -> str:
    """What was typed, cut where it is longer than a page can use."""
    return typed if len(typed) <= LONGEST_SHOWN else typed[:LONGEST_SHOWN] + "…"


def may_be_special(text: str) -> bool:
    """Whether it is worth while to look for what blanks and commas must not part."""
    return bool(_may_be_special(text))


def special(found: re.Match[str], line: int, column: str) -> Unsure:
    """A range, a number with commas among its digits, or one with a blank behind its letters."""
    typed = shown(found[0])
    if found["range"]:
        first, last = found["from"], found["to"]
        if len(last) < len(first) and last.isdigit():
            last = first[: -len(last)] + last
        return Unsure(line, column, typed, Doubt.RANGE, "", (first, last))
    if found["thousands"]:
        parts = _digits_of(found[0])
        return Unsure(line, column, typed, Doubt.PARTED, "", ("".join(parts), *parts))
    serial = found["serial"].replace(" ", "")
    joined = found["prefix"] + serial
    codes = (serial, joined) if is_heading(found["prefix"]) else (joined, serial)
    return Unsure(line, column, typed, Doubt.PARTED, "", codes)


def judged(typed: str, narrow: str, line: int, column: str) -> Order | Unsure | Rejected | None:
    """The piece by itself, as it was typed and without wide and invisible characters; None if nothing can be seen."""
    if is_surely_number(narrow):
        return Order(narrow, line, shown(typed))
    bare = narrow.strip(_QUOTES) or narrow
    if is_surely_number(bare):
        return Order(bare, line, shown(typed))
    if not bare:
        return None
    reason = mistaken(bare) if len(bare) <= LONGEST else None
    if reason:
        return Rejected(line, shown(typed), reason, "", len(bare), column)
    guarded = _guarded(narrow)
    number = (guarded[1] if guarded else narrow).strip(_MARKS) or bare
    if is_surely_number(number) and not _cut(narrow):
        return Order(number, line, shown(typed))
    codes = tuple(dict.fromkeys(_glued(number) or _codes.findall(number))) if _digit(number) else ()
    if not is_number(number):
        return _with_foreign(number, bare, typed, codes, line, column)
    doubt = Doubt.CUT if codes and _cut(narrow) else _doubt(number, codes)
    if doubt is None:
        return Order(number, line, shown(typed))
    within = tuple(code for code in codes if code != number)
    return Unsure(line, column, shown(typed), doubt, number, within, _is_labelled(number, within))


def numbers_within(number: str) -> tuple[str, ...]:
    """The other numbers that stand in an order number as it was taken: it may be a joined or a torn one."""
    piece = judged(number, number, 0, "")
    return tuple(code for code in piece.codes if code != number) if isinstance(piece, Unsure) else ()


def _glued(number: str) -> list[str]:
    """The numbers of a piece in which several follow each other without anything between; none if it is not one."""
    parts = _runs(number) if len(number) <= LONGEST * 2 else []
    kinds = {kind_of(shape_of(part)) for part in parts}
    return parts if len(parts) > 1 and len(kinds) == 1 and "".join(parts) == number else []


def _is_labelled(number: str, codes: tuple[str, ...]) -> bool:
    """Whether the number stands right behind a word that says so: `单号CG2304260001`."""
    label = number.removesuffix(codes[0]) if len(codes) == 1 else ""
    return label.endswith(("号", "号码", ".")) and label != number and is_heading(label)


def _with_foreign(
    number: str, bare: str, typed: str, codes: tuple[str, ...], line: int, column: str
) -> Unsure | Rejected:
    """A piece with characters that no number has: the numbers between them, if that is what they are."""
    apart = _apart(number)
    if apart and not is_heading(apart[1]):  # `CG:2304260001`: a label, or the letters that belong to it
        return Unsure(line, column, shown(typed), Doubt.PARTED, "", (apart[1] + apart[2], apart[2]))
    if not codes or "\ufffd" in number:
        return rejected(bare, line, typed, column, None)
    hyphened = number.translate(_DASHES)
    if is_number(hyphened):  # not the hyphen of the keyboard, but one that looks like it
        return Unsure(line, column, shown(typed), Doubt.JOINED, hyphened, codes)
    if _cut(number):
        return Unsure(line, column, shown(typed), Doubt.CUT, "", codes)
    rest = number
    for code in codes:
        rest = rest.replace(code, "\0")
    if _digit(rest) or re.search(r"[A-Za-z][-_./]*[^-_./A-Za-z\0]?\0|\0[-_./]|[-_./]\0|\0@?[A-Za-z]", rest):
        label, _, behind = rest.partition("\0")
        plain = not behind and not _digit(rest) and is_heading(label)
    else:
        plain = all(mark in _MARKS or mark == "\0" or _chinese(mark) or _letter(mark) for mark in rest)
    plain = plain and not any(_phone(code) or _bar_code(code) or _day(code) for code in codes)
    return Unsure(line, column, shown(typed), Doubt.JOINED, "", codes, plain)


def _doubt(number: str, codes: tuple[str, ...]) -> Doubt | None:
    """What speaks against a piece that the ERP's rule would let pass; None if nothing does."""
    digits = len(_digits(number))
    if not digits:
        return Doubt.WORD
    if _phone(number) or _bar_code(number) or _day(number) or (digits <= 5 and _amount(number)):
        return Doubt.SHORT
    if _amount(number) and "." in number:
        return Doubt.SHORT
    if _glued(number) or _is_labelled(number, codes):
        return Doubt.JOINED
    parts = [part for part in _joints(number) if _is_code(part)]
    if len(parts) > 1 and len({kind_of(shape_of(part)) for part in parts}) == 1:
        return Doubt.RANGE if "-" in number else Doubt.JOINED
    if _chinese(number):
        if len(codes) > 1 or any(_letter(code) for code in codes):
            return Doubt.SHAPE if len(codes) == 1 and _in_chinese(number) else Doubt.JOINED
        label = re.split("[-_./0-9]", number, maxsplit=1)[0]
        if not _in_chinese(number) or is_heading(label):
            return Doubt.JOINED if codes else Doubt.WORD
        return None
    if not _letter(number) and digits < 6:
        return Doubt.SHORT
    return Doubt.SHAPE if number[-1] in "-_./" or number[0] in "-_./" else None


def rejected(number: str, line: int, typed: str, column: str, reason: Reason | None) -> Rejected:
    """The piece with its reason, which is found if none is given."""
    forbidden = None if reason else _forbidden(number)
    if forbidden:
        reason = Reason.FORBIDDEN_CHARACTER
    elif not reason:
        reason = Reason.TOO_LONG if len(number) > LONGEST else Reason.NO_LETTER_OR_DIGIT
    return Rejected(line, shown(typed), reason, forbidden[0] if forbidden else "", len(number), column)
