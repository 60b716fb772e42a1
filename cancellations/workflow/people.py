"""What administrators do with people: add them, give roles and shops, let them set a password, put them out.

Each verb says who did it and what it was before and after, in one event or, for shops, one for each shop. A call that
would change nothing raises NothingToChange.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from cancellations.models import Event, Person, Shop
from cancellations.workflow import drafts, permissions
from cancellations.workflow.errors import (
    LastAdministrator,
    LinkUsed,
    NotAllowed,
    NothingToChange,
    OwnAccount,
    PersonActive,
    PersonChanged,
    PersonInactive,
    UsernameTaken,
    WhyMissing,
)


def known_to(administrator: Person) -> QuerySet[Person]:
    """The people whom an administrator sees: those who share a shop with them, and those who work for none."""
    if administrator.is_superuser:
        return Person.objects.all()
    sharing = Person.objects.filter(shops__in=Shop.objects.for_user(administrator))
    without = Person.objects.filter(shops=None)
    return Person.objects.filter(Q(pk__in=sharing.values("pk")) | Q(pk__in=without.values("pk")))


def roles_of(person: Person) -> list[str]:
    """The roles of a person, in the order in which they stand on pages."""
    names = set(person.groups.values_list("name", flat=True))
    return [role for role in permissions.ROLES if role in names]


def shops_of(person: Person, *, by: Person) -> QuerySet[Shop]:
    """The shops of a person among those that are the administrator's own; of others nothing is said and done."""
    return person.shops.filter(pk__in=Shop.objects.for_user(by).values("pk"))


@transaction.atomic
def add_person(
    *, by: Person, username: str, name: str, roles: Iterable[str] = (), shops: Iterable[Shop] = (), email: str = ""
) -> Person:
    """Adds a person who cannot sign in before a password is set; returns the person.

    Raises NotAllowed, also for a shop that is not the administrator's own, and UsernameTaken.
    """
    [by] = one_after_the_other(by)
    permissions.check_may_manage_people(by)
    _check_own(shops, by)
    _check_free(username)
    now = timezone.now()
    person = Person(username=username, name=name.strip(), email=email)
    person.set_unusable_password()
    person.save()
    _write_roles(person, roles)
    details = _details(person) | {"roles": roles_of(person)}
    Event.write(Event.Kind.PERSON_ADDED, by=by, person=person, at=now, after=details)
    _give_and_take(person, shops, by=by, at=now)
    return person


@transaction.atomic
def change_roles(person: Person, *, by: Person, roles: Iterable[str], seen: Collection[str] | None = None) -> None:
    """Gives and takes roles, so that the person has exactly `roles`; `seen` are those that the page showed.

    Raises NotAllowed, OwnAccount, SuperuserOnly, WorksElsewhere, LastAdministrator, PersonChanged, NothingToChange.
    """
    by, person = one_after_the_other(by, person)
    permissions.check_may_manage_person_everywhere(by, person)
    _check_not_own(by, person)
    before = roles_of(person)
    _check_seen(before, roles, seen)
    if permissions.ADMINISTRATOR in before and permissions.ADMINISTRATOR not in roles:
        _check_not_last_administrator(person)
    _write_roles(person, roles)
    _tell(Event.Kind.ROLES_CHANGED, person, by=by, before=before, after=roles_of(person))


@transaction.atomic
def change_shops(person: Person, *, by: Person, shops: Iterable[Shop], seen: Collection[Shop] | None = None) -> None:
    """Gives and takes shops: of those of the administrator the person then has exactly `shops`, others are left alone.

    `seen` are the shops that the page showed. Raises NotAllowed, SuperuserOnly, LastAdministrator, PersonChanged,
    NothingToChange.
    """
    by, person = one_after_the_other(by, person)
    permissions.check_may_manage_person(by, person)
    _check_own(shops, by)
    before = set(shops_of(person, by=by))
    _check_seen(before, shops, seen)
    _check_not_last_administrator(person, of=before - set(shops))
    _give_and_take(person, shops, by=by, at=timezone.now())


