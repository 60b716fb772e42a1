"""Exports as the pages show them, without a worker that makes them."""

from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from cancellations import tasks
from cancellations.models import Export


def being_made(person, **fields):
    """An export whose task is under way, as it seems: no sweep takes it over for some minutes."""
    task = DBTaskResult.objects.create(
        status="RUNNING",
        started_at=timezone.now(),
        args_kwargs={"args": [0], "kwargs": {"tries": 1}},
        task_path="cancellations.tasks.make_export",
        queue_name=tasks.EXPORTS,
        backend_name="default",
        worker_ids=["a worker"],
    )
    return Export.objects.create(person=person, state=Export.State.MAKING, task_id=task.pk, **fields)
