"""Begins or ends maintenance, or says whether there is some. Meanwhile people and machines read and change nothing,
and workers finish the call in flight and take no new work."""

from argparse import ArgumentTypeError
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cancellations.models import ApiCall, Maintenance
from cancellations.models.events import SERVER, written_via
from cancellations.sending import heartbeat
from cancellations.workflow import maintenance

MINUTES = 30  # if nothing is said


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", nargs="?", choices=("on", "off"), help="says how it is, if left out")
        until = f"when it is expected to end, such as 22:30 or 2026-11-30T22:30; in {MINUTES} minutes, if not said"
        parser.add_argument("--until", type=moment, help=until)
        parser.add_argument("--note", default="", help="why; people read it")

    def handle(self, *, what: str | None, until: datetime | None, note: str, **options: Any) -> None:
        if (until or note) and what != "on":
            raise CommandError("--until and --note belong to: maintenance on")
        if len(note) > (longest := Maintenance._meta.get_field("note").max_length):
            raise CommandError(f"--note has at most {longest} characters.")
        with written_via(SERVER):
            if what == "on":
                maintenance.begin(until=until or timezone.now() + timedelta(minutes=MINUTES), note=note)
            elif what == "off":
                maintenance.end()
        self.stdout.write(state())


def moment(text: str) -> datetime:
    """A time of day that comes next, or a moment, of the time zone in which people work."""
    try:
        found = datetime.fromisoformat(text if "-" in text else f"{timezone.localdate()}T{text}")
    except ValueError:
        raise ArgumentTypeError("write it as 22:30 or 2026-11-30T22:30") from None
    found = found if found.tzinfo else timezone.make_aware(found)
    if "-" not in text and found < timezone.now():
        found += timedelta(days=1)
    if found < timezone.now():
        raise ArgumentTypeError("this moment is over")
    return found


def state() -> str:
    """Whether there is maintenance, and how far the workers are."""
    now = Maintenance.objects.first()
    if now is None:
        return "No maintenance."
    workers = list(heartbeat.alive())
    since, until = (f"{timezone.localtime(each):%Y-%m-%d %H:%M}" for each in (now.since, now.until))
    lines = [
        f"Maintenance since {since}, expected to end at {until}.{' That is over.' if now.is_late else ''}",
        f"Workers that take no new work: {sum(one.is_stopping for one in workers)} of {len(workers)}.",
        f"Calls in flight: {ApiCall.objects.filter(state=ApiCall.State.IN_FLIGHT).count()}.",
    ]
    return "\n".join(lines)
