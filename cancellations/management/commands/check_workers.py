"""Says whether a worker that sends is alive; if none is, tells administrators by mail, and ends with code 1.

For cron, a timer or a monitor: where every worker is dead, no worker tells anybody. It delivers what else is due, too.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cancellations.models import Maintenance
from cancellations.notices import delivery
from cancellations.sending import heartbeat


class Command(BaseCommand):
    help = __doc__

    def handle(self, **options: Any) -> None:
        if Maintenance.objects.exists():
            self.stdout.write("Maintenance: nobody is told anything, and whether workers are alive does not count.")
            return
        if not heartbeat.tell_of_no_worker():
            self.stdout.write(f"Workers alive: {heartbeat.alive().count()}")
            return
        while delivery.deliver_due():
            pass
        raise CommandError("No worker is alive: nothing is sent, looked up or verified.")
