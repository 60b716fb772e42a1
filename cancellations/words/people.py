"""People in words: what a role is called and what it may do."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

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
