"""Sends what was approved. Start as many as you like; an account is used by one of them at a time."""

import logging
import threading
import time

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker as EngineWorker

from cancellations import sending, tasks
from cancellations.sending import slices

logger = logging.getLogger("cancellations.worker")


class Worker(EngineWorker):
    """The engine's worker, which survives an absent database and lets the call in flight finish."""

    def shutdown(self, signum, frame):
        # No exit from here: it could fall into the middle of a claim.
        self.running = False
        sending.stopping.set()

    def run(self):
        while self.running:
            try:
                super().run()
            except (OperationalError, InterfaceError):
                logger.warning("The database is away; trying again.")
                connection.close()
                time.sleep(self.interval)


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--interval", type=float, default=0.5, help="seconds between two looks for tasks")

    def handle(self, *, interval, **options):
        worker = Worker(
            queue_names=["*"],
            interval=interval,
            batch=False,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )
        worker.configure_signals()
        logger.info("Worker started; Ctrl-C or SIGTERM ends it after the call in flight.")
        sweeping = threading.Thread(target=sweep_until_stopped, daemon=True)
        sweeping.start()
        worker.run()
        sweeping.join(timeout=5)
        logger.info("Worker ended.")


def sweep_until_stopped():
    """Finds the work that a killed worker left behind: at the start, and every few seconds."""
    while True:
        try:
            slices.sweep(wake=tasks.wake)
        except (OperationalError, InterfaceError):
            connection.close()
        except Exception:
            logger.exception("A sweep failed; the next one follows.")
        close_old_connections()
        if sending.stopping.wait(settings.SWEEP_SECONDS):
            connection.close()
            return
