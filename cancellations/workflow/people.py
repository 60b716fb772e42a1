"""What administrators do with people: add them, give roles and shops, let them set a password, put them out.

Each verb says who did it and what it was before and after, in one event or, for shops, one for each shop. A call that
would change nothing raises NothingToChange. What makes or recovers somebody who may decide or administer is only asked
for: the verb returns the AccessChange that somebody else has to confirm.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django_otp.plugins.otp_totp.models import TOTPDevice

from cancellations.models import AccessChange, Event, Person, Shop
from cancellations.workflow import access_changes, drafts, granting, permissions
from cancellations.workflow.errors import (
    FactorMissing,
    IdentityMissing,
    LastAdministrator,
    LinkUsed,
    NotAllowed,
    NothingToChange,
    OwnAccount,
    PersonActive,
    PersonChanged,
    PersonInactive,
    SuperuserDecidesNothing,
    WhyMissing,
)


def known_to(administrator: Person) -> QuerySet[Person]:
    """The people whom an administrator sees: those who share a shop with them, and whom they added if without one."""
    return everybody_known_to(administrator).filter(is_machine=False)


def everybody_known_to(administrator: Person) -> QuerySet[Person]:
    """The same with machines."""
    if administrator.is_superuser:
        return Person.objects.all()
    sharing = Person.objects.filter(shops__in=Shop.objects.for_user(administrator))
    without = Person.objects.filter(shops=None, added_by=administrator)
    own = Q(pk=administrator.pk)
    return Person.objects.filter(own | Q(pk__in=sharing.values("pk")) | Q(pk__in=without.values("pk")))


def shops_of(person: Person, *, by: Person) -> QuerySet[Shop]:
    """The shops of a person among those that are the administrator's own; of others nothing is said and done."""
    return person.shops.filter(pk__in=Shop.objects.for_user(by).values("pk"))


@transaction.atomic
def add_person(
    *, by: Person, username: str, name: str, roles: Iterable[str] = (), shops: Iterable[Shop] = (), email: str = ""
) -> Person:
    """Adds a person who cannot sign in before a password is set; returns the person.

    Of a person who is to decide or administer, these roles are asked for, and wait for a second administrator.
    Raises NotAllowed, also for a shop that is not the administrator's own, UsernameTaken and NameTaken.
    """
    [by] = one_after_the_other(by)
    permissions.check_may_manage_people(by)
    check_own(shops, by)
    granting.check_free(username=username, name=name.strip() or username)
    person = Person(username=username, name=name.strip(), email=email, added_by=by)
    person.set_unusable_password()
    person.save()
    roles = [role for role in permissions.ROLES if role in roles]
    given = [role for role in roles if role not in access_changes.GUARDED]
    granting.write_roles(person, given)
    granting.tell(Event.Kind.PERSON_ADDED, person, by=by, after=granting.details_of(person) | {"roles": given})
    granting.give_shops(person, shops, by=by)
    if given != roles:
        access_changes.ask(AccessChange.Kind.ROLES, person, by=by, before=given, roles=roles)
    return person


@transaction.atomic
def change_roles(
    person: Person, *, by: Person, roles: Iterable[str], seen: Collection[str] | None = None
) -> AccessChange | None:
    """Gives and takes roles, so that the person has exactly `roles`; `seen` are those that the page showed.

    Raises NotAllowed, OwnAccount, SuperuserOnly, WorksElsewhere, LastAdministrator, PersonChanged, NothingToChange,
    SuperuserDecidesNothing, ChangeWaits.
    """
    by, person = _somebody(by, person)
    permissions.check_may_manage_person_everywhere(by, person)
    _check_not_own(by, person)
    before = granting.roles_of(person)
    _check_seen(before, roles, seen)
    if permissions.ADMINISTRATOR in before and permissions.ADMINISTRATOR not in roles:
        _check_not_last_administrator(person)
    if person.is_superuser and permissions.MANAGER in roles:
        raise SuperuserDecidesNothing
    if access_changes.GUARDED & (set(roles) - set(before)):
        wanted = [role for role in permissions.ROLES if role in roles]
        return access_changes.ask(AccessChange.Kind.ROLES, person, by=by, before=before, roles=wanted)
    granting.change_roles(person, roles, by=by)
    return None


