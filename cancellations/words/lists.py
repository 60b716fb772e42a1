"""What is said of a list that somebody brings: rejected pieces, refused files, places."""

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cancellations.intake import Reason, Refusal

REJECTIONS = {
    Reason.FORBIDDEN_CHARACTER: gettext_lazy("A character that no order number has"),
    Reason.TOO_LONG: gettext_lazy("Longer than 40 characters"),
    Reason.NO_LETTER_OR_DIGIT: gettext_lazy("No letter, digit or Chinese character"),
    Reason.NUMBER: gettext_lazy("A number and not text: digits may be lost"),
    Reason.SCIENTIFIC: gettext_lazy("Scientific notation: digits are lost"),
    Reason.DATE: gettext_lazy("A date: the spreadsheet may have made it of an order number"),
    Reason.NOT_TEXT: gettext_lazy("Neither text nor a number"),
    Reason.HEADING: gettext_lazy("A heading or a total"),
}
# What exactly is wrong, and what to do about it, where the piece itself adds nothing.
EXPLANATIONS = {
    Reason.NO_LETTER_OR_DIGIT: gettext_lazy("only punctuation"),
    Reason.NUMBER: gettext_lazy(
        "leading zeros and digits after the 15th get lost; format the column as text and enter it anew"
    ),
    Reason.SCIENTIFIC: gettext_lazy("format the column as text and enter it anew"),
    Reason.DATE: gettext_lazy("format the column as text and enter it anew"),
    Reason.NOT_TEXT: gettext_lazy("a truth value or an error of the spreadsheet"),
    Reason.HEADING: gettext_lazy("it names or sums up other cells"),
}
REFUSED_FILES = {
    Refusal.EMPTY: gettext_lazy("The file is empty."),
    Refusal.NO_CONTENT: gettext_lazy("The workbook has no cell with anything in it."),
    Refusal.NOT_A_TABLE: gettext_lazy(
        "This is not a table that can be read. Save it as Excel (.xlsx) or CSV and choose it again."
    ),
    Refusal.LYING: gettext_lazy(
        "The name of the file promises another kind of file than it is: it is %(kind)s. Open it in your spreadsheet "
        "program, save it as Excel (.xlsx), and choose that file."
    ),
    Refusal.WRONG_KIND: gettext_lazy("Files of this kind are not read. Take Excel (.xlsx, .xls), ODS, CSV or text."),
    Refusal.ENCRYPTED: gettext_lazy(
        "The workbook is protected by a password. Save it without one and choose it again."
    ),
    Refusal.TOO_BIG_INSIDE: gettext_lazy(
        "Unpacked, the file is far too large, or it claims cells that are not there. Copy the column with the order "
        "numbers into a new workbook and choose that one."
    ),
    Refusal.TOO_SLOW: gettext_lazy(
        "Reading the file takes too long. Copy the column with the order numbers into a new workbook and choose "
        "that one."
    ),
    Refusal.BROKEN: gettext_lazy(
        "The file is damaged, or it is no workbook. Open it, save it anew, and choose it again."
    ),
    Refusal.TOO_MANY_ROWS: gettext_lazy("The table is far longer than one request may be. Split it."),
    Refusal.BUSY: gettext_lazy("The server is reading other files at this moment. Try again in some seconds."),
}
KINDS = {
    "text": gettext_lazy("text"),
    "html": gettext_lazy("a web page (HTML), as some systems export it"),
    "xml": gettext_lazy("XML"),
    "xlsx": gettext_lazy("an Excel workbook (.xlsx)"),
    "xls": gettext_lazy("an old Excel workbook (.xls)"),
    "ods": gettext_lazy("an OpenDocument table (.ods)"),
    "zip": gettext_lazy("an archive or another Office document"),
    "pdf": gettext_lazy("a PDF"),
    "image": gettext_lazy("a picture"),
}


def too_large():
    return _("The file is larger than %(limit)d MB.") % {"limit": settings.UPLOAD_MAX_MB}


def why_file_refused(refused):
    """The sentence for a FileRefused."""
    return str(REFUSED_FILES[refused.reason]) % {"kind": KINDS.get(refused.detail, _("something else"))}


def why_rejected(piece):
    """What exactly is wrong with a rejected piece of a list."""
    if piece.reason is Reason.FORBIDDEN_CHARACTER:
        return _("“%(character)s” (%(name)s) cannot be in an order number") % {
            "character": piece.character if piece.character.isprintable() else "□",
            "name": piece.character_name,
        }
    if piece.reason is Reason.TOO_LONG:
        return _("%(length)s characters; an order number has at most 40") % {"length": f"{piece.length:,}"}
    return str(EXPLANATIONS[piece.reason])


def place(reading, line, column=""):
    """Where something stands: `采购!B7` in a workbook, `B7` in another table, the number of the line in a text."""
    if not reading.choice:
        return str(line)
    sheet = reading.sheets[reading.choice.sheet].name
    return f"{sheet}!{column}{line}" if sheet else f"{column}{line}"


def column_letter(reading):
    """The letter of the column that was read; '' if it was every column."""
    return next((column.letter for column in reading.columns if column.index == reading.choice.column), "")
