"""Counts the daily figures anew: all of them, or those of a range of days. May be stopped and started again."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from cancellations.figures import counting
from cancellations.models import CancellationRequest, DailyFigures


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", type=date.fromisoformat, metavar="2026-11-01", help="first day")
        parser.add_argument("--until", dest="last", type=date.fromisoformat, metavar="2026-11-30", help="last day")

    def handle(self, *, first: date | None, last: date | None, **options: Any) -> None:
        if first or last:
            days = set(counting.days_of(CancellationRequest.objects.all()))
            days |= set(DailyFigures.objects.order_by().values_list("day", flat=True).distinct())
            counting.note(day for day in days if (first or day) <= day <= (last or day))
        else:
            counting.start_over()
        self.stdout.write(f"{counting.count_due()} days were counted.")
