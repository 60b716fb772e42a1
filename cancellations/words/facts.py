"""What a list says of each of its requests: how many orders ended how, and the amount. Counted for all at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, Q, Sum

from cancellations.models import CancellationRequest, Forecast, OrderLine
from cancellations.words import orders

SENT_FOR = (Forecast.WILL, Forecast.MAY)
Outcome = OrderLine.Outcome


@dataclass
class Facts:
    """`numbers` are orders by outcome, with those `contradicted`, `refused_by_hand` and `for_people`."""

    numbers: dict[str, int] = field(default_factory=dict)
    amount: str = ""  # in words; '' if nothing is known of it


def facts_of(requests: Iterable[CancellationRequest]) -> dict[int, Facts]:
    """{request: its facts}, in one query."""
    requests = list(requests)
    facts = {request.pk: Facts() for request in requests}
    amounts = {pk: [Decimal(0), Decimal(0), 0] for pk in facts}
    rows = OrderLine.objects.filter(cancellation__in=facts).order_by().values("cancellation", "outcome")
    for row in rows.annotate(
        lines=Count("pk"),
        contradicted=Count("pk", filter=Q(why__in=OrderLine.CONTRADICTING)),
        refused_by_hand=Count("pk", filter=Q(outcome=Outcome.REFUSED, known_by=OrderLine.KnownBy.BY_HAND)),
        for_people=Count("pk", filter=Q(needs_person=True)),
        expected=Sum("snapshot__at_stake", filter=Q(snapshot__verdict__in=SENT_FOR)),
        at_stake=Sum("snapshot__at_stake", filter=~Q(why__in=OrderLine.BEFORE)),
        priced=Count("snapshot__at_stake"),
    ):
        numbers = facts[row["cancellation"]].numbers
        numbers[row["outcome"]] = row["lines"]
        for name in ("contradicted", "refused_by_hand", "for_people"):
            numbers[name] = numbers.get(name, 0) + row[name]
        own = amounts[row["cancellation"]]
        own[0] += row["expected"] or 0
        own[1] += (row["at_stake"] or 0) if row["outcome"] == Outcome.DONE else 0
        own[2] += row["priced"]
    for request in requests:
        facts[request.pk].amount = orders.amount(request, *amounts[request.pk])
    return facts