@transaction.atomic
def change_details(person: Person, *, by: Person, username: str, name: str, email: str = "") -> None:
    """Changes what a person signs in with, their name and e-mail address.

    Raises NotAllowed, SuperuserOnly, WorksElsewhere, UsernameTaken, NothingToChange.
    """
    by, person = one_after_the_other(by, person)
    permissions.check_may_manage_person_everywhere(by, person)
    before = _details(person)
    person.username, person.name, person.email = username, name.strip(), email
    after = _details(person)
    changed = [key for key in after if before[key] != after[key]]
    if not changed:
        raise NothingToChange
    if "username" in changed:
        _check_free(username, besides=person)
    person.save(update_fields=["username", "name", "email"])
    only = [{key: details[key] for key in changed} for details in (before, after)]
    _tell(Event.Kind.PERSON_CHANGED, person, by=by, before=only[0], after=only[1])


@transaction.atomic
def deactivate(person: Person, *, by: Person, note: str, drafts_to: Person | None = None) -> None:
    """Puts a person out: sessions and links for a password are over at once; their requests stay as they are.

    The drafts, which nobody else sees, become those of `drafts_to`, if somebody is named.
    Raises NotAllowed, OwnAccount, SuperuserOnly, WhyMissing, LastAdministrator, PersonInactive.
    """
    by, person = one_after_the_other(by, person)
    permissions.check_may_manage_person(by, person)
    _check_not_own(by, person)
    if not note.strip():
        raise WhyMissing
    _check_not_last_administrator(person)
    active = Person.objects.filter(pk=person.pk, is_active=True)
    if active.update(is_active=False, signed_out_at=timezone.now()) != 1:
        raise PersonInactive
    if drafts_to:
        drafts.hand_over(person, to=drafts_to, by=by)
    _tell(Event.Kind.DEACTIVATED, person, by=by, note=note)


@transaction.atomic
def reactivate(person: Person, *, by: Person, note: str = "") -> None:
    """Lets a person in again, with the roles and shops of before. Sessions and links of before stay over.

    Raises NotAllowed, SuperuserOnly, WorksElsewhere, PersonActive.
    """
    by, person = one_after_the_other(by, person)
    permissions.check_may_manage_person_everywhere(by, person)
    if Person.objects.filter(pk=person.pk, is_active=False).update(is_active=True) != 1:
        raise PersonActive
    _tell(Event.Kind.REACTIVATED, person, by=by, note=note)


class LinkTokens(PasswordResetTokenGenerator):
    """Django's, and a link also ends when the person is deactivated or signed out everywhere."""

    def _make_hash_value(self, person: Person, timestamp: int) -> str:
        return f"{super()._make_hash_value(person, timestamp)}{person.signed_out_at}"


link_tokens = LinkTokens()


@transaction.atomic
def make_link(person: Person, *, by: Person) -> str:
    """Returns the path of a one-time link with which the person sets a password; nothing keeps it.

    It ends after PASSWORD_RESET_TIMEOUT seconds, when it is used, when the person signs in, and when they are
    deactivated. Raises NotAllowed, SuperuserOnly, WorksElsewhere, PersonInactive.
    """
    by, person = one_after_the_other(by, person)
    permissions.check_may_manage_person_everywhere(by, person)
    if not person.is_active:
        raise PersonInactive
    _tell(Event.Kind.LINK_MADE, person, by=by)
    return reverse("set-password", args=[urlsafe_base64_encode(force_bytes(person.pk)), link_tokens.make_token(person)])


@transaction.atomic
def set_password(person: Person, *, password: str) -> None:
    """The person sets a password by a link, which is used up by it. Of two at the same moment one counts.

    Raises LinkUsed, also if the person was deactivated in the meantime.
    """
    here = Person.objects.filter(pk=person.pk, is_active=True, password=person.password)
    person.set_password(password)
    if here.update(password=person.password) != 1:
        raise LinkUsed
    _tell(Event.Kind.PASSWORD_SET, person, by=person)


