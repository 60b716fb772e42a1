"""What is said of a list that somebody brings: rejected pieces, refused files, places."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from cancellations.intake import Doubt, FileRefused, Reason, Refusal, Rejected, Unread

REJECTIONS = {
    Reason.FORBIDDEN_CHARACTER: gettext_lazy("Contains a character that order numbers cannot have"),
    Reason.TOO_LONG: gettext_lazy("Longer than 40 characters"),
    Reason.NO_LETTER_OR_DIGIT: gettext_lazy("No letter, digit or Chinese character"),
    Reason.NUMBER: gettext_lazy("Stored as a number: digits may be lost"),
    Reason.SCIENTIFIC: gettext_lazy("Scientific notation: digits are lost"),
    Reason.DATE: gettext_lazy("Looks like a date: the spreadsheet may have converted an order number"),
    Reason.NOT_TEXT: gettext_lazy("Neither text nor a number"),
    Reason.HEADING: gettext_lazy("Heading or total"),
    Reason.PLACEHOLDER: gettext_lazy("Placeholder for a missing number"),
    Reason.LIST_MARK: gettext_lazy("Number or mark of a list item"),
    Reason.FORMULA: gettext_lazy("Formula without a stored result"),
}
# What exactly is wrong, and what to do about it, where the piece itself adds nothing.
EXPLANATIONS = {
    Reason.NO_LETTER_OR_DIGIT: gettext_lazy("punctuation only"),
    Reason.NUMBER: gettext_lazy(
        "leading zeros and digits after the 15th are lost; format the column as text and enter it again"
    ),
    Reason.SCIENTIFIC: gettext_lazy("format the column as text and enter it again"),
    Reason.DATE: gettext_lazy("format the column as text and enter it again"),
    Reason.NOT_TEXT: gettext_lazy("a boolean or an error value of the spreadsheet"),
    Reason.HEADING: gettext_lazy("a heading or a sum of other cells"),
    Reason.PLACEHOLDER: gettext_lazy("says that there is no number"),
    Reason.LIST_MARK: gettext_lazy("the order number stands behind it"),
    Reason.FORMULA: gettext_lazy("open the workbook in a spreadsheet program, save it and choose it again"),
}
# The likelier a number is meant, the earlier.
DOUBTS = {
    Doubt.SHAPE: gettext_lazy("Looks different from the other order numbers"),
    Doubt.CASE: gettext_lazy("Upper and lower case differ from the other order numbers"),
    Doubt.JOINED: gettext_lazy("Order number within other text"),
    Doubt.RANGE: gettext_lazy("A range: the numbers between its ends are not added"),
    Doubt.PARTED: gettext_lazy("An order number that may have been split"),
    Doubt.CUT: gettext_lazy("An order number that may be cut off"),
    Doubt.SHORT: gettext_lazy("Looks like an amount, a date, a phone number or a line number"),
    Doubt.WORD: gettext_lazy("Text without a digit"),
}
UNREAD = {
    Unread.BLANK: gettext_lazy("Rows with content but without an order number"),
    Unread.BADLY_QUOTED: gettext_lazy("Rows with an unmatched quotation mark: check their cells"),
    Unread.ODD_CHARACTERS: gettext_lazy("Rows with unreadable characters"),
}
REFUSED_FILES = {
    Refusal.EMPTY: gettext_lazy("The file is empty."),
    Refusal.NO_CONTENT: gettext_lazy("The workbook is empty."),
    Refusal.NOT_A_TABLE: gettext_lazy(
        "The file is not a readable table: it is %(kind)s. Open it in a spreadsheet program, save it as Excel "
        "(.xlsx), and choose the new file."
    ),
    Refusal.WRONG_KIND: gettext_lazy(
        "This file type is not supported. Use Excel (.xlsx, .xlsb, .xls), ODS, CSV or text."
    ),
    Refusal.ENCRYPTED: gettext_lazy(
        "The workbook is password-protected. Save it without a password and choose it again."
    ),
    Refusal.TOO_BIG_INSIDE: gettext_lazy(
        "The file is too large when unpacked, or declares cells that do not exist. Copy the order "
        "numbers into a new workbook and choose that one."
    ),
    Refusal.TOO_SLOW: gettext_lazy(
        "Reading the file takes too long. Copy the order numbers into a new workbook and choose that one."
    ),
    Refusal.BROKEN: gettext_lazy(
        "The file is damaged or not a workbook. Open it, save it again, and choose the new file."
    ),
    Refusal.TOO_MANY_ROWS: gettext_lazy("The table is far longer than one request allows. Split it."),
    Refusal.BUSY: gettext_lazy(
        "Many lists are being read at the moment. Choose the file again in a few seconds; everything else is kept."
    ),
}
KEPT = gettext_lazy("Many lists are being read at the moment. Try again in a few seconds; your list is kept.")
TOO_LONG = gettext_lazy("The pasted text is far longer than one request allows. Paste part of it.")
KINDS = {
    "html": gettext_lazy("a web page (HTML), as exported by some systems"),
    "xml": pgettext_lazy("file type", "XML"),
    "zip": gettext_lazy("an archive or another Office document"),
    "pdf": gettext_lazy("a PDF"),
    "image": gettext_lazy("a picture"),
}


def too_large() -> str:
    return _("The file is larger than %(limit)d MB.") % {"limit": settings.UPLOAD_MAX_MB}


def why_refused(refused: FileRefused, *, is_new_file: bool, is_paste: bool) -> str:
    """The sentence for a FileRefused; of a file that came with this form, of one that is kept, or of a paste."""
    if refused.reason is Refusal.BUSY and not is_new_file:
        return str(KEPT)
    if is_paste:
        return str(TOO_LONG)
    return str(REFUSED_FILES[refused.reason]) % {"kind": KINDS.get(refused.detail, _("something else"))}


def why_rejected(piece: Rejected) -> str:
    """What exactly is wrong with a rejected piece of a list."""
    if piece.reason is Reason.FORBIDDEN_CHARACTER:
        return _("contains “%(character)s” (%(name)s), which order numbers cannot have") % {
            "character": piece.character if piece.character.isprintable() else "□",
            "name": piece.character_name,
        }
    if piece.reason is Reason.TOO_LONG:
        return _("%(length)s characters; order numbers have at most 40") % {"length": f"{piece.length:,}"}
    return str(EXPLANATIONS[piece.reason])


def not_taken(reading: Any, intake: Any) -> Iterator[tuple[str, str, str]]:
    """(place, value, reason) of everything that a list holds and that is not taken from it."""
    for piece in intake.rejected:
        yield place(reading, piece.line, piece.column), piece.value, why_rejected(piece)
    for piece in intake.to_check:
        yield place(reading, piece.line, piece.column), piece.value, str(DOUBTS[piece.doubt])
    for order in intake.hidden:
        yield place(reading, order.line, column_letter(reading)), order.number, _("hidden row")
    for gap in reading.gaps:
        for row in gap.rows:
            yield place(reading, row, column_letter(reading)), "", str(UNREAD[gap.why])
    for duplicate in intake.duplicates:
        why = _("duplicate of %(place)s") % {"place": place(reading, duplicate.first_line, column_letter(reading))}
        yield place(reading, duplicate.line, column_letter(reading)), duplicate.number, why


def place(reading: Any, line: int, column: str = "") -> str:
    """Where something stands: `采购!B7` in a workbook, `B7` in another table, the number of the line in a text."""
    if not reading.choice:
        return str(line)
    if "!" in column:
        return f"{column}{line}"
    sheet = reading.sheets[reading.choice.sheet].name
    return f"{sheet}!{column}{line}" if sheet else f"{column}{line}"


def column_letter(reading: Any) -> str:
    """The letter of the column that was read; '' if it was every column."""
    return next((column.letter for column in reading.columns if column.index == reading.choice.column), "")
