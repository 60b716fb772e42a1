"""What a machine may do, in words."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from cancellations.models import Machine
from cancellations.models.machines import PREFIX

LABELS = {
    name: Machine._meta.get_field(name).verbose_name
    for name in ("may_request", "networks", "requests_per_day", "orders_per_day", "amount_per_day")
}
LABELS["responsible"] = gettext_lazy("Responsible person")


def settings(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """A line for each of the settings: 'Orders per day: 100 → 500'; of what is new only what it then is."""
    return [
        f"{LABELS[name]}{pgettext('clause', ': ')}"
        f"{setting(name, before[name]) + ' → ' if name in before else ''}{setting(name, value)}"
        for name, value in after.items()
        if name in LABELS
    ]


def setting(name: str, value: Any) -> str:
    """One of the settings (machine_settings.settings_of) as pages show it."""
    if name == "responsible":
        return str(value[1])
    if name == "may_request":
        return _("yes") if value else _("no")
    if name == "networks":
        return pgettext("list", ", ").join(value) or pgettext("list", "none")
    if name == "amount_per_day":
        return _("without a limit") if value is None else f"¥{float(value):,.2f}"
    return f"{value:,}"


def token(key: str) -> str:
    """A token as pages name it: the part by which it is found."""
    return f"{PREFIX}_{key}_…"


def used(name: str, numbers: dict[str, Any]) -> str:
    """How much of a daily limit is used (machines.use_today); '' for what is no limit."""
    if name not in numbers:
        return ""
    value = setting(name, numbers[name])
    return _("used today: %(value)s") % {"value": value}
