#!/usr/bin/env python
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from wdtadmin import version

WITHOUT_KEYS = ("init", "collectstatic")
SETTINGS_ARE_WRONG = 2

if __name__ == "__main__":
    command = sys.argv[1] if sys.argv[1:] else ""
    if command == "version":  # Django's own command of this name would name Django
        sys.exit(print(version.shown()))  # noqa: T201
    if command != "collectstatic":
        os.umask(0o077)  # what is made is for this user only: the database, .env, anchors
    os.environ.setdefault(
        "DJANGO_SETTINGS_MODULE", "wdtadmin.keyless" if command in WITHOUT_KEYS else "wdtadmin.settings"
    )
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(SETTINGS_ARE_WRONG)
