"""Sends what was approved. Start as many as you like; an account is used by one of them at a time."""

import logging
import threading
import time
from datetime import timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker as EngineWorker

from cancellations import sending, tasks
from cancellations.audit import chain
from cancellations.exports import queue
from cancellations.exports.process import ExportProcess
from cancellations.figures import counting
from cancellations.sending import heartbeat, slices
from cancellations.workflow import limits, retention

logger = logging.getLogger("cancellations.worker")
ATTEMPTS_ARE_KEPT = timedelta(days=90)  # to sign in: who, from where, whether it worked


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
                slices.sweep(wake=tasks.wake)
                keep_house()
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


def keep_house():
    """What nobody else does: the history is chained and verified, figures are kept, what is old goes."""
    tasks.mark_lost()
    chain.extend()
    heartbeat.once_a_day("housekeeping", remove_old)
    heartbeat.once_a_day("audit", tasks.check_history_daily)
    counting.catch_up()
    queue.expire()


def remove_old():
    call_command("prune_db_task_results", min_age_days=14, verbosity=0)
    call_command("clearsessions")
    limits.forget_usage()
    if settings.KEEP_RAW_DAYS > 0:
        retention.empty_calls(ended_before=timezone.now() - timedelta(days=settings.KEEP_RAW_DAYS))
    long_ago = timezone.now() - ATTEMPTS_ARE_KEPT
    for attempts in (AccessAttempt, AccessFailureLog, AccessLog):
        attempts.objects.filter(attempt_time__lt=long_ago).delete()
