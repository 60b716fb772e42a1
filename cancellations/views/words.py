"""Sentences that several pages share."""

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cancellations.intake import Reason, Refusal
from cancellations.models import ErpStatus, Operation, OrderLine, OrderSnapshot, StockinStatus, Verdict
from cancellations.templatetags.figures import money, quantity

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


def promise(operation, count, shop):
    """What approving leads to: 'Cancel 187 purchase orders of shop X.'"""
    sentences = {
        Operation.CANCEL: ngettext(
            "Cancel %(count)s purchase order of the shop “%(shop)s”.",
            "Cancel %(count)s purchase orders of the shop “%(shop)s”.",
            count,
        ),
        Operation.STOP_WAITING: ngettext(
            "Stop waiting for the goods of %(count)s purchase order of the shop “%(shop)s”.",
            "Stop waiting for the goods of %(count)s purchase orders of the shop “%(shop)s”.",
            count,
        ),
        Operation.WMS_STOP_WAITING: ngettext(
            "Make the warehouse's WMS stop waiting for the goods of %(count)s purchase order of the shop “%(shop)s”.",
            "Make the warehouse's WMS stop waiting for the goods of %(count)s purchase orders of the shop “%(shop)s”.",
            count,
        ),
    }
    return sentences[operation] % {"count": f"{count:,}", "shop": shop.name}


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


# filter of the list of orders -> how it is named when it is applied
FILTERS = {
    "outcome": gettext_lazy("Outcome"),
    "forecast": gettext_lazy("Forecast"),
    "is_changed": gettext_lazy("changed since the submission"),
    "supplier": gettext_lazy("Supplier"),
    "warehouse": gettext_lazy("Warehouse"),
}
SORTS = {
    "": gettext_lazy("as in the list"),
    "order": gettext_lazy("purchase order number"),
    "-amount": gettext_lazy("amount, the largest first"),
    "amount": gettext_lazy("amount, the smallest first"),
    "supplier": gettext_lazy("supplier"),
    "warehouse": gettext_lazy("warehouse"),
    "-quantity": gettext_lazy("quantity, the largest first"),
    "forecast": gettext_lazy("forecast"),
    "status": gettext_lazy("status in the ERP"),
    "-changed": gettext_lazy("last change in the ERP, the newest first"),
    "outcome": gettext_lazy("outcome"),
}
CODES = {"outcome": OrderLine.Outcome, "forecast": Verdict, "status": ErpStatus, "stockin_status": StockinStatus}


def filter_label(name, value):
    """`Supplier: 杭州明达`; a filter that has one value only is its own label."""
    if name == "is_changed":
        return str(FILTERS[name])
    shown = _("not looked up") if (name, value) == ("forecast", "none") else _label(name, value)
    return f"{FILTERS[name]}: {shown}"


def changes(snapshot):
    """[(what, before, now)] of what has changed in an order since it was submitted, in words."""
    return [
        (OrderSnapshot._meta.get_field(name).verbose_name, _label(name, before), _label(name, now))
        for name, (before, now) in snapshot.changes.items()
    ]


def _label(name, value):
    if value in (None, ""):
        return "–"
    if isinstance(value, bool):
        return _("visible") if value else _("not visible")
    if name in CODES:
        return dict(CODES[name].choices).get(value, value)
    return quantity(value) if name.endswith("_count") else money(value) if name == "total_fee" else value


def sorts(undecided):
    """[(value of `sort`, label)]: an outcome is there after the decision, a forecast counts before it."""
    return [(value, label) for value, label in SORTS.items() if value != ("outcome" if undecided else "forecast")]
