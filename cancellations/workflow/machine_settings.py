"""What a machine may do, as changes and events keep it: read, compared, checked and written."""

from collections.abc import Iterable
from decimal import Decimal
from ipaddress import ip_network
from typing import Any

from cancellations.models import Event, Machine, Person, Shop
from cancellations.workflow import granting
from cancellations.workflow.errors import CannotAnswer, NetworkWrong, PersonActive, PersonChanged

Settings = dict[str, Any]  # the fields of Machine by their names, as JSON holds them
LIMITS = ("requests_per_day", "orders_per_day", "amount_per_day")


def settings_of(machine: Machine) -> Settings:
    """All of them. The responsible person is (key, name)."""
    amount = machine.amount_per_day
    return {
        "responsible": [machine.responsible_id, str(machine.responsible)],
        "may_request": machine.may_request,
        "networks": machine.networks.split(),
        "requests_per_day": machine.requests_per_day,
        "orders_per_day": machine.orders_per_day,
        "amount_per_day": None if amount is None else f"{Decimal(amount):.2f}",
    }


def widened(before: Settings, after: Settings) -> set[str]:
    """The settings by which the machine could do more than before, or somebody else could answer for it."""
    found = {name for name in LIMITS if _limit(after[name]) > _limit(before[name])}
    if after["may_request"] > before["may_request"]:
        found.add("may_request")
    if after["responsible"] != before["responsible"]:
        found.add("responsible")
    known = [ip_network(one) for one in before["networks"]]
    for network in map(ip_network, after["networks"]):
        same = [other for other in known if other.version == network.version]
        if not any(network.subnet_of(other) for other in same):  # type: ignore[arg-type]
            found.add("networks")
    return found


def _limit(value: int | str | None) -> Decimal:
    return Decimal("Infinity") if value is None else Decimal(value)


def parse_networks(text: str) -> str:
    """The networks as they are stored: one on a line, each once. A single address is a network too.

    Raises NetworkWrong for what is none, also for an address with bits beside its network, as 10.0.0.7/24.
    """
    found = []
    for one in text.replace(",", " ").split():
        try:
            found.append(str(ip_network(one)))
        except ValueError as error:
            raise NetworkWrong(network=one[:60]) from error
    return "\n".join(dict.fromkeys(found))


def may_answer(person: Person, shops: Iterable[Shop]) -> bool:
    """Whether somebody may be responsible for a machine: an active person who works for all these seller accounts."""
    is_somebody = person.is_active and not person.is_superuser and not person.is_machine
    return is_somebody and {shop.pk for shop in shops} <= set(person.shops.values_list("pk", flat=True))


def check_may_answer(person: Person, shops: Iterable[Shop]) -> None:
    """Raises CannotAnswer."""
    if not may_answer(person, shops):
        raise CannotAnswer(who=str(person))


def activate(machine: Machine, *, by: Person, confirmed: granting.Confirmed) -> None:
    """Lets a machine in that was added, with what it may do by now. Raises CannotAnswer, NameTaken, PersonActive."""
    check_may_answer(machine.responsible, machine.person.shops.all())
    granting.check_free(name=str(machine), besides=machine.person)
    if Person.objects.filter(pk=machine.pk, is_active=False).update(is_active=True) != 1:
        raise PersonActive
    granting.tell(Event.Kind.MACHINE_ADDED, machine.person, by=by, after=settings_of(machine), confirmed=confirmed)


def change(
    machine: Machine, before: Settings, after: Settings, *, by: Person, confirmed: granting.Confirmed = None
) -> None:
    """Writes the settings `after`, which were `before`. Raises PersonChanged if they are not any more, CannotAnswer."""
    if {name: settings_of(machine)[name] for name in before} != before:
        raise PersonChanged
    for name, value in after.items():
        if name == "responsible":
            machine.responsible = Person.objects.get(pk=value[0])
            check_may_answer(machine.responsible, machine.person.shops.all())
        else:
            setattr(machine, name, "\n".join(value) if name == "networks" else value)
    machine.save(update_fields=list(after))
    granting.tell(Event.Kind.MACHINE_CHANGED, machine.person, by=by, before=before, after=after, confirmed=confirmed)
