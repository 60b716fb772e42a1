"""What an administrator has to do before the first request can be sent; gone once all of it is done."""

from collections import defaultdict
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from cancellations.models import AccessChange, AuditCheck, Event, Person, Shop
from cancellations.sending import heartbeat
from cancellations.workflow import permissions


class Step(NamedTuple):
    label: str
    is_done: bool
    url: str


def first_steps(person: Person) -> list[Step]:
    """The steps with where to do each; [] if nothing is left to do, or for somebody who does not administer."""
    if not permissions.has_role(person, permissions.ADMINISTRATOR):
        return []
    shops = Shop.objects.for_user(person).filter(is_active=True)
    tested = Event.objects.filter(shop__in=shops, kind=Event.Kind.CONNECTION_TESTED, data__works=True)
    shop = shops.first()
    # Whether in one of the seller accounts somebody can ask and somebody else can approve.
    roles = defaultdict(lambda: defaultdict(set))
    people = Person.objects.filter(is_active=True, is_machine=False, shops__in=shops)
    for pk, member, role in people.values_list("shops", "pk", "groups__name"):
        roles[pk][role].add(member)
    pairs = [(of_shop[permissions.CLERK], of_shop[permissions.MANAGER]) for of_shop in roles.values()]
    two_can_work = any(clerks and managers and len(clerks | managers) > 1 for clerks, managers in pairs)
    of_a_shop = reverse("shop", args=[shop.pk]) if shop else reverse("shop-add")
    workers = reverse("worker-list")
    steps = [
        Step(_("Add a seller account with its credential."), shop is not None, reverse("shop-add")),
        Step(_("Test its connection to the ERP."), tested.exists(), of_a_shop),
        Step(
            _("Add a clerk, and somebody else who approves, to the same seller account."),
            two_can_work,
            reverse("person-add"),
        ),
        Step(_("Start a worker: it looks up, sends and verifies."), not heartbeat.no_worker_is_alive(), workers),
        Step(
            _("Keep the audit trail's anchor outside the database."),
            AuditCheck.objects.filter(is_anchor=True).exists(),
            reverse("audit"),
        ),
    ]
    if all(step.is_done for step in steps):
        return []
    if AccessChange.objects.concerning(person).waiting().exists():
        confirmed = _("Have the changes of access confirmed, by a second administrator or on the server.")
        steps.insert(3, Step(confirmed, False, reverse("access-change-list")))
    return steps
