"""Sends what was approved, and makes long exports in a second process. Start as many as you like; an account is used
by one of them at a time."""

import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker as EngineWorker
from django_tasks_db.models import DBTaskResult

from cancellations import housekeeping, logs, schema, sending, tasks
from cancellations.audit import restored
from cancellations.exports.process import ExportsProcess
from cancellations.models import Maintenance
from cancellations.notices import delivery, webhooks
from cancellations.sending import heartbeat
from wdtadmin import starting
from wdtadmin.call_stack import with_room

logger = logging.getLogger("cancellations.worker")
SECONDS_TO_END = 8  # without its parent
DELIVERY_SECONDS = 1.0  # between two looks for notices or messages of webhooks that are due


class Worker(EngineWorker):
    """The engine's worker, which survives an absent database and lets the call in flight finish."""

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        # No exit from here: it could fall into the middle of a claim.
        self.running = False
        sending.stopping.set()

    def rests(self) -> bool:
        """Whether there is maintenance. Then no task is begun, and what runs ends after the call in flight."""
        is_on = Maintenance.objects.exists()
        if is_on:
            sending.stopping.set()
        elif self.running:
            sending.stopping.clear()
            if not self.running:  # it was asked to end at this very moment
                sending.stopping.set()
        return is_on

    @property
    def excluded_queue_names(self) -> list[str]:
        """The queues that the engine, before it takes a task, is to leave alone: during maintenance all."""
        return self.queue_names if self.rests() else []

    @excluded_queue_names.setter
    def excluded_queue_names(self, names: list[str]) -> None:
        """The engine sets what it was given: none."""

    def run(self) -> None:
        while self.running:
            try:
                tasks.mark_broken_off(self.worker_id)  # by an absent database
                super().run()
            except (OperationalError, InterfaceError):
                logger.warning("The database is away; trying again.")
                connection.close()
                time.sleep(self.interval)

    @with_room
    def run_task(self, db_task_result: DBTaskResult) -> None:
        """What is logged meanwhile bears the number of the page that wanted it, else one made of the task's own."""
        task = db_task_result.pk.hex
        number = db_task_result.args_kwargs["kwargs"].get("number") or task[:12]
        with logs.within(number=number, task=task, worker=self.worker_id):
            super().run_task(db_task_result)


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--interval", type=float, default=0.5, help="seconds between two looks for tasks")
        parser.add_argument(
            "--queues", default=None, help=f"from which it takes tasks; {settings.WORKER_QUEUES} if nothing is said"
        )
        parser.add_argument("--name", default=None, help="under which it shows itself; made up if nothing is said")
        parser.add_argument("--parent", type=int, help="the process without which this one ends")

    def get_check_kwargs(self, options: dict[str, Any]) -> dict[str, Any]:
        """No check opens the database: a worker waits for one that is away. Else Django 6.1 would ask it."""
        return {"databases": []}

    def handle(
        self,
        *,
        interval: float,
        queues: str | None = None,
        name: str | None = None,
        parent: int | None = None,
        **options: Any,
    ) -> None:
        os.umask(0o077)  # the database and the anchors are for this user only
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
        with contextlib.suppress(OperationalError, InterfaceError):  # else the first sweep notices it
            if why := schema.why_not_start():
                raise CommandError(why, returncode=starting.REFUSED)
            restored.notice()
        worker.configure_signals()
        logger.info("Worker started; Ctrl-C or SIGTERM ends it after the call in flight.")
        ended = threading.Event()
        sweeping = threading.Thread(target=sweep_until_ended, args=(worker, ended, second, parent), daemon=True)
        sweeping.start()
        # Two threads: an address that does not answer delays neither a mail nor a group.
        couriers = [
            threading.Thread(target=deliver_until_ended, args=(ended, deliver_due), daemon=True)
            for deliver_due in (delivery.deliver_due, webhooks.deliver_due)
            if heartbeat.SENDING in queues
        ]
        for courier in couriers:
            courier.start()
        try:
            worker.run()
        finally:
            ended.set()
            sweeping.join(timeout=15)
            for courier in couriers:
                courier.join(timeout=SECONDS_TO_END)
        logger.info("Worker ended.")


def sweep_until_ended(
    worker: Worker, ended: threading.Event, second: ExportsProcess | None = None, parent: int | None = None
) -> None:
    """Shows that the worker is alive and finds what a killed one left behind: at the start, and every few seconds."""
    while True:
        try:
            worker.rests()
            heartbeat.beat(worker.worker_id, worker.queue_names)
            if not sending.stopping.is_set():  # else it only shows that the call in flight is still its own
                housekeeping.run_housekeeping(is_sending=heartbeat.SENDING in worker.queue_names)
                if second:
                    second.keep_alive()
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


def deliver_until_ended(ended: threading.Event, deliver_due: Callable[[Callable[[], bool]], int]) -> None:
    """Delivers beside everything else: no account's sending waits for a mail server, a chat or a webhook's address."""
    while not ended.wait(DELIVERY_SECONDS):
        try:
            if not sending.stopping.is_set():
                deliver_due(sending.stopping.is_set)
        except (OperationalError, InterfaceError):
            connection.close()
        except Exception:
            logger.exception("A delivery failed; the next look follows.")
        close_old_connections()
    connection.close()


def end_without_parent(ended: threading.Event) -> None:
    """What the task does not hand over in time breaks off; the sweep of another worker finds it."""
    os.kill(os.getpid(), signal.SIGTERM)
    if not ended.wait(SECONDS_TO_END):
        os._exit(1)


def leave(name: str, second: ExportsProcess | None) -> None:
    try:
        if second:
            second.end()
        heartbeat.leave(name)
    except (OperationalError, InterfaceError):
        logger.warning("The database is away; this worker will be shown as silent.")
    connection.close()
