"""Sends what was approved. Start as many as you like; an account is used by one of them at a time."""

import logging
import threading
import time

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker as EngineWorker

from cancellations import maintenance, sending
from cancellations.exports.process import ExportProcess
from cancellations.sending import heartbeat

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
        ended = threading.Event()
        sweeping = threading.Thread(target=sweep_until_ended, args=(worker.worker_id, ended), daemon=True)
        sweeping.start()
        try:
            worker.run()
        finally:
            ended.set()
            sweeping.join(timeout=5)
        logger.info("Worker ended.")


def sweep_until_ended(name, ended):
    """Shows that the worker is alive and finds what a killed one left behind: at the start, and every few seconds."""
    exports = ExportProcess()
    while True:
        try:
            heartbeat.beat(name)
            if sending.stopping.is_set():  # then it only shows that the call in flight is still its own
                exports.end()
            else:
                maintenance.run_maintenance()
                exports.begin_next()
        except (OperationalError, InterfaceError):
            connection.close()
        except Exception:
            logger.exception("A sweep failed; the next one follows.")
        close_old_connections()
        if ended.wait(settings.SWEEP_SECONDS):
            leave(name, exports)
            return


def leave(name, exports):
    try:
        exports.end()
        heartbeat.leave(name)
    except (OperationalError, InterfaceError):
        logger.warning("The database is away; this worker will be shown as silent.")
    connection.close()
