"""People in words: what a role is called and what it may do."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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


def explained_roles():
    """The choices of a form: each role with what it may do."""
    return [(role, _("%(role)s: %(may)s") % {"role": name, "may": MAY[role]}) for role, name in ROLES.items()]


def roles(names):
    """'Clerk, Manager', in the order in which they stand on pages; '' for none."""
    return _(", ").join(str(name) for role, name in ROLES.items() if role in names)
