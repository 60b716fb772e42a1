"""People in words: what a role is called and what it may do."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from cancellations.models import AccessChange, CancellationRequest, Event
from cancellations.words import machines
from cancellations.workflow import apart
from cancellations.workflow.permissions import ADMINISTRATOR, AUDITOR, CLERK, MANAGER

ROLES = {
    CLERK: pgettext_lazy("role", "Clerk"),
    MANAGER: pgettext_lazy("role", "Manager"),
    AUDITOR: pgettext_lazy("role", "Auditor"),
    ADMINISTRATOR: pgettext_lazy("role", "Administrator"),
}
MAY = {
    CLERK: gettext_lazy("creates requests, submits them for approval, withdraws and stops their own"),
    MANAGER: gettext_lazy("approves or rejects others' requests, stops and resumes them, records outcomes manually"),
    AUDITOR: gettext_lazy("reads all requests and their audit trail, changes nothing"),
    ADMINISTRATOR: gettext_lazy(
        "manages people and seller accounts, stops requests, pauses seller accounts; approves no requests"
    ),
}


def explained_roles() -> list[tuple[str, str]]:
    """The choices of a form: each role with what it may do."""
    return [(role, _("%(role)s: %(may)s") % {"role": name, "may": MAY[role]}) for role, name in ROLES.items()]


def roles(names: Iterable[str]) -> str:
    """'Clerk, Manager', in the order in which they stand on pages; '' for none."""
    return pgettext("list", ", ").join(str(name) for role, name in ROLES.items() if role in names)


def access_change(change: AccessChange) -> str:
    """What a change asks for: 'roles: Clerk → Clerk, Manager'."""
    label, data = str(AccessChange.Kind(change.kind).label), change.data
    if change.kind == AccessChange.Kind.SHOPS:
        names = [shop.name for shop in change.shops.all() if shop.pk in data["to_give"]]
        return f"{label}{pgettext('clause', ': ')}{pgettext('list', ', ').join(names)}"
    if change.kind == AccessChange.Kind.DETAILS:
        return f"{label}{pgettext('clause', ': ')}{change.person.username} → {data['after']['username']}"
    return asked(change.kind, data)


def asked(kind: str, data: dict[str, Any]) -> str:
    """The same as an event tells it, who knows no names of seller accounts."""
    label = str(AccessChange.Kind(kind).label)
    if kind == AccessChange.Kind.ROLES and "roles" in data:
        none = pgettext("list", "none")
        return f"{label}{pgettext('clause', ': ')}{roles(data['before']) or none} → {roles(data['roles']) or none}"
    if kind == AccessChange.Kind.DETAILS and "after" in data:
        return f"{label}{pgettext('clause', ': ')}{data['after']['username']}"
    if kind == AccessChange.Kind.MACHINE and "after" in data:
        said = pgettext("clause", ", ").join(machines.settings(data["before"], data["after"]))
        return f"{label}{pgettext('clause', ': ')}{said}"
    return label


def asker(cancellation: CancellationRequest) -> str:
    """Who asked: the requester; of a machine also that it is one, and for whom it says that it asks."""
    requester = str(cancellation.requester)
    if not cancellation.requester.is_machine:
        return requester
    if cancellation.on_behalf_of:
        about = {"machine": requester, "whom": cancellation.on_behalf_of}
        return _("%(machine)s (API) for %(whom)s") % about
    return _("%(machine)s (API)") % {"machine": requester}


def confirmation(confirmed: dict[str, Any]) -> str:
    """How a change of access was confirmed."""
    if confirmed["how"] == apart.PERSON:
        return _("confirmed by %(who)s") % {"who": confirmed["name"]}
    if confirmed["how"] == apart.SERVER:
        return _("confirmed on the server")
    return _("after the waiting time, because nobody else could confirm it")


def last_change_of_access(event: Event | None) -> str:
    """When somebody's access was last given or recovered by others, and by whom; '' if it never was."""
    if event is None:
        return ""
    when = timezone.localtime(event.at)
    said = _("access last given or recovered on %(when)s by %(who)s: %(what)s") % {
        "when": f"{when:%Y-%m-%d %H:%M}",
        "who": event.actor_name,
        "what": event.get_kind_display(),
    }
    confirmed = event.data.get("confirmed")
    return f"{said}{pgettext('clause', ', ')}{confirmation(confirmed)}" if confirmed else said
