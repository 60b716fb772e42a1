"""How mail is sent: EMAIL_URL as the settings of the Django that is installed."""

from typing import Any

import django
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from environ import Env

SECONDS_TO_ANSWER = 10  # after which a mail server counts as away
OPTIONS = {  # of MAILERS, and what each was called in Django 5.2
    "django.core.mail.backends.smtp.EmailBackend": {
        "host": "EMAIL_HOST",
        "port": "EMAIL_PORT",
        "username": "EMAIL_HOST_USER",
        "password": "EMAIL_HOST_PASSWORD",
        "use_tls": "EMAIL_USE_TLS",
        "use_ssl": "EMAIL_USE_SSL",
        "timeout": "EMAIL_TIMEOUT",
    },
    "django.core.mail.backends.filebased.EmailBackend": {"file_path": "EMAIL_FILE_PATH"},
}


def mail_settings(url: str) -> dict[str, Any]:
    """The settings of an address like that in EMAIL_URL. Raises ImproperlyConfigured if its scheme is unknown.

    From 6.1 on Django has MAILERS for it, and warns of EMAIL_*.
    """
    found = Env.email_url_config(url) | {"EMAIL_TIMEOUT": SECONDS_TO_ANSWER}
    if django.VERSION < (6, 1):
        return found
    names = OPTIONS.get(found["EMAIL_BACKEND"], {})
    options = {option: found[name] for option, name in names.items() if found.get(name) is not None}
    return {"MAILERS": {"default": {"BACKEND": found["EMAIL_BACKEND"], "OPTIONS": options}}}


def mail_server() -> BaseEmailBackend:
    """The server that these settings name, not connected yet."""
    return mail.get_connection() if django.VERSION < (6, 1) else mail.mailers["default"]
