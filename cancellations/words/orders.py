"""What is said of orders and of what is asked for them."""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from cancellations.models import (
    CancellationRequest,
    ErpStatus,
    Forecast,
    Operation,
    OrderLine,
    OrderSnapshot,
    Shop,
    StockinStatus,
)
from cancellations.models.lines import NOT_EXECUTED
from cancellations.words.numbers import money, quantity

Status, Outcome = CancellationRequest.Status, OrderLine.Outcome


class Look(NamedTuple):
    """How a code looks on pages: a class of app.css, and the name of an icon of icons.svg."""

    tone: str
    icon: str


STATUS_LOOKS = {
    Status.DRAFT: Look("tone-neutral", "pencil"),
    Status.SUBMITTED: Look("tone-info", "hourglass-split"),
    Status.APPROVED: Look("tone-info", "shield-check"),
    Status.RUNNING: Look("tone-info", "play-circle"),
    Status.PAUSED: Look("tone-warning", "pause-circle"),
    Status.FINISHED: Look("tone-success", "flag"),
    Status.REJECTED: Look("tone-danger", "x-circle"),
    Status.WITHDRAWN: Look("tone-neutral", "arrow-counterclockwise"),
    Status.EXPIRED: Look("tone-neutral", "clock-history"),
    Status.STOPPED: Look("tone-warning", "stop-circle"),
}
UNSETTLED = "unsettled"  # a request that has ended, of which something is not known for certain
STATUS_LOOKS[UNSETTLED] = Look("tone-warning", "question-circle")
# In the order in which they are counted on pages.
OUTCOME_LOOKS = {
    Outcome.UNKNOWN: Look("tone-warning", "question-circle"),
    Outcome.REFUSED: Look("tone-danger", "x-circle"),
    Outcome.DONE: Look("tone-success", "check-circle"),
    Outcome.SENDING: Look("tone-info", "send"),
    Outcome.WAITING: Look("tone-neutral", "hourglass-split"),
    Outcome.SKIPPED: Look("tone-neutral", "skip-forward"),
    Outcome.LISTED: Look("tone-neutral", "list-ul"),
}
FORECAST_LOOKS = {
    Forecast.WILL: Look("tone-success", "check-circle"),
    Forecast.MAY: Look("tone-warning", "question-circle"),
    Forecast.REFUSED: Look("tone-danger", "x-circle"),
    Forecast.NOT_VISIBLE: Look("tone-warning", "eye-slash"),
    "": Look("muted", "hourglass-split"),
}
NO_LOOK = Look("tone-neutral", "")
COUNTED = tuple(outcome for outcome in OUTCOME_LOOKS if outcome != Outcome.LISTED)
CALM = ("", "tone-neutral", "tone-info")  # tones that a count does not take


def promise(operation: int, count: int, shop: Shop) -> str:
    """What approving leads to: 'Cancel 187 purchase orders of shop X.'"""
    sentences = {
        Operation.CANCEL: ngettext(
            "Cancel %(count)s purchase order of the seller account “%(shop)s”.",
            "Cancel %(count)s purchase orders of the seller account “%(shop)s”.",
            count,
        ),
        Operation.STOP_WAITING: ngettext(
            "Stop waiting for %(count)s purchase order of the seller account “%(shop)s”.",
            "Stop waiting for %(count)s purchase orders of the seller account “%(shop)s”.",
            count,
        ),
        Operation.WMS_STOP_WAITING: ngettext(
            "WMS stop waiting for %(count)s purchase order of the seller account “%(shop)s”.",
            "WMS stop waiting for %(count)s purchase orders of the seller account “%(shop)s”.",
            count,
        ),
    }
    return sentences[operation] % {"count": f"{count:,}", "shop": shop.name}


# filter of the list of orders -> how it is named when it is applied
FILTERS = {
    "outcome": pgettext_lazy("label", "Outcome"),
    "forecast": pgettext_lazy("label", "Forecast"),
    "is_changed": gettext_lazy("Changed since submission"),
    "supplier": pgettext_lazy("label", "Supplier"),
    "warehouse": pgettext_lazy("label", "Warehouse"),
}
SORTS = {
    "": gettext_lazy("List order"),
    "order": gettext_lazy("Purchase order number"),
    "-amount": gettext_lazy("Amount, largest first"),
    "amount": gettext_lazy("Amount, smallest first"),
    "supplier": pgettext_lazy("label", "Supplier"),
    "warehouse": pgettext_lazy("label", "Warehouse"),
    "-quantity": gettext_lazy("Quantity, largest first"),
    "forecast": pgettext_lazy("label", "Forecast"),
    "status": gettext_lazy("ERP status"),
    "-changed": gettext_lazy("Last change in ERP, newest first"),
    "outcome": pgettext_lazy("label", "Outcome"),
}
CODES = {"outcome": OrderLine.Outcome, "forecast": Forecast, "status": ErpStatus, "stockin_status": StockinStatus}


