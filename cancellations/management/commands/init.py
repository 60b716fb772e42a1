"""Writes `.env` with fresh keys, for this user only, and says what to fill in. It never overwrites.

`NAME=VALUE` sets a variable of docs/settings.md; `--key NAME` prints a fresh key and writes nothing.
"""

import os
import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from wdtadmin import settings_document
from wdtadmin.variables import BASE_DIR, VARIABLES

KEYS = [name for name, variable in VARIABLES.items() if variable.make]
LOOK_AT = [name for name, variable in VARIABLES.items() if variable.start] + ["DATABASE_URL", "PUBLIC_URL", "EMAIL_URL"]
PLAIN = re.compile(r"[\w@%+=:,./?&~*\[\]-]*")  # what needs no quotes in .env


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("given", nargs="*", metavar="NAME=VALUE", help="what is known already")
        parser.add_argument("--key", choices=KEYS, help="print a fresh key of this kind, and write nothing")

    def handle(self, *, given: list[str], key: str | None, **options: Any) -> None:
        if key:
            self.stdout.write(VARIABLES[key].make())
            return
        known = dict(map(read, given))
        fresh = {name: VARIABLES[name].make() for name in KEYS if not {name, f"{name}_FILE"} & set(known)}
        file = BASE_DIR / ".env"
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            way_on = "'manage.py init --key NAME' prints a fresh key."
            raise CommandError(f"{file} exists and was left as it is. {way_on}") from None
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
        with os.fdopen(descriptor, "w") as out:
            out.write(settings_document.example(fresh | known))
        self.stdout.write(f"{file} is written, for its owner only. Fresh keys: {', '.join(fresh) or 'none'}.")
        self.stdout.write("Keep a copy of the keys apart from the database: without them its secrets cannot be read.")
        self.stdout.write(f"Look at these lines: {', '.join(name for name in LOOK_AT if name not in known)}.")
        self.stdout.write("Then 'manage.py doctor' says what is not right yet.")


def read(text: str) -> tuple[str, str]:
    """(name, value as it stands in `.env`) of NAME=VALUE. Raises CommandError."""
    name, equals, value = text.partition("=")
    if not equals or (name not in VARIABLES and name.removesuffix("_FILE") not in VARIABLES):
        raise CommandError(f"{name} is not a variable of docs/settings.md, or has no value: write NAME=VALUE.")
    if PLAIN.fullmatch(value):
        return name, value
    if "'" in value or not value.isprintable():
        raise CommandError(f"The value of {name} has a quotation mark or a control character: write it into .env.")
    return name, f"'{value}'"
