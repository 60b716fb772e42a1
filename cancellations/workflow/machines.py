"""Machines that ask through the API: what each may ask for in a day."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from cancellations.models import CancellationRequest, Forecast, Machine, OrderLine
from cancellations.workflow import limits
from cancellations.workflow.errors import (
    AmountNotKnown,
    DailyAmountUsedUp,
    DailyOrdersUsedUp,
    DailyRequestsUsedUp,
    MachineInactive,
    MachineReadsOnly,
    NobodyAnswers,
)

REQUESTS, ORDERS = "requests", "orders"
MAY_BE_TAKEN = Q(snapshot__verdict__in=[Forecast.WILL, Forecast.MAY])


def check_may_ask(machine: Machine) -> None:
    """Whether the machine may make requests now. Raises MachineInactive, MachineReadsOnly, NobodyAnswers."""
    if not machine.person.is_active:
        raise MachineInactive(machine=str(machine))
    if not machine.may_request:
        raise MachineReadsOnly(machine=str(machine))
    if not somebody_answers(machine):
        raise NobodyAnswers(machine=str(machine))


def somebody_answers(machine: Machine) -> bool:
    """Whether the responsible person is active and belongs to all seller accounts of the machine."""
    person = machine.responsible
    elsewhere = machine.person.shops.exclude(pk__in=person.shops.values("pk"))
    return person.is_active and not person.is_superuser and not person.is_machine and not elsewhere.exists()


@transaction.atomic
def consume_daily_share(machine: Machine, *, orders: int) -> None:
    """Counts one more request with so many orders of the day (Asia/Shanghai).

    Raises DailyRequestsUsedUp, DailyOrdersUsedUp; then nothing is counted.
    """
    day, person = _today(), machine.person
    if not limits.count(REQUESTS, by=person, since=day, limit=machine.requests_per_day):
        raise DailyRequestsUsedUp(machine=str(machine), limit=machine.requests_per_day)
    if not limits.count(ORDERS, by=person, since=day, limit=machine.orders_per_day, more=orders):
        raise DailyOrdersUsedUp(machine=str(machine), limit=machine.orders_per_day)


def check_amount(machine: Machine, cancellation: CancellationRequest) -> None:
    """Whether the request fits into the machine's amount of the day; call it in the transaction of the submission.

    Counted is what the ERP showed of the orders that are not expected to be refused, in all requests that the machine
    submitted today (Asia/Shanghai). Raises AmountNotKnown, DailyAmountUsedUp.
    """
    if machine.amount_per_day is None:
        return
    # One submission of a machine at a time: two could use the same rest.
    Machine.objects.select_for_update(no_key=True).get(pk=machine.pk)
    unknown = cancellation.lines.exclude(snapshot__found=False).exclude(snapshot__verdict=Forecast.REFUSED)
    count = unknown.filter(snapshot__at_stake__isnull=True).count()
    if count:
        raise AmountNotKnown(machine=str(machine), count=count)
    today = CancellationRequest.objects.filter(requester=machine.person_id, submitted_at__gte=_today())
    if _amount(today.exclude(pk=cancellation.pk)) + _amount([cancellation]) > machine.amount_per_day:
        raise DailyAmountUsedUp(machine=str(machine), limit=f"{machine.amount_per_day:,}")


def _amount(cancellations: Iterable[CancellationRequest]) -> Decimal:
    lines = OrderLine.objects.filter(MAY_BE_TAKEN, cancellation__in=cancellations)
    return lines.aggregate(amount=Sum("snapshot__at_stake"))["amount"] or Decimal(0)


def _today() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
