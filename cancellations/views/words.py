"""Sentences that several pages share."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cancellations.intake import Reason
from cancellations.models import Operation

REJECTIONS = {
    Reason.FORBIDDEN_CHARACTER: gettext_lazy("A character that no order number has"),
    Reason.TOO_LONG: gettext_lazy("Longer than 40 characters"),
    Reason.NO_LETTER_OR_DIGIT: gettext_lazy("No letter, digit or Chinese character"),
}


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
    return _("only punctuation")
