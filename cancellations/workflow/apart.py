"""Whether two people are apart: that neither got the other in, and that nobody got both in.

Whoever adds a person, makes a link for a password or takes a second factor away could sign in as that person; whoever
adds a machine or makes a token of it could ask as the machine. So for ACCESS_APART_DAYS nobody decides on a request
whose requester depends on them, on whom they depend, or who depends on somebody on whom they depend, too. What the
server's operator has confirmed depends on nobody (docs/security.md).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone

from cancellations.models import Event, Person
from cancellations.workflow.errors import NotApart

# after these somebody else could sign in as the person, or ask as the machine
CONTROL = frozenset(
    {
        Event.Kind.PERSON_ADDED,
        Event.Kind.PERSON_CHANGED,
        Event.Kind.LINK_MADE,
        Event.Kind.FACTOR_REMOVED,
        Event.Kind.IDENTITY_RESET,
        Event.Kind.REACTIVATED,
        Event.Kind.MACHINE_ADDED,
        Event.Kind.MACHINE_CHANGED,
        Event.Kind.TOKEN_MADE,
    }
)
# these give a person rights
RIGHTS = frozenset({Event.Kind.ROLES_CHANGED, Event.Kind.MEMBERS_CHANGED})
PERSON, SERVER, WAITING = "person", "server", "waiting"  # how a change was confirmed


class Ties(NamedTuple):
    """The keys of those on whom somebody depends: who could sign in as them, and also who gave them rights."""

    control: set[Any]
    every: set[Any]


def check_apart(one: Person, other: Person) -> None:
    """Raises NotApart unless `one` may decide on what the `other` asks for, or confirm it."""
    between = _between(one, other, ties_of([one, other]))
    if between:
        names = sorted(map(str, Person.objects.filter(pk__in=between)))
        raise NotApart(who=", ".join(names), days=settings.ACCESS_APART_DAYS)


def apart_from(other: Person, people: Iterable[Person]) -> list[Person]:
    """Those of the people who are apart from the other. One query."""
    people = list(people)
    ties = ties_of([other, *people])
    return [one for one in people if not _between(one, other, ties)]


def _between(one: Person, other: Person, ties: Mapping[int, Ties]) -> set[int]:
    """The keys of those on whom it depends that the two are not apart."""
    of_one, of_other = ties[one.pk], ties[other.pk]
    between = of_one.control & of_other.control
    if other.pk in of_one.every:
        between.add(other.pk)
    if one.pk in of_other.control:
        between.add(one.pk)
    return between


def ties_of(people: Iterable[Person]) -> dict[int, Ties]:
    """The Ties of each of the people, by their keys. One query."""
    people = list(people)
    ties = {person.pk: Ties(set(), set()) for person in people}
    vouched_for: set[int] = set()
    since = timezone.now() - timedelta(days=settings.ACCESS_APART_DAYS)
    for event in changes_of_access(people, since=since):
        person = event.person_id
        if person in vouched_for or person is None:
            continue
        confirmed = event.data.get("confirmed") or {}
        if confirmed.get("how") == SERVER:
            vouched_for.add(person)
            continue
        givers = {giver for giver in (event.actor_id, confirmed.get("by")) if giver not in (None, person)}
        ties[person].every.update(givers)
        if event.kind in CONTROL:
            ties[person].control.update(givers)
    return ties


def changes_of_access(people: Iterable[Person], *, since: datetime | None = None) -> list[Event]:
    """The events that gave or recovered access of these people, by others than themselves, the newest first."""
    events = Event.objects.filter(person__in=people, kind__in=CONTROL | RIGHTS).order_by("-pk")
    if since is not None:
        events = events.filter(at__gte=since)
    found = []
    for event in events:
        if event.actor_id == event.person_id:
            continue
        data, gives = event.data, True
        if event.kind == Event.Kind.MEMBERS_CHANGED:
            gives = bool(data["after"])
        elif event.kind == Event.Kind.ROLES_CHANGED:
            gives = not set(data["after"]) <= set(data["before"])
        elif event.kind == Event.Kind.MACHINE_CHANGED:
            gives = "confirmed" in data  # what narrows it needs nobody
        elif event.kind == Event.Kind.PERSON_CHANGED:
            gives = "username" in data["after"]
        if gives:
            found.append(event)
    return found
