"""The entry points that the background engine calls; nothing else here or elsewhere knows the engine."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from cancellations.sending import slices


@task()
def run_account(credential_id):
    slices.run_account(credential_id, wake=wake)


def wake(credential_id):
    """Enqueues a slice of work of an account, in the caller's transaction."""
    run_account.enqueue(credential_id)


def wake_shop(shop):
    for credential_id in shop.credentials.filter(is_active=True).values_list("pk", flat=True):
        wake(credential_id)


def queue():
    """(tasks that wait, tasks that run, when the oldest waiting one was made or None)"""
    waiting = DBTaskResult.objects.filter(status=TaskResultStatus.READY)
    oldest = waiting.order_by("enqueued_at").values_list("enqueued_at", flat=True).first()
    return waiting.count(), DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING).count(), oldest


def mark_lost():
    """A killed worker leaves its task running for ever; no slice lasts that long, so it failed. Returns how many."""
    longest = settings.SLICE_SECONDS + settings.LEASE_SECONDS + settings.ERP_CONNECT_TIMEOUT + settings.ERP_READ_TIMEOUT
    long_ago = timezone.now() - timedelta(seconds=max(300, 2 * longest))
    lost = DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING, started_at__lt=long_ago)
    return lost.update(status=TaskResultStatus.FAILED, finished_at=timezone.now())
