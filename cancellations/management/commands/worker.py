"""Sends what was approved, and makes long exports in a second process. Start as many as you like; an account is used
by one of them at a time."""

import logging
import os
import signal
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
from cancellations.exports.process import ExportsProcess
from cancellations.figures import counting
from cancellations.sending import heartbeat, slices
from cancellations.workflow import limits, retention

logger = logging.getLogger("cancellations.worker")
SECONDS_TO_END = 8  # without its parent
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
                tasks.mark_broken_off(self.worker_id)  # by an absent database
                super().run()
            except (OperationalError, InterfaceError):
                logger.warning("The database is away; trying again.")
                connection.close()
                time.sleep(self.interval)


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--interval", type=float, default=0.5, help="seconds between two looks for tasks")
        parser.add_argument(
            "--queues", default=None, help=f"from which it takes tasks; {settings.WORKER_QUEUES} if nothing is said"
        )
        parser.add_argument("--name", default=None, help="under which it shows itself; made up if nothing is said")
        parser.add_argument("--parent", type=int, help="the process without which this one ends")

    def handle(self, *, interval, queues=None, name=None, parent=None, **options):
        queues = (queues or settings.WORKER_QUEUES).split(",")
        second = None
        if tasks.EXPORTS in queues and len(queues) > 1:
            queues.remove(tasks.EXPORTS)
            second = ExportsProcess(queue=tasks.EXPORTS, interval=interval, mark_broken_off=tasks.mark_broken_off)
        elif tasks.EXPORTS in queues:
            os.nice(settings.EXPORTS_NICENESS)
        worker = Worker(
            queue_names=queues,
            interval=interval,
            batch=False,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=name or get_random_string(32),
            excluded_queue_names=[],
        )
        worker.configure_signals()
        logger.info("Worker started; Ctrl-C or SIGTERM ends it after the call in flight.")
        ended = threading.Event()
        sweeping = threading.Thread(target=sweep_until_ended, args=(worker, ended, second, parent), daemon=True)
        sweeping.start()
        try:
            worker.run()
        finally:
            ended.set()
            sweeping.join(timeout=15)
        logger.info("Worker ended.")


def sweep_until_ended(worker, ended, second=None, parent=None):
    """Shows that the worker is alive and finds what a killed one left behind: at the start, and every few seconds."""
    while True:
        try:
            heartbeat.beat(worker.worker_id, worker.queue_names)
            if not sending.stopping.is_set():  # else it only shows that the call in flight is still its own
                sweep(worker, second)
        except (OperationalError, InterfaceError):
            connection.close()
        except Exception:
            logger.exception("A sweep failed; the next one follows.")
        close_old_connections()
        if parent and os.getppid() != parent:
            end_without_parent(ended)
        if ended.wait(settings.SWEEP_SECONDS):
            leave(worker.worker_id, second)
            return


def sweep(worker, second):
    if heartbeat.SENDING in worker.queue_names:
        slices.sweep(wake=tasks.wake)
        keep_house()
    else:
        tasks.mark_lost()
        tasks.retry_exports()
    if second:
        second.keep_alive()


def end_without_parent(ended):
    """What the task does not hand over in time breaks off; the sweep of another worker finds it."""
    os.kill(os.getpid(), signal.SIGTERM)
    if not ended.wait(SECONDS_TO_END):
        os._exit(1)


def leave(name, second):
    try:
        if second:
            second.end()
        heartbeat.leave(name)
    except (OperationalError, InterfaceError):
        logger.warning("The database is away; this worker will be shown as silent.")
    connection.close()


def keep_house():
    """What nobody else does: the history is chained and verified, figures are kept, what is old goes."""
    tasks.mark_lost()
    tasks.retry_exports()
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