def filter_label(name: str, value: str) -> str:
    """`Supplier: 杭州明达`; a filter that has one value only is its own label."""
    if name == "is_changed":
        return str(FILTERS[name])
    shown = _("Not looked up") if (name, value) == ("forecast", "none") else _label(name, value)
    return f"{FILTERS[name]}{pgettext('clause', ': ')}{shown}"


def erp_status(code: int | None) -> str:
    """A status of the ERP in words; one that the reference does not have is its number."""
    return "–" if code is None else str(_label("status", code))


def changes(snapshot: OrderSnapshot) -> list[tuple[str, Any, Any]]:
    """[(what, before, now)] of what has changed in an order since it was submitted, in words."""
    return [
        (OrderSnapshot._meta.get_field(name).verbose_name, _label(name, before), _label(name, now))
        for name, (before, now) in snapshot.changes.items()
    ]


def _label(name, value):
    if value in (None, ""):
        return "–"
    if isinstance(value, bool):
        return pgettext("ERP record", "found") if value else _("not found")
    if name in CODES:
        return dict(CODES[name].choices).get(value, value)
    return quantity(value) if name.endswith("_count") else money(value) if name == "total_fee" else value


def sorts(undecided: bool) -> list[tuple[str, str | Promise]]:
    """[(value of `sort`, label)]: an outcome is there after the decision, a forecast counts before it."""
    return [(value, label) for value, label in SORTS.items() if value != ("outcome" if undecided else "forecast")]


def standing(cancellation: CancellationRequest, numbers: Mapping[str, int]) -> tuple[str, str]:
    """(code of STATUS_LOOKS, in words) of where a request stands; an ended one is calm only if nothing is in doubt.

    `numbers` are orders by outcome, with those that are `contradicted`, and `refused_by_hand`: not by the ERP.
    """
    doubtful = numbers.get(Outcome.UNKNOWN, 0) + numbers.get("contradicted", 0)
    return _standing(get_language(), cancellation.status, doubtful, _by_the_erp(numbers, Outcome.REFUSED))


@lru_cache(maxsize=2_000)
def _standing(language, status, doubtful, refused):
    label = str(Status(status).label)
    if status in (Status.FINISHED, Status.STOPPED) and doubtful:
        about = ngettext("%(shown)s order to confirm", "%(shown)s orders to confirm", doubtful)
        label = _("%(status)s, %(about)s") % {"status": label, "about": about % {"shown": intcomma(doubtful)}}
        return UNSETTLED, label
    if status == Status.FINISHED and refused:
        about = ngettext("%(shown)s order refused", "%(shown)s orders refused", refused)
        label = _("%(status)s, %(about)s") % {"status": label, "about": about % {"shown": intcomma(refused)}}
    return status, label


def stakes(operation: int, orders: Mapping[str, int], amounts: Mapping[str, Any]) -> list[tuple[str, int, Any]]:
    """[(in words, orders, yuan)] of what an approval would take away, would not, and may."""
    cancels = operation == Operation.CANCEL
    parts = (
        (Forecast.WILL, _("Expected to be cancelled:") if cancels else _("Expected to be stopped (estimate):")),
        (Forecast.MAY, _("May be cancelled:") if cancels else _("May be stopped (estimate):")),
        (Forecast.REFUSED, _("Will be refused:")),
    )
    return [
        (label, orders[verdict], amounts.get(verdict))
        for verdict, label in parts
        if orders.get(verdict) or verdict == Forecast.WILL
    ]


def amount(cancellation: CancellationRequest, expected: Decimal, done: Decimal, priced: int) -> str:
    """What a request takes away, or took, in a list: yuan, and of how many orders these are known; "" if of none.

    `expected` is of the orders that will or may be done, `done` of those that were, `priced` counts both's orders.
    """
    if not priced:
        return ""
    over = cancellation.ended_at is not None
    if over and not cancellation.was_approved:
        return ""
    text = _("%(amount)s done") if over else _("%(amount)s expected")
    told = text % {"amount": money(done if over else expected)}
    if priced < cancellation.line_count:
        known = _("amounts of %(known)s orders known") % {"known": f"{priced:,}"}
        return _("%(told)s (%(known)s)") % {"told": told, "known": known}
    return told


class Segment(NamedTuple):
    """A part of the bar of a request: orders whose outcome is known, unknown, not sent, still open."""

    label: str
    orders: int
    tone: str
    start: int  # orders before it


