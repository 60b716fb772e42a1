"""What a clerk can ask for, and what was changed of it in a draft."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from cancellations.models import Operation, ReasonKind
from cancellations.words.times import to_the_minute

OPERATIONS = {
    Operation.CANCEL: gettext_lazy("The purchase order is closed in the ERP; nothing of it is expected any more."),
    Operation.STOP_WAITING: gettext_lazy("For partly stocked-in orders: the remaining goods are not waited for."),
    Operation.WMS_STOP_WAITING: gettext_lazy("The same for orders that were pushed to an outsourced warehouse."),
}


def operations() -> list[tuple[int, SafeString]]:
    """[(operation, what it is called and what it does)] to choose from."""
    return [
        (
            operation.value,
            format_html('<span>{}</span> <small class="muted">{}</small>', operation.label, OPERATIONS[operation]),
        )
        for operation in Operation
    ]


DRAFT_FIELDS = {
    "operation": pgettext_lazy("label", "Operation"),
    "allow_checked": gettext_lazy("Also cancel orders awaiting check or already checked"),
    "reason_kind": pgettext_lazy("reason", "Category"),
    "reason": pgettext_lazy("label", "Reason"),
    "wanted_by": gettext_lazy("Wanted by"),
}


def change_of_draft(field: str, before: Any, after: Any) -> str:
    """`Operation: Cancel → Stop waiting`, from what an event keeps of the change."""
    return f"{DRAFT_FIELDS[field]}{pgettext('clause', ': ')}{_of_draft(field, before)} → {_of_draft(field, after)}"


def _of_draft(field, value):
    if isinstance(value, bool):
        return pgettext("answer", "yes") if value else pgettext("answer", "no")
    if value in (None, ""):
        return "–"
    if field == "wanted_by":
        return to_the_minute(value)
    choices = {"operation": Operation, "reason_kind": ReasonKind}.get(field)
    return str(choices(value).label) if choices else value
