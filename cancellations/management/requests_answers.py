"""What `manage.py requests` prints: columns for people, JSON with codes for programs."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cancellations import words
from cancellations.models import CancellationRequest, Operation, OrderLine
from cancellations.words.facts import facts_of

Outcome = OrderLine.Outcome
OPERATIONS = {operation.name.lower().replace("_", "-"): operation for operation in Operation}
OPERATION_NAMES = {operation: name for name, operation in OPERATIONS.items()}


def columns(*parts: object) -> str:
    """One line with a tab between its parts; nothing in them can end the line or speak to the terminal."""
    return "\t".join("".join(letter if letter.isprintable() else " " for letter in str(part)) for part in parts)


def line_of(cancellation: CancellationRequest) -> str:
    """A request in the columns of HEADINGS."""
    return columns(
        cancellation.number,
        cancellation.get_status_display(),
        cancellation.shop.name,
        cancellation.get_operation_display(),
        cancellation.line_count,
        f"{timezone.localtime(cancellation.created_at):%Y-%m-%d %H:%M}",
        cancellation.requester,
        cancellation.external_id,
    )


def headings() -> str:
    """What stands in the columns of a list of requests."""
    return columns(
        _("Request number"),
        pgettext("label", "Status"),
        _("Seller account"),
        pgettext("label", "Operation"),
        pgettext("label", "Orders"),
        pgettext("label", "Created"),
        pgettext("label", "Requester"),
        _("External ID"),
    )


def text_of(cancellation: CancellationRequest) -> Iterable[str]:
    """A request as people read it: where it stands, its numbers, and each order with its outcome."""
    numbers = numbers_of(cancellation)
    known = {
        pgettext("label", "Status"): words.orders.standing(cancellation, numbers)[1],
        _("Seller account"): cancellation.shop.name,
        pgettext("label", "Operation"): cancellation.get_operation_display(),
        pgettext("label", "Reason"): cancellation.reason_in_words,
        pgettext("label", "Requester"): cancellation.requester,
        _("External ID"): cancellation.external_id,
        pgettext("label", "Outcome"): words.orders.outcomes_of(numbers),
        pgettext("label", "Amount"): facts_of([cancellation])[cancellation.pk].amount,
    }
    yield columns(_("Request number"), cancellation.number)
    yield from (columns(label, value) for label, value in known.items() if str(value))
    yield ""
    yield columns(
        _("Purchase order number"),
        pgettext("label", "Outcome"),
        _("Outcome source"),
        pgettext("label", "Amount"),
        _("ERP message"),
        pgettext("label", "Explanation"),
    )
    for line in cancellation.lines.order_by("position").iterator(1000):
        amount = words.numbers.money(line.amount)
        told = line.message, line.get_why_display()
        yield columns(line.order_no, line.outcome_label, line.get_known_by_display(), amount, *told)


def numbers_of(cancellation: CancellationRequest) -> dict[str, Any]:
    """How many orders have which outcome, how many the ERP is still asked about or people have to settle; amounts."""
    numbers, _next_ask = cancellation.lines.numbers()
    numbers["contradicted"] += numbers["refusal_wrong"]  # as a list of requests counts them
    return numbers | cancellation.lines.amounts()


def summary(cancellation: CancellationRequest) -> dict[str, Any]:
    """A request for programs: codes, times in UTC."""
    return {
        "number": cancellation.number,
        "status": cancellation.status.lower(),
        "seller_account": cancellation.shop.name,
        "operation": OPERATION_NAMES[Operation(cancellation.operation)],
        "include_checked": cancellation.allow_checked,
        "reason_kind": cancellation.reason_kind,
        "reason": cancellation.reason,
        "requester": cancellation.requester.username,
        "external_id": cancellation.external_id,
        "order_count": cancellation.line_count,
        "created_at": moment(cancellation.created_at),
        "submitted_at": moment(cancellation.submitted_at),
        "decided_at": moment(cancellation.decided_at),
        "ended_at": moment(cancellation.ended_at),
    }


def whole(cancellation: CancellationRequest) -> dict[str, Any]:
    """The same with its counts, its amounts as text, and its orders with what the ERP said of each."""
    numbers = numbers_of(cancellation)
    return summary(cancellation) | {
        "counts": {outcome.lower(): numbers[outcome] for outcome in Outcome.values},
        "to_verify": numbers["to_settle"],
        "for_people": numbers["for_people"],
        "amounts": {
            "expected": yuan(numbers["expected"] or Decimal(0)),
            "done": yuan(numbers["done"] or Decimal(0)),
            "orders_known": numbers["priced"],
        },
        "orders": [
            {
                "order_no": line.order_no,
                "outcome": line.outcome.lower(),
                "known_by": line.known_by,
                "why": line.why,
                "message": line.message,
                "amount": yuan(line.amount),
                "outcome_at": moment(line.outcome_at),
                "needs_person": line.needs_person,
            }
            for line in cancellation.lines.order_by("position").iterator(1000)
        ],
    }


def moment(value: datetime | None) -> str | None:
    return value and value.astimezone(UTC).isoformat()


def yuan(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.2f}"