@transaction.atomic
def change_shops(
    person: Person, *, by: Person, shops: Iterable[Shop], seen: Collection[Shop] | None = None
) -> AccessChange | None:
    """Gives and takes shops: of those of the administrator the person then has exactly `shops`, others are left alone.

    `seen` are the shops that the page showed. Raises NotAllowed, SuperuserOnly, LastAdministrator, PersonChanged,
    NothingToChange, ChangeWaits.
    """
    by, person = one_after_the_other(by, person)
    permissions.check_may_manage_person(by, person)
    check_own(shops, by)
    before, after = set(shops_of(person, by=by)), set(shops)
    _check_seen(before, shops, seen)
    _check_not_last_administrator(person, of=before - after)
    granting.take_shops(person, before - after, by=by)
    return give_shops(person, after - before, by=by)


def give_shops(person: Person, shops: Collection[Shop], *, by: Person) -> AccessChange | None:
    """Gives seller accounts that the caller has checked; to somebody who may decide, a second person has to agree."""
    if not shops:
        return None
    if person != by and access_changes.is_guarded(person):
        keys = sorted(shop.pk for shop in shops)
        return access_changes.ask(AccessChange.Kind.SHOPS, person, by=by, shops=shops, to_give=keys)
    granting.give_shops(person, shops, by=by)
    return None


@transaction.atomic
def change_details(person: Person, *, by: Person, username: str, name: str, email: str = "") -> AccessChange | None:
    """Changes what a person signs in with, their name and e-mail address.

    Raises NotAllowed, SuperuserOnly, WorksElsewhere, UsernameTaken, NameTaken, NothingToChange, ChangeWaits.
    """
    by, person = _somebody(by, person)
    permissions.check_may_manage_person_everywhere(by, person)
    before, after = granting.details_of(person), {"username": username, "name": name.strip(), "email": email}
    if before == after:
        raise NothingToChange
    if username != before["username"] and person != by and access_changes.is_guarded(person):
        # Whoever is called so at the company's provider could come in as this person.
        granting.check_free(besides=person, username=username, name=name.strip())
        return access_changes.ask(AccessChange.Kind.DETAILS, person, by=by, after=after)
    granting.change_details(person, after, by=by)
    return None


@transaction.atomic
def deactivate(person: Person, *, by: Person, note: str, drafts_to: Person | None = None) -> None:
    """Puts a person out: sessions and links for a password are over at once; their requests stay as they are.

    The drafts, which nobody else sees, become those of `drafts_to`, if somebody is named.
    Raises NotAllowed, OwnAccount, SuperuserOnly, WorksElsewhere, WhyMissing, LastAdministrator, PersonInactive.
    """
    by, person = one_after_the_other(by, person)
    permissions.check_may_manage_person_everywhere(by, person)
    _check_not_own(by, person)
    if not note.strip():
        raise WhyMissing
    _check_not_last_administrator(person)
    active = Person.objects.filter(pk=person.pk, is_active=True)
    if active.update(is_active=False, signed_out_at=timezone.now()) != 1:
        raise PersonInactive
    if drafts_to:
        drafts.hand_over(person, to=drafts_to, by=by)
    granting.tell(Event.Kind.DEACTIVATED, person, by=by, note=note)


@transaction.atomic
def reactivate(person: Person, *, by: Person, note: str = "") -> AccessChange | None:
    """Lets a person in again, with the roles and shops of before. Sessions and links of before stay over.

    Raises NotAllowed, SuperuserOnly, WorksElsewhere, PersonActive, NameTaken, ChangeWaits.
    """
    by, person = one_after_the_other(by, person)
    permissions.check_may_manage_person_everywhere(by, person)
    if person.is_active:
        raise PersonActive
    if access_changes.is_guarded(person):
        return access_changes.ask(AccessChange.Kind.REACTIVATION, person, by=by)
    granting.reactivate(person, by=by, note=note)
    return None


@transaction.atomic
def remove_second_factor(person: Person, *, by: Person) -> AccessChange | None:
    """Removes somebody else's second factor with its recovery codes; all sessions of the person end.

    Whoever must have one sets up a new one at the next sign-in.
    Raises NotAllowed, OwnAccount, SuperuserOnly, WorksElsewhere, FactorMissing, ChangeWaits.
    """
    by, person = _somebody(by, person)
    permissions.check_may_manage_person_everywhere(by, person)
    _check_not_own(by, person)
    if not access_changes.is_guarded(person):
        granting.remove_second_factor(person, by=by)
        return None
    if not TOTPDevice.objects.filter(user=person, confirmed=True).exists():
        raise FactorMissing
    return access_changes.ask(AccessChange.Kind.FACTOR, person, by=by)


