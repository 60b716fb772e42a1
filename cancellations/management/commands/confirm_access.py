"""Confirms changes of access on the server: for the first set-up, and where nobody else is left who could.

Without arguments it lists those that are waiting. Whoever may run this could change the database as well; the audit
trail says that it was confirmed on the server.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from cancellations import words
from cancellations.models import AccessChange
from cancellations.workflow import access_changes
from cancellations.workflow.errors import WorkflowError


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("change", nargs="*", type=int, help="the number of a change that is waiting")
        parser.add_argument("--all", action="store_true", help="all that are waiting")

    def handle(self, *, change: list[int], all: bool, **options: Any) -> None:
        waiting = AccessChange.objects.waiting().select_related("person", "asked_by").order_by("pk")
        if not (change or all):
            for one in waiting:
                self.stdout.write(self._line(one))
            return
        chosen = list(waiting if all else waiting.filter(pk__in=change))
        if missing := sorted(set(change) - {one.pk for one in chosen}):
            raise CommandError(f"Not waiting: {', '.join(map(str, missing))}. Nothing was confirmed.")
        for one in chosen:
            try:
                access_changes.confirm(one, by=None)
            except WorkflowError as error:
                with translation.override("en"):
                    raise CommandError(f"{one.pk} cannot be confirmed: {error}") from error
            self.stdout.write(f"Confirmed: {self._line(one)}")

    def _line(self, change: AccessChange) -> str:
        with translation.override("en"):
            what = f"{change.person} ({change.person.username})  {words.people.access_change(change)}"
            return f"{change.pk}  {what}  by {change.asked_by}, {timezone.localtime(change.asked_at):%Y-%m-%d %H:%M}"
