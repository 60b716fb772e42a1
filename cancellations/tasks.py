"""The entry points that the background engine calls; nothing else here or elsewhere knows the engine."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from cancellations import sending
from cancellations.audit import anchors, verification
from cancellations.models import Person
from cancellations.sending import heartbeat, slices


class WorkerGone(Exception):
    """The worker that ran the task is gone; whatever it left undone, the sweep finds."""


@task(takes_context=True)
def run_account(context, credential_id):
    slices.run_account(credential_id, worker=context.task_result.worker_ids[-1])


@task()
def check_history(by_id=None, is_daily=False):
    """Verifies the history; what is found daily is written out. A worker that is to end leaves it to another one."""
    by = by_id and Person.objects.get(pk=by_id)
    try:
        check = verification.check(by=by, is_stopping=sending.stopping.is_set)
    except verification.Stopped:
        check_history.enqueue(by_id=by_id, is_daily=is_daily)
    else:
        if is_daily:
            anchors.write(check)


def check_history_daily():
    check_history.enqueue(is_daily=True)


def wake(credential_id: int, *, at: datetime | None = None) -> None:
    """Enqueues a slice of work of an account, not before `at`, in the caller's transaction; see workflow/waking.py."""
    run_account.using(run_after=at).enqueue(credential_id)


def queue() -> tuple[int, int, datetime | None]:
    """(tasks that are due, tasks that run, when the oldest of those that are due was made or None)"""
    waiting = DBTaskResult.objects.ready()
    oldest = waiting.order_by("enqueued_at").values_list("enqueued_at", flat=True).first()
    return waiting.count(), DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING).count(), oldest


def mark_lost():
    """A killed worker leaves its task running for ever; no slice lasts that long, so it failed. Returns how many.

    The task of a worker that still shows itself is left alone: it may only wait for the database.
    """
    longest = settings.SLICE_SECONDS + settings.LEASE_SECONDS + settings.ERP_CONNECT_TIMEOUT + settings.ERP_READ_TIMEOUT
    long_ago = timezone.now() - timedelta(seconds=max(300, 2 * longest))
    alive = set(heartbeat.alive().values_list("name", flat=True))
    old = DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING, started_at__lt=long_ago)
    lost = [pk for pk, worker_ids in old.values_list("pk", "worker_ids") if alive.isdisjoint(worker_ids)]
    return old.filter(pk__in=lost).update(
        status=TaskResultStatus.FAILED,
        finished_at=timezone.now(),
        exception_class_path=f"{WorkerGone.__module__}.{WorkerGone.__qualname__}",
        traceback=WorkerGone.__doc__,
    )
