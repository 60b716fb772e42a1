"""Verifies that the history is what was written, and names the first event that was changed, removed, inserted or
reordered. The exit code is 1 if there is one."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from cancellations.audit import anchors, verification


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchor", action="append", default=[], metavar="NUMBER:MARK", help="an anchor that was written out once"
        )
        parser.add_argument(
            "--anchor-file", action="append", default=[], type=Path, help="a file with anchors: a copy, a log, a mail"
        )

    def handle(self, *, anchor: list[str] | None, anchor_file: str | None, **options: Any) -> None:
        # Those that were given; one that cannot be read must not look like one that fits.
        found = {}
        given = [(text, anchors.read_by_hand(text)) for text in anchor]
        for file in anchor_file:
            try:
                given.append((file, anchors.read(file.read_text(errors="replace"))))
            except OSError as error:
                raise CommandError(f"{file} cannot be read: {error.strerror}; nothing was verified.") from error
        for name, some in given:
            if not some:
                raise CommandError(f"There is no anchor of this server in {name}; nothing was verified.")
            found |= some
        check = verification.check(known=found)
        with translation.override("en"):
            words = check.in_words
        if check.fault:
            raise CommandError(words)
        self.stdout.write(words)
        self.stdout.write(f"The end of the chain is {anchors.anchor(check)}")