@transaction.atomic
def reset_identity(person: Person, *, by: Person) -> AccessChange | None:
    """Ends the link to the company account: the next sign-in through the provider is matched by the username again.

    Raises NotAllowed, OwnAccount, SuperuserOnly, WorksElsewhere, IdentityMissing, ChangeWaits.
    """
    by, person = _somebody(by, person)
    permissions.check_may_manage_person_everywhere(by, person)
    _check_not_own(by, person)
    if not person.oidc_subject:
        raise IdentityMissing
    if access_changes.is_guarded(person):
        return access_changes.ask(AccessChange.Kind.IDENTITY, person, by=by)
    granting.reset_identity(person, by=by)
    return None


class LinkTokens(PasswordResetTokenGenerator):
    """Django's, and a link also ends with any change of what guards the person: roles, seller accounts, second factor,
    name to sign in with, and when they are deactivated or signed out everywhere."""

    def _make_hash_value(self, person: Person, timestamp: int) -> str:
        shops = sorted(person.shops.values_list("pk", flat=True))
        factors = sorted(TOTPDevice.objects.filter(user=person, confirmed=True).values_list("pk", flat=True))
        guards = (person.username, person.is_superuser, granting.roles_of(person), shops, factors)
        identity = (person.oidc_issuer, person.oidc_subject, person.is_active, person.signed_out_at)
        return f"{super()._make_hash_value(person, timestamp)}{guards}{identity}"


link_tokens = LinkTokens()


@transaction.atomic
def make_link(person: Person, *, by: Person) -> str:
    """Returns the path of a one-time link with which the person sets a password; nothing keeps it.

    It ends after PASSWORD_RESET_TIMEOUT seconds, when it is used, when the person signs in, and when they are
    deactivated. For somebody who may decide or administer it needs a confirmed change (`ask_for_link`).
    Raises NotAllowed, NotConfirmed, SuperuserOnly, WorksElsewhere, PersonInactive.
    """
    by, person = _somebody(by, person)
    permissions.check_may_manage_person_everywhere(by, person)
    if not person.is_active:
        raise PersonInactive
    confirmed = access_changes.use_link(person, by=by) if person != by and access_changes.is_guarded(person) else None
    granting.tell(Event.Kind.LINK_MADE, person, by=by, confirmed=confirmed)
    return reverse("set-password", args=[urlsafe_base64_encode(force_bytes(person.pk)), link_tokens.make_token(person)])


@transaction.atomic
def ask_for_link(person: Person, *, by: Person) -> AccessChange:
    """Asks a second administrator to confirm a link for somebody who may decide or administer.

    Raises NotAllowed, OwnAccount, SuperuserOnly, WorksElsewhere, PersonInactive, ChangeWaits.
    """
    by, person = _somebody(by, person)
    permissions.check_may_manage_person_everywhere(by, person)
    if not person.is_active:
        raise PersonInactive
    return access_changes.ask(AccessChange.Kind.LINK, person, by=by)


@transaction.atomic
def set_password(person: Person, *, password: str) -> None:
    """The person sets a password by a link, which is used up by it. Of two at the same moment one counts.

    Raises LinkUsed, also if the person was deactivated in the meantime.
    """
    here = Person.objects.filter(pk=person.pk, is_active=True, is_machine=False, password=person.password)
    person.set_password(password)
    if here.update(password=person.password) != 1:
        raise LinkUsed
    granting.tell(Event.Kind.PASSWORD_SET, person, by=person)


def _somebody(by: Person, person: Person) -> list[Person]:
    """As `one_after_the_other`; NotAllowed for a machine, which has nothing of what is to be changed."""
    if person.is_machine:
        raise NotAllowed
    return one_after_the_other(by, person)


def one_after_the_other(*people: Person) -> list[Person]:
    """Changes of people wait for each other, so that two administrators cannot put each other out at the same moment.

    Returns the people as they are now. On SQLite the transaction itself makes the others wait.
    """
    Group.objects.select_for_update(no_key=True).get(name=permissions.ADMINISTRATOR)
    found = {person.pk: person for person in Person.objects.filter(pk__in=[person.pk for person in people])}
    if any(person.pk not in found for person in people):
        raise NotAllowed
    return [found[person.pk] for person in people]


def check_own(shops: Iterable[Shop], by: Person) -> None:
    """Raises NotAllowed if one of the shops is not the administrator's."""
    if set(shops) - set(Shop.objects.for_user(by)):
        raise NotAllowed


def _check_not_own(by: Person, person: Person) -> None:
    if by == person:
        raise OwnAccount


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
