"""The history in words: filters that are applied, and what stands over the columns."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Choices
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from cancellations.models import Operation, OrderLine, ReasonKind
from cancellations.words.numbers import money

# filter -> how it is named when it is applied
FILTERS = {
    "order_no": gettext_lazy("Order number"),
    "shop": gettext_lazy("Seller account"),
    "outcome": pgettext_lazy("label", "Outcome"),
    "since": gettext_lazy("Submitted from"),
    "until": gettext_lazy("Submitted until"),
    "operation": pgettext_lazy("label", "Operation"),
    "known_by": gettext_lazy("Outcome source"),
    "why": pgettext_lazy("label", "Explanation"),
    "supplier": pgettext_lazy("label", "Supplier"),
    "warehouse": pgettext_lazy("label", "Warehouse"),
    "purchaser": pgettext_lazy("label", "Purchaser"),
    "amount": gettext_lazy("Amount at least"),
    "reason_kind": pgettext_lazy("reason", "Category"),
    "reason": pgettext_lazy("label", "Reason"),
    "words": gettext_lazy("ERP message"),
    "requester": pgettext_lazy("label", "Requester"),
    "decider": pgettext_lazy("label", "Approver"),
    "number": gettext_lazy("Request number"),
}
SHORT_KNOWN_BY = {
    OrderLine.KnownBy.REPORTED: pgettext_lazy("outcome source", "reported"),
    OrderLine.KnownBy.VERIFIED: pgettext_lazy("outcome source", "verified"),
    OrderLine.KnownBy.BY_HAND: pgettext_lazy("outcome source", "manual"),
}


def labels(choices: type[Choices]) -> dict[Any, str]:
    """{code: label} in the reader's language; made once for many rows."""
    return {code: str(label) for code, label in choices.choices}


def filter_labels(filters: Any, shops: Mapping[int, str]) -> dict[str, str]:
    """{name: 'Outcome: Unknown'} of the filters that are applied."""
    codes = {"outcome": OrderLine.Outcome, "operation": Operation, "why": OrderLine.Why, "reason_kind": ReasonKind}
    found = {}
    for name, label in FILTERS.items():
        shown = value = getattr(filters, name)
        if value in (None, ""):
            continue
        if name == "amount":
            shown = money(value)
        elif name in codes:
            shown = codes[name](value).label
        elif name == "known_by":
            shown = SHORT_KNOWN_BY[value]
        elif name == "shop":
            shown = shops[value]
        found[name] = _("%(filter)s: %(value)s") % {"filter": label, "value": shown}
    return found


def amounts(every: Decimal | None, done: Decimal | None) -> str:
    """`¥… in all, ¥… of it done`; '' if no amount is known, or of too many orders to be summed."""
    if not every:
        return ""
    return _("%(every)s in all, %(done)s of it done") % {"every": money(every), "done": money(done)}


def file_name(filters: Any, kind: str) -> str:
    """What an export is called where it is kept: what it holds, and the days."""
    days = [f"{day}" for day in (filters.since, filters.until or (filters.since and timezone.localdate())) if day]
    return "_".join([_("purchase-orders"), *(days or [f"{timezone.localdate()}"])]) + f".{kind}"


def total(found: int, is_all: bool) -> str:
    """How many orders fit, as far as they were counted."""
    if is_all:
        return ngettext("%(count)s order", "%(count)s orders", found) % {"count": f"{found:,}"}
    return _("more than %(count)s orders") % {"count": f"{found:,}"}
