"""Who may do what. A check raises; `may` turns it into a boolean for pages. It knows no status."""

from collections.abc import Callable
from typing import Any

from django.conf import settings

from cancellations.models import CancellationRequest, Machine, Person, Shop
from cancellations.workflow import apart
from cancellations.workflow.errors import NotAllowed, OwnMachine, OwnRequest, SuperuserOnly, WorksElsewhere

CLERK, MANAGER, AUDITOR, ADMINISTRATOR = "clerk", "manager", "auditor", "administrator"
ROLES = (CLERK, MANAGER, AUDITOR, ADMINISTRATOR)


def has_role(user: Person, *roles: str) -> bool:
    """Whether an active person has one of the roles. A superuser is an administrator and nothing else."""
    if not user.is_active:
        return False
    if user.is_superuser and ADMINISTRATOR in roles:
        return True
    return not user.roles.isdisjoint(roles)


def check_role_in_shop(user: Person, shop: Shop, *roles: str) -> None:
    """A person belongs to the seller accounts given to them; a superuser administers all, and is nothing else there."""
    if user.is_superuser and user.is_active and ADMINISTRATOR in roles:
        return
    # Asked several times a page: of the memberships alone, without the people.
    if not (has_role(user, *roles) and Shop.members.through.objects.filter(shop=shop.pk, person=user.pk).exists()):
        raise NotAllowed


def check_may_draft(user: Person, shop: Shop) -> None:
    check_role_in_shop(user, shop, CLERK)


def check_may_bring_files(user: Person) -> None:
    if not has_role(user, CLERK):
        raise NotAllowed


def check_may_submit(user: Person, cancellation: CancellationRequest) -> None:
    check_role_in_shop(user, cancellation.shop, CLERK)
    if user.pk != cancellation.requester_id:
        raise NotAllowed


check_may_withdraw = check_may_change_draft = check_may_submit


def check_may_decide(user: Person, cancellation: CancellationRequest) -> None:
    """Managers of the shop, but never on their own request; nobody is exempt, and a superuser decides on nothing.

    Nor on that of somebody whom they got in, or who got them in, or whom the same person got in (apart.py).
    """
    if user.pk == cancellation.requester_id and has_role(user, MANAGER):
        raise OwnRequest
    check_role_in_shop(user, cancellation.shop, MANAGER)
    if user.is_superuser:
        raise NotAllowed
    machine = Machine.objects.filter(person=cancellation.requester_id, responsible=user).first()
    if machine:
        raise OwnMachine(machine=str(machine))
    apart.check_apart(user, cancellation.requester)


def check_may_look_up(user: Person, cancellation: CancellationRequest) -> None:
    """The requester, and whoever may decide."""
    if user.pk == cancellation.requester_id:
        check_role_in_shop(user, cancellation.shop, CLERK)
    else:
        check_role_in_shop(user, cancellation.shop, MANAGER)


check_may_decide_by_hand = check_may_decide


def check_may_stop(user: Person, cancellation: CancellationRequest) -> None:
    """Stopping does no harm that cannot be mended, so everyone who answers for the request may."""
    if user.pk == cancellation.requester_id:
        check_role_in_shop(user, cancellation.shop, CLERK, MANAGER)
    else:
        check_role_in_shop(user, cancellation.shop, MANAGER, ADMINISTRATOR)


check_may_ask_again = check_may_stop


def check_may_resume(user: Person, cancellation: CancellationRequest) -> None:
    check_role_in_shop(user, cancellation.shop, MANAGER, ADMINISTRATOR)


def check_may_copy(user: Person, cancellation: CancellationRequest) -> None:
    check_role_in_shop(user, cancellation.shop, CLERK)


def check_may_pause_account(user: Person, shop: Shop) -> None:
    """Pausing does no harm that cannot be mended: managers see first what goes wrong."""
    check_role_in_shop(user, shop, MANAGER, ADMINISTRATOR)


def check_may_change_shop(user: Person, shop: Shop) -> None:
    check_role_in_shop(user, shop, ADMINISTRATOR)


def check_is_self(user: Person, person: Person) -> None:
    """What nobody does for somebody else: set up their second factor, change their password."""
    if user.pk != person.pk:
        raise NotAllowed


def needs_second_factor(user: Person) -> bool:
    """Whether a setting requires a second factor of one of the person's roles."""
    return bool(settings.SECOND_FACTOR_FOR) and has_role(user, *settings.SECOND_FACTOR_FOR)


def check_may_see_figures(user: Person) -> None:
    if not has_role(user, MANAGER, AUDITOR, ADMINISTRATOR):
        raise NotAllowed


def check_may_manage_shops(user: Person) -> None:
    if not has_role(user, ADMINISTRATOR):
        raise NotAllowed


check_may_manage_people = check_may_change_calendar = check_may_confirm_restore = check_may_manage_shops


def check_may_verify_history(user: Person) -> None:
    """The history is one for all shops; whether it is in order says nothing of what is in it."""
    if not has_role(user, AUDITOR, ADMINISTRATOR):
        raise NotAllowed


def check_may_manage_person(user: Person, person: Person) -> None:
    """Administrators who share a shop with the person, or who added them if the person works for none."""
    check_may_manage_people(user)
    if user.is_superuser:
        return
    if person.is_superuser:
        raise SuperuserOnly
    if person.shops.exists():
        is_known = person.shops.filter(pk__in=user.shops.values("pk")).exists()
    else:
        is_known = user.pk in (person.pk, person.added_by_id)
    if not is_known:
        raise NotAllowed


def check_may_manage_person_everywhere(user: Person, person: Person) -> None:
    """For what counts in every shop of the person: a role, a link for the password. Else whoever administers one
    shop of the person could reach into the others."""
    check_may_manage_person(user, person)
    if not user.is_superuser and person.shops.exclude(pk__in=user.shops.values("pk")).exists():
        raise WorksElsewhere


def check_may_guard_access(user: Person, person: Person) -> None:
    """Sessions and second factors: one's own, and as an administrator those of people all of whose shops one has.

    A machine has neither."""
    if person.is_machine:
        raise NotAllowed
    if user.pk != person.pk:
        check_may_manage_person_everywhere(user, person)


def may(check: Callable[..., None], *about: Any) -> bool:
    try:
        check(*about)
    except NotAllowed:
        return False
    return True
