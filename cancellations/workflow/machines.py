"""Machines that ask through the API: administrators add them, change what they may do, and make their tokens.

What lets a machine do more is only asked for, and a second administrator confirms it (access_changes.py). Seller
accounts, deactivation and reactivation are those of people.py.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from cancellations.models import (
    AccessChange,
    ApiToken,
    CancellationRequest,
    Event,
    Forecast,
    Machine,
    Notice,
    OrderLine,
    Person,
    Shop,
    Usage,
    marks,
)
from cancellations.models.machines import new_token
from cancellations.workflow import access_changes, granting, limits, machine_settings, people, permissions, telling
from cancellations.workflow.errors import (
    AmountNotKnown,
    DailyAmountUsedUp,
    DailyOrdersUsedUp,
    DailyRequestsUsedUp,
    MachineInactive,
    MachineNameTaken,
    MachineReadsOnly,
    NobodyAnswers,
    NothingToChange,
    TokenRevoked,
    TokenTooLong,
    TooManyTokens,
    UsernameTaken,
)
from cancellations.workflow.machine_settings import settings_of

REQUESTS, ORDERS = "requests", "orders"
MAY_BE_TAKEN = Q(snapshot__verdict__in=[Forecast.WILL, Forecast.MAY])
MAX_TOKENS = 2  # live ones: the old and the new, while the caller changes over
LONGEST = 366  # days
WARNED = (1, 7, 30)  # days before a token ends


def known_to(administrator: Person) -> QuerySet[Machine]:
    """The machines that an administrator sees: those of their seller accounts, and those without one they added."""
    return Machine.objects.filter(person__in=people.everybody_known_to(administrator).values("pk"))


@transaction.atomic
def add_machine(*, by: Person, name: str, shops: Iterable[Shop], **wanted: Any) -> Machine:
    """Adds a machine that is let in when a second administrator has confirmed it; returns it.

    `wanted` are the fields of Machine. Raises NotAllowed, also for a shop that is not the administrator's own,
    NameTaken, MachineNameTaken, NetworkWrong, CannotAnswer.
    """
    [by] = people.one_after_the_other(by)
    permissions.check_may_manage_people(by)
    people.check_own(shops, by)
    name = name.strip()
    try:
        granting.check_free(username=f"machine {name}", name=name)
    except UsernameTaken as error:
        raise MachineNameTaken(name=name) from error
    # Nobody can be called so: a user name has no space.
    person = Person(username=f"machine {name}", name=name, is_machine=True, is_active=False, added_by=by)
    person.set_unusable_password()
    person.save()
    granting.write_roles(person, [permissions.CLERK])
    granting.give_shops(person, shops, by=by)
    machine = _checked(person, wanted)
    machine.save(force_insert=True)
    access_changes.ask(AccessChange.Kind.MACHINE, person, by=by, before={}, after=settings_of(machine))
    return machine


@transaction.atomic
def change_machine(machine: Machine, *, by: Person, **wanted: Any) -> AccessChange | None:
    """Changes what a machine may do: what narrows it happens at once, what widens it is asked for.

    `wanted` are all fields of Machine. Raises NotAllowed, WorksElsewhere, NetworkWrong, CannotAnswer, NothingToChange,
    ChangeWaits.
    """
    by, person = people.one_after_the_other(by, machine.person)
    permissions.check_may_manage_person_everywhere(by, person)
    stored = Machine.objects.select_for_update().get(pk=person.pk)
    before, after = settings_of(stored), settings_of(_checked(person, wanted))
    changed = {name for name in before if before[name] != after[name]}
    if not changed:
        raise NothingToChange
    wider = machine_settings.widened(before, after)
    if narrower := changed - wider:
        machine_settings.change(stored, *_only(narrower, before, after), by=by)
    if not wider:
        return None
    before, after = _only(wider, before, after)
    return access_changes.ask(AccessChange.Kind.MACHINE, person, by=by, before=before, after=after)


def _checked(person: Person, wanted: dict[str, Any]) -> Machine:
    machine = Machine(person=person, **wanted | {"networks": machine_settings.parse_networks(wanted["networks"])})
    machine_settings.check_may_answer(machine.responsible, person.shops.all())
    return machine


def _only(names: set[str], *settings: machine_settings.Settings) -> list[machine_settings.Settings]:
    return [{name: one[name] for name in sorted(names)} for one in settings]


@transaction.atomic
def make_token(machine: Machine, *, by: Person, days: int) -> str:
    """Makes a token that ends after so many days, and returns it: nothing keeps it.

    Raises NotAllowed, WorksElsewhere, MachineInactive, TokenTooLong, TooManyTokens.
    """
    by, person = people.one_after_the_other(by, machine.person)
    permissions.check_may_manage_person_everywhere(by, person)
    if not person.is_active:
        raise MachineInactive(machine=str(machine))
    if not 1 <= days <= LONGEST:
        raise TokenTooLong(limit=LONGEST)
    if live_tokens(machine).count() >= MAX_TOKENS:
        raise TooManyTokens(limit=MAX_TOKENS)
    shown, now = new_token(), timezone.now()
    expires_at = now + timedelta(days=days)
    token = ApiToken(machine=machine, key=shown.key, created_at=now, created_by=by, expires_at=expires_at)
    token.digest = marks.of_token(*token.sealed(shown.secret))
    token.save()
    granting.tell(Event.Kind.TOKEN_MADE, person, by=by, key=token.key, expires_at=expires_at.isoformat())
    return str(shown)


@transaction.atomic
def revoke_token(token: ApiToken, *, by: Person) -> None:
    """Nobody gets in by it any more. Raises NotAllowed, TokenRevoked."""
    person = token.machine.person
    permissions.check_may_manage_person(by, person)
    here = ApiToken.objects.filter(pk=token.pk, revoked_at=None)
    if here.update(revoked_at=timezone.now()) != 1:
        raise TokenRevoked
    granting.tell(Event.Kind.TOKEN_REVOKED, person, by=by, key=token.key)


def live_tokens(machine: Machine) -> QuerySet[ApiToken]:
    """Those that are neither revoked nor over."""
    return machine.tokens.filter(revoked_at=None, expires_at__gt=timezone.now())


def check_may_ask(machine: Machine) -> None:
    """Whether the machine may make requests now. Raises MachineInactive, MachineReadsOnly, NobodyAnswers."""
    if not machine.person.is_active:
        raise MachineInactive(machine=str(machine))
    if not machine.may_request:
        raise MachineReadsOnly(machine=str(machine))
    if not somebody_answers(machine):
        raise NobodyAnswers(machine=str(machine))


def somebody_answers(machine: Machine) -> bool:
    """Whether the responsible person is still active and works for all seller accounts of the machine."""
    return machine_settings.may_answer(machine.responsible, machine.person.shops.all())


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


@transaction.atomic
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
    before = _amount(_submitted_today(machine).exclude(pk=cancellation.pk))
    if before + _amount([cancellation]) > machine.amount_per_day:
        raise DailyAmountUsedUp(machine=str(machine), limit=f"{machine.amount_per_day:,}")


def use_today(machine: Machine) -> dict[str, Any]:
    """How much of its daily limits the machine has used, by their names."""
    counted = Usage.objects.filter(person=machine.person_id, hour=_today()).values_list("work", "count")
    numbers = dict(counted)
    return {
        "requests_per_day": numbers.get(REQUESTS, 0),
        "orders_per_day": numbers.get(ORDERS, 0),
        "amount_per_day": _amount(_submitted_today(machine)),
    }


def _submitted_today(machine: Machine) -> QuerySet[CancellationRequest]:
    return CancellationRequest.objects.filter(requester=machine.person_id, submitted_at__gte=_today())


def _amount(cancellations: Iterable[CancellationRequest]) -> Decimal:
    lines = OrderLine.objects.filter(MAY_BE_TAKEN, cancellation__in=cancellations)
    return lines.aggregate(amount=Sum("snapshot__at_stake"))["amount"] or Decimal(0)


def _today() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def tell_of_machines() -> None:
    """Every sweep: tells of machines that nobody answers for, daily, and of tokens that end in 30, 7 and 1 days."""
    active = Machine.objects.filter(person__is_active=True).select_related("person", "responsible")
    for machine in active:
        if not somebody_answers(machine):
            _tell(machine, f"{timezone.localdate()} machine {machine.pk}", why="nobody_answers")
        for token in live_tokens(machine).filter(expires_at__lte=timezone.now() + timedelta(days=max(WARNED))):
            left = token.expires_at - timezone.now()
            days = next(days for days in WARNED if left <= timedelta(days=days))
            _tell(machine, f"token {token.pk} {days}", why="token_ends", until=token.expires_at.isoformat())


def _tell(machine: Machine, key: str, **about: Any) -> None:
    """Whoever is responsible, and the administrators of its seller accounts; once for each key."""
    if Notice.objects.filter(kind=Notice.Kind.MACHINE, key=key).exists():
        return
    told = [machine.responsible] if machine.responsible.is_active else []
    for shop in machine.person.shops.all():
        told += telling.administrators_of(shop)
    telling.write(Notice.Kind.MACHINE, key, told, machine=str(machine), pk=machine.pk, **about)
