#!/usr/bin/env python
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wdtadmin.settings")
    if sys.argv[1:] == ["version"]:  # Django's own command of this name would name Django
        from wdtadmin import version

        sys.exit(print(version.shown()))  # noqa: T201
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
