"""What has to be right before anything starts."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils.translation import gettext as _

from cancellations.workflow.permissions import ROLES

SHORTEST_AUDIT_KEY = 32  # characters
SHORTEST_WATCH_TOKEN = 32


@register()
def credential_keys_are_usable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    what_to_do = _("Make one with: manage.py init --key %(name)s") % {"name": "CREDENTIAL_KEYS"}
    if not settings.CREDENTIAL_KEYS:
        return [
            Error(_("%(name)s is not set.") % {"name": "CREDENTIAL_KEYS"}, hint=what_to_do, id="cancellations.E001")
        ]
    try:
        for key in settings.CREDENTIAL_KEYS:
            Fernet(key)
    except ValueError:
        return [
            Error(_("CREDENTIAL_KEYS holds something that is not a key."), hint=what_to_do, id="cancellations.E002")
        ]
    return []


@register(deploy=True)
def files_are_for_this_user_only(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Keys, password hashes, seeds of second factors and live sessions lie in them."""
    database = settings.DATABASES["default"]
    names = [settings.BASE_DIR / ".env", settings.AUDIT_ANCHOR_FILE]
    if database["ENGINE"].endswith("sqlite3"):
        names += [f"{database['NAME']}{suffix}" for suffix in ("", "-wal", "-shm")]
    open_ones = [str(name) for name in names if name and Path(name).exists() and Path(name).stat().st_mode & 0o077]
    return [
        Warning(
            _("Others on this machine can read or write %(name)s.") % {"name": name},
            hint=f"chmod 600 {name}",
            id="cancellations.W007",
        )
        for name in open_ones
    ]


@register()
def audit_keys_are_usable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.AUDIT_KEYS and all(len(key) >= SHORTEST_AUDIT_KEY for key in settings.AUDIT_KEYS):
        return []
    name = {"name": "AUDIT_KEYS"}
    told = _("%(name)s holds a key that is too short.") if settings.AUDIT_KEYS else _("%(name)s is not set.")
    what_to_do = _("Make one with: manage.py init --key %(name)s") % name
    return [Error(told % name, hint=what_to_do, id="cancellations.E006")]


@register()
def addresses_of_the_erp_are_addresses(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What is listed is called with signed parameters: it has to be a plain address, with nothing hidden in it."""
    wrong = []
    for name, address in settings.ERP_ADDRESSES.items():
        try:
            parts = urlsplit(address)
            is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:  # of a host that is none, or a port that is no number
            is_address = False
        if not is_address or parts.username or parts.password or parts.query or parts.fragment:
            wrong.append(name)
    return [
        Error(
            _("The address of the ERP's environment “%(name)s” is not one.") % {"name": name},
            hint=_("Write http(s)://host[:port]/path, without a user, parameters or a fragment."),
            id="cancellations.E004",
        )
        for name in wrong
    ]


@register()
def a_lease_outlives_a_call(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    longest = settings.ERP_CONNECT_TIMEOUT + settings.ERP_READ_TIMEOUT
    if longest + 5 > settings.LEASE_SECONDS:
        return [
            Error(
                _("LEASE_SECONDS is too short: a second sender could start while a call is still running."),
                hint=_("Keep it at least 5 s above ERP_CONNECT_TIMEOUT + ERP_READ_TIMEOUT."),
                id="cancellations.E003",
            )
        ]
    return []


@register()
def roles_with_a_second_factor_exist(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    unknown = sorted(set(settings.SECOND_FACTOR_FOR) - set(ROLES))
    if unknown:
        return [
            Error(
                _("SECOND_FACTOR_FOR names roles that do not exist: %(names)s.") % {"names": ", ".join(unknown)},
                hint=_("The roles are %(names)s. Nobody would be asked for a second factor.")
                % {"names": ", ".join(ROLES)},
                id="cancellations.E005",
            )
        ]
    return []


@register()
def the_token_of_monitoring_cannot_be_guessed(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.WATCH_TOKEN or len(settings.WATCH_TOKEN) >= SHORTEST_WATCH_TOKEN:
        return []
    return [
        Error(
            "WATCH_TOKEN is too short.",
            hint="Make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'.",
            id="cancellations.E007",
        )
    ]
