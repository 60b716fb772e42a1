"""People in words: what a role may do, and what an event says that changed of a person."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cancellations.models import Event
from cancellations.workflow.permissions import ADMINISTRATOR, AUDITOR, CLERK, MANAGER

ROLES = {
    CLERK: gettext_lazy("Clerk"),
    MANAGER: gettext_lazy("Manager"),
    AUDITOR: gettext_lazy("Auditor"),
    ADMINISTRATOR: gettext_lazy("Administrator"),
}
MAY = {
    CLERK: gettext_lazy("makes requests, submits them for approval, withdraws and stops their own"),
    MANAGER: gettext_lazy(
        "approves or rejects the requests of others, stops and resumes them, says by hand what became of orders"
    ),
    AUDITOR: gettext_lazy("reads every request and its history, changes nothing"),
    ADMINISTRATOR: gettext_lazy(
        "manages people and shop accounts, stops requests, pauses accounts; decides on no request"
    ),
}
DETAILS = {
    "username": gettext_lazy("Sign-in name"),
    "name": gettext_lazy("Name"),
    "email": gettext_lazy("E-mail"),
}


def explained_roles():
    """The choices of a form: each role with what it may do."""
    return [(role, _("%(role)s: %(may)s") % {"role": name, "may": MAY[role]}) for role, name in ROLES.items()]


def roles(names):
    """'Clerk, Manager', in the order in which they stand on pages; '' for none."""
    return _(", ").join(str(name) for role, name in ROLES.items() if role in names)


def what_changed(event):
    """What an event about a person says of before and after, as a list of lines."""
    data = event.data
    if event.kind == Event.Kind.ROLES_CHANGED:
        return [_change(roles(data["before"]), roles(data["after"]))]
    if event.kind == Event.Kind.MEMBERS_CHANGED:
        works_here = _("works for %(shop)s from now on") if data["after"] else _("works for %(shop)s no longer")
        return [works_here % {"shop": event.shop.name}]
    if event.kind == Event.Kind.PERSON_CHANGED:
        changes = (
            (name, data["before"][key], data["after"][key]) for key, name in DETAILS.items() if key in data["after"]
        )
        return [f"{name}: {_change(before, after)}" for name, before, after in changes]
    if event.kind == Event.Kind.PERSON_ADDED:
        return [_("Roles: %(roles)s") % {"roles": roles(data["after"]["roles"]) or _("none")}]
    return []


def _change(before, after):
    return f"{before or _('none')} → {after or _('none')}"
