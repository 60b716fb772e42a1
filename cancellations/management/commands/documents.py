"""Names the generated documents that differ from the code, and with `--write` writes them anew."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cancellations.api import openapi
from cancellations.management import (
    api_document,
    limits_document,
    notices_document,
    problems_document,
    workflow_document,
)
from wdtadmin import settings_document
from wdtadmin.variables import BASE_DIR

DOCUMENTS = {
    BASE_DIR / "docs" / "workflow.md": workflow_document.document,
    problems_document.FILE: problems_document.document,
    limits_document.FILE: limits_document.document,
    api_document.FILE: api_document.document,
    BASE_DIR / "docs" / "openapi.json": openapi.as_json,
    notices_document.FILE: notices_document.document,
    BASE_DIR / "docs" / "settings.md": settings_document.document,
    BASE_DIR / ".env.example": settings_document.example,
}


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="write them")

    def handle(self, *, write: bool, **options: Any) -> None:
        out_of_date = {file: text for file, text in generated() if not file.exists() or file.read_text() != text}
        for file, text in out_of_date.items():
            if write:
                file.write_text(text)
            self.stdout.write(str(file.relative_to(BASE_DIR)))
        if out_of_date and not write:
            raise CommandError("These documents are not what the code says; 'make fix' writes them.")


def generated() -> Iterator[tuple[Path, str]]:
    """Each generated document's file and its text as the code has it."""
    return ((file, make()) for file, make in DOCUMENTS.items())
