"""Empties what was sent and answered in old calls of requests that have ended. Outcomes and events stay."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cancellations.workflow import retention


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--older-than", type=int, metavar="DAYS", help="default: the setting KEEP_RAW_DAYS")

    def handle(self, *, older_than: int, **options: Any) -> None:
        days = settings.KEEP_RAW_DAYS if older_than is None else older_than
        if days < 1:
            raise CommandError(
                "Say --older-than DAYS (at least 1), or set KEEP_RAW_DAYS: by default nothing is emptied."
            )
        count = retention.empty_calls(ended_before=timezone.now() - timedelta(days=days))
        self.stdout.write(f"{count} calls that ended more than {days} days ago were emptied.")
