"""Writes what people may do and how they get in, each with its event. Who may ask for it is not decided here.

`confirmed` says how a change was confirmed that needs a second person (access_changes.py); None if it needs none.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from unicodedata import category, normalize

from django.contrib.auth.models import Group
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from cancellations.models import Event, Person, Shop
from cancellations.workflow import permissions, telling
from cancellations.workflow.errors import (
    FactorMissing,
    IdentityMissing,
    NameTaken,
    PersonActive,
    UsernameTaken,
)

Confirmed = dict[str, Any] | None


def roles_of(person: Person) -> list[str]:
    """The roles of a person, in the order in which they stand on pages."""
    names = set(person.groups.values_list("name", flat=True))
    return [role for role in permissions.ROLES if role in names]


def write_roles(person: Person, roles: Iterable[str]) -> None:
    """Other groups than the roles, if there are any, are left alone."""
    groups = {group.name: group for group in Group.objects.filter(name__in=permissions.ROLES)}
    person.groups.remove(*(group for name, group in groups.items() if name not in roles))
    person.groups.add(*(groups[role] for role in roles))


def change_roles(person: Person, roles: Iterable[str], *, by: Person, confirmed: Confirmed = None) -> None:
    before = roles_of(person)
    write_roles(person, roles)
    tell(Event.Kind.ROLES_CHANGED, person, by=by, before=before, after=roles_of(person), confirmed=confirmed)


def give_shops(person: Person, shops: Iterable[Shop], *, by: Person, confirmed: Confirmed = None) -> None:
    person.shops.add(*shops)
    for shop in sorted(shops, key=lambda shop: shop.name):
        tell_membership(person, shop, by=by, works_here=True, confirmed=confirmed)


def take_shops(person: Person, shops: Iterable[Shop], *, by: Person) -> None:
    person.shops.remove(*shops)
    for shop in sorted(shops, key=lambda shop: shop.name):
        tell_membership(person, shop, by=by, works_here=False)


def tell_membership(
    person: Person, shop: Shop, *, by: Person, works_here: bool, at: datetime | None = None, confirmed: Confirmed = None
) -> None:
    """The event of a person who works for a shop from now on, or does not any more."""
    data: dict[str, Any] = {"before": not works_here, "after": works_here}
    if confirmed:
        data["confirmed"] = confirmed
    Event.write(Event.Kind.MEMBERS_CHANGED, by=by, at=at or timezone.now(), shop=shop, person=person, **data)


def details_of(person: Person) -> dict[str, str]:
    return {"username": person.username, "name": person.name, "email": person.email}


def change_details(person: Person, details: dict[str, str], *, by: Person, confirmed: Confirmed = None) -> None:
    """Raises UsernameTaken, NameTaken."""
    before = details_of(person)
    changed = [key for key in details if before[key] != details[key]]
    check_free(besides=person, **{key: details[key] for key in changed if key != "email"})
    for key in changed:
        setattr(person, key, details[key])
    person.save(update_fields=["username", "name", "email"])
    only = [{key: one[key] for key in changed} for one in (before, details)]
    tell(Event.Kind.PERSON_CHANGED, person, by=by, before=only[0], after=only[1], confirmed=confirmed)


def reactivate(person: Person, *, by: Person, note: str = "", confirmed: Confirmed = None) -> None:
    """Raises PersonActive, and NameTaken if somebody else is called so by now."""
    check_free(name=str(person), besides=person)
    if Person.objects.filter(pk=person.pk, is_active=False).update(is_active=True) != 1:
        raise PersonActive
    tell(Event.Kind.REACTIVATED, person, by=by, note=note, confirmed=confirmed)


def remove_second_factor(person: Person, *, by: Person, confirmed: Confirmed = None) -> None:
    """With its recovery codes; all sessions of the person end. Raises FactorMissing."""
    removed, _rows = TOTPDevice.objects.filter(user=person, confirmed=True).delete()
    if not removed:
        raise FactorMissing
    StaticDevice.objects.filter(user=person).delete()
    end_sessions(person)
    tell(Event.Kind.FACTOR_REMOVED, person, by=by, confirmed=confirmed)


def reset_identity(person: Person, *, by: Person, confirmed: Confirmed = None) -> None:
    """The next sign-in through the company's provider is matched by the username again. Raises IdentityMissing."""
    linked = Person.objects.filter(pk=person.pk).exclude(oidc_subject="")
    if linked.update(oidc_issuer="", oidc_subject="") != 1:
        raise IdentityMissing
    end_sessions(person)
    tell(Event.Kind.IDENTITY_RESET, person, by=by, confirmed=confirmed)


def end_sessions(person: Person) -> None:
    """All of them; that of whoever does this may go on with a new hash, by `update_session_auth_hash`."""
    person.signed_out_at = timezone.now()
    person.save(update_fields=["signed_out_at"])


def check_free(*, besides: Person | None = None, username: str = "", name: str = "") -> None:
    """'LiNa' beside 'lina' would be taken for the same person, and so would a second active 李娜.

    Raises UsernameTaken, NameTaken.
    """
    others = Person.objects.exclude(pk=besides.pk) if besides else Person.objects.all()
    if username and others.filter(username__iexact=username).exists():
        raise UsernameTaken
    if name:
        known = others.filter(is_active=True).values_list("name", "username")
        if looks_like(name) in {looks_like(shown) for pair in known for shown in pair if shown}:
            raise NameTaken


def looks_like(name: str) -> str:
    """What two names have in common that nobody tells apart: width, case, spaces and invisible characters aside."""
    return "".join(letter for letter in normalize("NFKC", name).casefold() if category(letter)[0] not in "ZC")


def tell(
    kind: Event.Kind, person: Person, *, by: Person | None, note: str = "", confirmed: Confirmed = None, **data: Any
) -> None:
    """Writes the event about the person."""
    data |= {"confirmed": confirmed} if confirmed else {}
    telling.tell(Event.write(kind, by=by, person=person, at=timezone.now(), note=note.strip()[:500], **data))
