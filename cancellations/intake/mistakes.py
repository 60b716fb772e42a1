"""What a piece is that could pass for an order number and is none: spreadsheets make these out of order numbers.

A digit that a spreadsheet lost cannot be guessed back, so all of these are refused.
"""

import enum
import re

from cancellations.intake.headings import is_heading, is_placeholder


class Reason(enum.StrEnum):
    """Why a piece is not taken for an order number."""

    FORBIDDEN_CHARACTER = "forbidden_character"
    TOO_LONG = "too_long"
    NO_LETTER_OR_DIGIT = "no_letter_or_digit"
    NUMBER = "number"
    SCIENTIFIC = "scientific"
    DATE = "date"
    NOT_TEXT = "not_text"
    HEADING = "heading"
    PLACEHOLDER = "placeholder"
    LIST_MARK = "list_mark"
    FORMULA = "formula"


_YEAR, _MONTH, _DAY = "(?:19|20)[0-9]{2}", "(?:0?[1-9]|1[0-2])", "(?:0?[1-9]|[12][0-9]|3[01])"
_MONTH_NAME = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?)"
)
_TIME = "[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]+)?)?"
_DATES = [
    rf"{_YEAR}(?P<gap>[-/.]){_MONTH}(?P=gap){_DAY}(?:T{_TIME}Z?)?",
    rf"(?:{_MONTH}(?P<us>[-/.]){_DAY}(?P=us)|{_DAY}(?P<eu>[-/.]){_MONTH}(?P=eu)){_YEAR}",
    rf"(?:{_MONTH}/{_DAY}|{_DAY}/{_MONTH})/[0-9]{{2}}",
    rf"(?:{_YEAR}年)?{_MONTH}月(?:{_DAY}[日号])?",
    rf"{_DAY}[-/.]{_MONTH_NAME}(?:[-/.](?:{_YEAR}|[0-9]{{2}}))?",
    rf"{_MONTH_NAME}[-/.](?:{_YEAR}|[0-9]{{2}})",
    _TIME,
]
# A point or a plus must be there: `2E11` is an order number that somebody may have chosen.
_SCIENTIFIC = r"[-+]?[0-9](?:[.][0-9]+E[-+]?|E[+])[0-9]{1,3}"
_looks = re.compile(
    rf"(?P<number>[-+]?[0-9]+[.]0+)|(?P<scientific>{_SCIENTIFIC})|(?P<date>{'|'.join(_DATES)})", re.IGNORECASE
).fullmatch
_is_not_text = re.compile(r"TRUE|FALSE|#N/A|#[A-Z_]+(?:/0)?[?!]?|Err:[0-9]+").fullmatch
_digit = re.compile("[0-9]").search
_FIRST = frozenset("0123456789+-JFMASONDEjfmasond#")  # of everything above that has a digit


def mistaken(piece: str) -> Reason | None:
    """What it is instead of an order number, or None if there is no sign of that. `piece` is repaired already."""
    if not _digit(piece):
        if _is_not_text(piece):
            return Reason.NOT_TEXT
        if is_placeholder(piece):
            return Reason.PLACEHOLDER
        return Reason.HEADING if is_heading(piece) else None
    if piece[0] not in _FIRST:
        return None
    look = _looks(piece)
    if look:
        # Not lastgroup: the groups inside a date have names too.
        return next(Reason(name) for name in ("number", "scientific", "date") if look[name])
    return Reason.NOT_TEXT if _is_not_text(piece) else None
