#!/usr/bin/env python
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

WITHOUT_KEYS = ("init", "collectstatic")
SETTINGS_ARE_WRONG = 2

if __name__ == "__main__":
    kind = "keyless" if sys.argv[1:2] and sys.argv[1] in WITHOUT_KEYS else "settings"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"wdtadmin.{kind}")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(SETTINGS_ARE_WRONG)