def segments(numbers: Mapping[str, int]) -> list[Segment]:
    """The bar of where a request's orders stand; only what is known for certain counts as determined."""
    parts = (
        (_("Determined"), numbers["known"], "success"),
        (Outcome.UNKNOWN.label, numbers[Outcome.UNKNOWN], "warning"),
        (Outcome.SKIPPED.label, numbers[Outcome.SKIPPED], "skipped"),
        (_("Waiting or sending"), numbers[Outcome.WAITING] + numbers[Outcome.SENDING], "open"),
    )
    shown, start = [], 0
    for label, orders, tone in parts:
        if orders:
            shown.append(Segment(str(label), orders, tone, start))
            start += orders
    return shown


def listed_outcomes(numbers: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """[(outcome, label, orders)] by which a list of orders can be filtered; nobody waits for what is being sent."""
    labels = {outcome: outcome.label for outcome in COUNTED}
    if by_hand := numbers.get("refused_by_hand", 0):  # the ERP has not refused what a person found not executed
        is_all = by_hand == numbers[Outcome.REFUSED]
        labels[Outcome.REFUSED] = NOT_EXECUTED if is_all else _("Refused or not executed")
    shown = [outcome for outcome in COUNTED if outcome != Outcome.SENDING and numbers.get(outcome)]
    return [(outcome.value, labels[outcome], numbers[outcome]) for outcome in shown]


def figures(numbers: Mapping[str, int]) -> list[tuple[str | Promise, int, str]]:
    """[(label, orders, tone)] of where a request stands; what is named always stands there, even with no order."""
    always = (Outcome.DONE, Outcome.REFUSED, Outcome.UNKNOWN)
    rows = []
    for outcome in (Outcome.WAITING, Outcome.SENDING, *always, Outcome.SKIPPED):
        number, tone = _by_the_erp(numbers, outcome), OUTCOME_LOOKS[outcome].tone
        if number or outcome in always:
            has_tone = tone != "tone-neutral" and (number or outcome == Outcome.DONE)
            rows.append((outcome.label, number, tone if has_tone else ""))
    rows.append((_("Of which verified"), numbers["verified"], ""))
    others = (
        ("reported", _("Done, not verified"), ""),
        ("refused_by_hand", NOT_EXECUTED, ""),
        ("by_hand", _("Recorded manually"), ""),
        ("contradicted", _("Contradicted by the ERP"), "tone-danger"),
    )
    return rows + [(label, numbers[name], tone) for name, label, tone in others if numbers[name]]


def how_many(orders: int) -> str:
    """`1,200 orders`."""
    return ngettext("%(shown)s order", "%(shown)s orders", orders) % {"shown": intcomma(orders)}


def _by_the_erp(numbers, outcome):
    """How many have the outcome; the ERP has refused nothing of which a person found that it was not executed."""
    return numbers.get(outcome, 0) - (numbers.get("refused_by_hand", 0) if outcome == Outcome.REFUSED else 0)


def outcomes_of(numbers: Mapping[str, int]) -> str:
    """How many orders ended how: 'Done 95, refused 3, unknown 2'."""
    labels = {str(outcome.label): numbers.get(outcome, 0) for outcome in COUNTED}
    return pgettext("list", ", ").join(f"{label} {number:,}" for label, number in labels.items() if number)


def counts(numbers: Mapping[str, int]) -> SafeString:
    """How many orders have each outcome, the worst first; `numbers` may count the contradicted ones as well."""
    return _counts(get_language(), *(numbers.get(name, 0) for name in ("contradicted", "refused_by_hand", *COUNTED)))


@lru_cache(maxsize=2_000)
def _counts(language, contradicted, by_hand, *by_outcome):
    """Written once: a list of fifty requests shows fifty of the same few."""
    numbers = dict(zip(COUNTED, by_outcome, strict=True)) | {"refused_by_hand": by_hand}
    first = (
        format_html('<strong class="tone-danger">{} {}</strong> ', _("Contradicted by the ERP"), intcomma(contradicted))
        if contradicted
        else ""
    )
    counted = [(outcome.label, OUTCOME_LOOKS[outcome].tone, _by_the_erp(numbers, outcome)) for outcome in COUNTED]
    counted.append((NOT_EXECUTED, "", by_hand))
    rest = format_html_join(
        " ",
        "<span{}>{} {}</span>",
        (
            ("" if tone in CALM else format_html(' class="{}"', tone), label, intcomma(number))
            for label, tone, number in counted
            if number
        ),
    )
    return format_html('<span class="counts">{}{}</span>', first, rest)