def one_after_the_other(*people: Person) -> list[Person]:
    """Changes of people wait for each other, so that two administrators cannot put each other out at the same moment.

    Returns the people as they are now. On SQLite the transaction itself makes the others wait.
    """
    Group.objects.select_for_update(no_key=True).get(name=permissions.ADMINISTRATOR)
    found = {person.pk: person for person in Person.objects.filter(pk__in=[person.pk for person in people])}
    if any(person.pk not in found for person in people):
        raise NotAllowed
    return [found[person.pk] for person in people]


def _check_own(shops: Iterable[Shop], by: Person) -> None:
    if set(shops) - set(Shop.objects.for_user(by)):
        raise NotAllowed


def _check_not_own(by: Person, person: Person) -> None:
    if by == person:
        raise OwnAccount


def _check_free(username: str, *, besides: Person | None = None) -> None:
    """'LiNa' beside 'lina' would be taken for the same person."""
    others = Person.objects.exclude(pk=besides.pk) if besides else Person.objects.all()
    if others.filter(username__iexact=username).exists():
        raise UsernameTaken


def _check_seen(before: Iterable[Any], wanted: Iterable[Any], seen: Collection[Any] | None) -> None:
    if seen is not None and set(seen) != set(before):
        raise PersonChanged
    if set(wanted) == set(before):
        raise NothingToChange


def _check_not_last_administrator(person: Person, of: Iterable[Shop] | None = None) -> None:
    """Raises LastAdministrator if one of the shops (by default, all of the person's) has nobody else for it."""
    if not permissions.has_role(person, permissions.ADMINISTRATOR):
        return
    others = Person.objects.filter(is_active=True).exclude(pk=person.pk)
    if somebody_administers_everything():
        return
    shops = person.shops.all() if of is None else person.shops.filter(pk__in=[shop.pk for shop in of])
    kept = Shop.objects.filter(members__in=others.filter(groups__name=permissions.ADMINISTRATOR))
    left = shops.exclude(pk__in=kept.values("pk")).first()
    if left:
        raise LastAdministrator(shop=left.name)


def somebody_administers_everything() -> bool:
    """Whether there is an active superuser: then no shop is left without an administrator."""
    return Person.objects.filter(is_superuser=True, is_active=True).exists()


def _write_roles(person: Person, roles: Iterable[str]) -> None:
    """Other groups than the roles, if there are any, are left alone."""
    groups = {group.name: group for group in Group.objects.filter(name__in=permissions.ROLES)}
    person.groups.remove(*(group for name, group in groups.items() if name not in roles))
    person.groups.add(*(groups[role] for role in roles))


def _give_and_take(person: Person, shops: Iterable[Shop], *, by: Person, at: datetime) -> None:
    before = set(shops_of(person, by=by))
    person.shops.remove(*(before - set(shops)))
    person.shops.add(*shops)
    for shop in sorted(before ^ set(shops), key=lambda shop: shop.name):
        tell_membership(person, shop, by=by, at=at, works_here=shop in shops)


def tell_membership(person: Person, shop: Shop, *, by: Person, at: datetime, works_here: bool) -> None:
    """The event of a person who works for a shop from now on, or does not any more."""
    Event.write(
        Event.Kind.MEMBERS_CHANGED,
        by=by,
        at=at,
        shop=shop,
        person=person,
        before=not works_here,
        after=works_here,
    )


def _details(person: Person) -> dict[str, str]:
    return {"username": person.username, "name": person.name, "email": person.email}


def _tell(kind: Event.Kind, person: Person, *, by: Person, note: str = "", **data: Any) -> None:
    Event.write(kind, by=by, person=person, at=timezone.now(), note=note.strip()[:500], **data)
