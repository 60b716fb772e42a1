"""The entry points that the background engine calls; nothing else here or elsewhere knows the engine."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

try:
    from django.tasks import TaskContext, TaskResultStatus, task
except ModuleNotFoundError:  # Django 5.2
    from django_tasks import TaskContext, TaskResultStatus, task

from cancellations import logs, sending
from cancellations.audit import anchors, verification
from cancellations.exports import making
from cancellations.exports import queue as exports
from cancellations.models import Export, Person
from cancellations.sending import heartbeat, slices
from cancellations.workflow import telling

EXPORTS = "exports"  # the queue of what takes minutes; everything else is on the engine's own, heartbeat.SENDING
MAX_TRIES = 3  # of an export


class WorkerGone(Exception):
    """The worker that ran the task is gone; whatever it left undone, the sweep finds."""


@task(takes_context=True)
def run_account(context: TaskContext, credential_id: int, number: str = "") -> None:
    """`number` is that of the page that wanted the work: the worker's log has it (management/commands/worker.py)."""
    slices.run_account(credential_id, worker=context.task_result.worker_ids[-1])


@task()
def check_history(by_id: int | None = None, is_daily: bool = False) -> None:
    """Verifies the history; what is found daily is written out. A worker that is to end leaves it to another one."""
    by = by_id and Person.objects.get(pk=by_id)
    try:
        check = verification.check(by=by, is_stopping=sending.stopping.is_set)
    except verification.Stopped:
        check_history.enqueue(by_id=by_id, is_daily=is_daily)
    else:
        if check.fault:
            telling.tell_of_fault(check)
        if is_daily:
            anchors.write(check)


def check_history_daily() -> None:
    check_history.enqueue(is_daily=True)


@task(takes_context=True, queue_name=EXPORTS)
def make_export(context: TaskContext, export_id: int, tries: int = 1) -> None:
    """Makes a workbook. A worker that is to end leaves it to another one; what breaks off, the sweep finds."""
    try:
        export = exports.begin(export_id, context.task_result.id)
        making.make(export, is_stopping=sending.stopping.is_set)
    except making.Stopped:
        again(export, tries)
    except exports.Superseded:  # it was cancelled, or was taken for lost: nothing of this task is wanted any more
        return


def enqueue_export(export_id: int, tries: int = 1) -> str:
    """Has a worker make the export, in the caller's transaction; `tries` counts from 1. Returns the task's id."""
    return make_export.enqueue(export_id, tries=tries).id


def again(export: Export, tries: int) -> None:
    """Has another task make the export from the beginning, if it still belongs to the one that it bears."""
    try:
        with transaction.atomic():
            exports.hand_over(export, enqueue_export(export.pk, tries))
    except exports.Superseded:
        return


def retry_exports() -> None:
    """Enqueues again the exports whose task broke off or is lost; after MAX_TRIES they have failed."""
    for export in Export.objects.filter(state__in=Export.OPEN):
        made_by = DBTaskResult.objects.filter(pk=export.task_id).first()
        if made_by and made_by.status in (TaskResultStatus.READY, TaskResultStatus.RUNNING):
            continue
        tries = made_by.args_kwargs["kwargs"]["tries"] if made_by else 1
        if tries < MAX_TRIES:
            again(export, tries + 1)
        else:
            give_up(export)


def give_up(export: Export) -> None:
    try:
        exports.fail(export, Export.Why.GAVE_UP)
    except exports.Superseded:
        return


def wake(credential_id: int, *, at: datetime | None = None) -> None:
    """Enqueues a slice of work of an account, not before `at`, in the caller's transaction; see workflow/waking.py."""
    run_account.using(run_after=at).enqueue(credential_id, number=logs.number())


def queue() -> tuple[int, int, datetime | None]:
    """(tasks that are due, tasks that run, when the oldest of those that are due was made or None)"""
    waiting = DBTaskResult.objects.ready()
    oldest = waiting.order_by("enqueued_at").values_list("enqueued_at", flat=True).first()
    return waiting.count(), DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING).count(), oldest


def mark_lost() -> int:
    """A killed worker leaves its task running for ever; the sweep marks it as failed. Returns how many.

    The task of a worker that still shows itself is left alone: it may only wait for the database.
    """
    longest = settings.SLICE_SECONDS + settings.LEASE_SECONDS + settings.ERP_CONNECT_TIMEOUT + settings.ERP_READ_TIMEOUT
    long_ago = timezone.now() - timedelta(seconds=max(300, 2 * longest))
    alive = set(heartbeat.alive().values_list("name", flat=True))
    running = DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING)
    old = running.filter(started_at__lt=long_ago).values_list("pk", "worker_ids")
    return _mark_failed([pk for pk, worker_ids in old if alive.isdisjoint(worker_ids)])


def mark_broken_off(worker: str) -> int:
    """What the worker with this name was doing has broken off: it has ended, or begins anew. Returns how many."""
    running = DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING).values_list("pk", "worker_ids")
    return _mark_failed([pk for pk, worker_ids in running if worker in worker_ids])


def _mark_failed(lost: list[UUID]) -> int:
    if not lost:
        return 0
    return DBTaskResult.objects.filter(pk__in=lost, status=TaskResultStatus.RUNNING).update(
        status=TaskResultStatus.FAILED,
        finished_at=timezone.now(),
        exception_class_path=f"{WorkerGone.__module__}.{WorkerGone.__qualname__}",
        traceback=WorkerGone.__doc__,
    )
