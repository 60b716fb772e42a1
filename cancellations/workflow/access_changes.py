"""Making or recovering somebody who may decide takes two: one administrator asks for it, another one confirms it.

Where nobody else could confirm it, it happens after ACCESS_WAIT_HOURS, in which everybody whom it concerns is told and
may refuse it. The server's operator may confirm it too, for the first set-up (`manage.py confirm_access`).
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from cancellations.models import AccessChange, Event, Person, Shop
from cancellations.workflow import apart, granting, machine_settings, permissions
from cancellations.workflow.errors import (
    ChangeMovedOn,
    ChangeWaits,
    NotAllowed,
    NotConfirmed,
    OwnAccount,
    PersonChanged,
    WorkflowError,
)

Kind, State = AccessChange.Kind, AccessChange.State
LINK_WAITS = timedelta(days=3)  # for whoever asked to make it
GUARDED = frozenset({permissions.MANAGER, permissions.ADMINISTRATOR})  # who decides, and who confirms


def is_guarded(person: Person) -> bool:
    """Whether the person may decide or administer, in whatever seller account, now or when they are activated; or is a
    machine, whose token somebody has who is not here."""
    return person.is_superuser or person.is_machine or not GUARDED.isdisjoint(granting.roles_of(person))


@transaction.atomic
def ask(kind: str, person: Person, *, by: Person, shops: Iterable[Shop] = (), **data: Any) -> AccessChange:
    """Writes down a change that the caller has checked; it counts in the `shops` that are to be given, if it is about
    these, and else in all of the person's.

    Raises ChangeWaits if one of the kind is waiting already, OwnAccount.
    """
    if by.pk == person.pk:
        raise OwnAccount
    now, shops = timezone.now(), list(shops)
    if shops and person.access_changes.waiting().filter(kind=kind, shops__in=shops).exists():
        raise ChangeWaits
    try:
        with transaction.atomic():
            change = AccessChange.objects.create(person=person, kind=kind, data=data, asked_by=by, asked_at=now)
    except IntegrityError as error:
        raise ChangeWaits from error
    change.shops.set(shops or person.shops.all())
    if not who_may_confirm(change):
        change.due_at = now + timedelta(hours=settings.ACCESS_WAIT_HOURS)
        change.save(update_fields=["due_at"])
    granting.tell(Event.Kind.ACCESS_ASKED, person, by=by, change=kind, **data)
    return change


def check_may_confirm(by: Person, change: AccessChange) -> None:
    """Another administrator of all seller accounts where it counts, or a superuser, who is apart from whoever asked.

    Raises NotAllowed, NotApart.
    """
    if by.pk in (change.asked_by_id, change.person_id):
        raise NotAllowed
    permissions.check_may_manage_people(by)
    if not by.is_superuser:
        if change.kind != Kind.SHOPS:
            permissions.check_may_manage_person_everywhere(by, change.person)
        if change.shops.exclude(pk__in=by.shops.values("pk")).exists():
            raise NotAllowed
    apart.check_apart(by, change.asked_by)


def who_may_confirm(change: AccessChange) -> list[Person]:
    """The active people who may confirm the change at this moment."""
    administrators = Person.objects.filter(is_active=True, groups__name=permissions.ADMINISTRATOR)
    superusers = Person.objects.filter(is_active=True, is_superuser=True)
    either = Q(pk__in=administrators.values("pk")) | Q(pk__in=superusers.values("pk"))
    others = Person.objects.filter(either).exclude(pk__in=[change.asked_by_id, change.person_id]).order_by("username")
    return [person for person in others if permissions.may(check_may_confirm, person, change)]


def check_may_refuse(by: Person, change: AccessChange) -> None:
    """Whoever asked for it, whoever may confirm it, the person, and whoever may decide where it counts."""
    if by.pk in (change.asked_by_id, change.person_id) and by.is_active:
        return
    if permissions.has_role(by, permissions.MANAGER) and change.shops.filter(pk__in=by.shops.values("pk")).exists():
        return
    check_may_confirm(by, change)


@transaction.atomic
def confirm(change: AccessChange, *, by: Person | None) -> None:
    """Carries the change out, or lets whoever asked make the link; `by` is nobody for the server's operator.

    Raises NotAllowed, NotApart, ChangeMovedOn, and what the change itself raises; then nothing is changed.
    """
    change = _locked(change)
    if by is not None:
        check_may_confirm(by, change)
    how = {"how": apart.PERSON, "by": by.pk, "name": str(by)} if by else {"how": apart.SERVER}
    granting.tell(Event.Kind.ACCESS_CONFIRMED, change.person, by=by, change=change.kind, confirmed=how)
    _carry_out(change, how)


@transaction.atomic
def refuse(change: AccessChange, *, by: Person) -> None:
    """Ends the change; whoever asked for it withdraws it so. Raises NotAllowed, ChangeMovedOn."""
    check_may_refuse(by, change)
    change = _locked(change)
    is_own = by.pk == change.asked_by_id
    kind = Event.Kind.ACCESS_WITHDRAWN if is_own else Event.Kind.ACCESS_REFUSED
    granting.tell(kind, change.person, by=by, change=change.kind)
    _end(change, State.WITHDRAWN if is_own else State.REFUSED)


def carry_out_due() -> None:
    """Every worker's sweep: what nobody else could confirm, and what nobody has refused in its waiting time.

    Who could confirm it by now is waited for. A change that is not possible any more ends.
    """
    for change in AccessChange.objects.waiting().filter(due_at__lte=timezone.now()):
        try:
            with transaction.atomic():
                one = _locked(change)
                if not who_may_confirm(one):
                    _carry_out(one, {"how": apart.WAITING})
        except WorkflowError:
            with transaction.atomic():
                AccessChange.objects.waiting().filter(pk=change.pk).update(state=State.REFUSED, ended_at=timezone.now())
                granting.tell(Event.Kind.ACCESS_REFUSED, change.person, by=None, change=change.kind)


def use_link(person: Person, *, by: Person) -> dict[str, Any]:
    """Uses up the confirmed change with which `by` makes one link for the person; returns how it was confirmed.

    Raises NotConfirmed if there is none: it has to be asked for.
    """
    change = links_left(person, by=by).first()
    if change is None or _end(change, State.DONE, was=State.CONFIRMED) != 1:
        raise NotConfirmed
    return dict(change.confirmed or {})


def links_left(person: Person, *, by: Person) -> QuerySet[AccessChange]:
    """The confirmed links that `by` may make for the person, each once and within LINK_WAITS."""
    confirmed = AccessChange.objects.filter(person=person, kind=Kind.LINK, state=State.CONFIRMED, asked_by=by)
    return confirmed.filter(ended_at__gte=timezone.now() - LINK_WAITS)


def _locked(change: AccessChange) -> AccessChange:
    one = AccessChange.objects.select_for_update(of=("self",)).select_related("person", "asked_by").get(pk=change.pk)
    if one.state != State.WAITING:
        raise ChangeMovedOn(state=one.get_state_display())
    return one


def _end(change: AccessChange, state: str, *, was: str = State.WAITING) -> int:
    ended = AccessChange.objects.filter(pk=change.pk, state=was)
    return ended.update(state=state, confirmed=change.confirmed, ended_at=timezone.now())


def _carry_out(change: AccessChange, confirmed: dict[str, Any]) -> None:
    """As whoever asked for it, who must still be allowed to. Raises NotAllowed and what the change itself raises."""
    # As the verb that asked: who gives an account of theirs need not administer all others of the person.
    if change.kind == Kind.SHOPS:
        permissions.check_may_manage_person(change.asked_by, change.person)
    else:
        permissions.check_may_manage_person_everywhere(change.asked_by, change.person)
    change.confirmed = confirmed
    person, data = change.person, change.data
    how: dict[str, Any] = {"by": change.asked_by, "confirmed": confirmed}
    match change.kind:
        case Kind.LINK:
            _end(change, State.CONFIRMED)
            return
        case Kind.ROLES:
            _change_roles(change)
        case Kind.SHOPS:
            granting.give_shops(person, Shop.objects.for_user(change.asked_by).filter(pk__in=data["to_give"]), **how)
        case Kind.DETAILS:
            granting.change_details(person, data["after"], **how)
        case Kind.FACTOR:
            granting.remove_second_factor(person, **how)
        case Kind.IDENTITY:
            granting.reset_identity(person, **how)
        case Kind.MACHINE if data["before"]:
            machine_settings.change(person.machine, data["before"], data["after"], **how)
        case Kind.MACHINE:
            machine_settings.activate(person.machine, **how)
        case Kind.REACTIVATION:
            granting.reactivate(person, **how)
        case unknown:
            raise ValueError(unknown)
    _end(change, State.DONE)


def _change_roles(change: AccessChange) -> None:
    if granting.roles_of(change.person) != change.data["before"]:
        raise PersonChanged
    granting.change_roles(change.person, change.data["roles"], by=change.asked_by, confirmed=change.confirmed)
    if change.person.last_login is None and not change.person.has_usable_password():
        # Confirmed together: a person who was just added needs a link to come in at all.
        link = AccessChange.objects.create(
            person=change.person,
            kind=Kind.LINK,
            asked_by=change.asked_by,
            asked_at=timezone.now(),
            state=State.CONFIRMED,
            confirmed=change.confirmed,
            ended_at=timezone.now(),
        )
        link.shops.set(change.shops.all())
