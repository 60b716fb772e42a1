"""Which workers are alive. A worker shows itself every few seconds and takes itself away when it ends in order."""

import os
import socket
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db.models import DateTimeField, ExpressionWrapper, Max, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils import timezone

from cancellations import sending
from cancellations.models import Worker
from cancellations.workflow import telling

SENDING = "default"  # the queue of all tasks that are not exports
SILENT_AFTER = 10  # sweeps
FORGOTTEN_AFTER = timedelta(days=1)


def beat(name: str, queues: Iterable[str] = (SENDING,)) -> None:
    """Shows that the worker is alive, and the queues of the engine from which it takes tasks."""
    is_stopping = sending.stopping.is_set()
    if not Worker.objects.filter(name=name).update(beat_at=Now(), is_stopping=is_stopping):
        Worker.objects.create(
            name=name,
            host=socket.gethostname()[:100],
            process=os.getpid(),
            started_at=timezone.now(),
            beat_at=Now(),
            is_stopping=is_stopping,
            queues=[*queues],
        )
    Worker.objects.filter(beat_at__lt=_ago(FORGOTTEN_AFTER)).delete()


def leave(name: str) -> None:
    """The worker ends."""
    Worker.objects.filter(name=name).delete()


def alive() -> QuerySet[Worker]:
    """The workers that have shown themselves lately."""
    return Worker.objects.filter(beat_at__gte=_ago(silent_after()))


def no_worker_is_alive(queue: str = SENDING) -> bool:
    """Whether nothing of the queue is done because nobody is there to do it."""
    return not any(queue in queues for queues in alive().values_list("queues", flat=True))


def tell_of_silent() -> None:
    """Tells administrators of workers that were killed: one that ends in order takes itself away."""
    telling.find_silent_workers(timezone.now() - silent_after())


def tell_of_no_worker() -> bool:
    """Whether no worker that sends is alive; administrators are told, once for each day of it."""
    if not no_worker_is_alive():
        return False
    telling.tell_of_no_worker(Worker.objects.aggregate(last=Max("beat_at"))["last"])
    return True


def silent_after() -> timedelta:
    return timedelta(seconds=max(30, SILENT_AFTER * settings.SWEEP_SECONDS))


def _ago(time: timedelta) -> Combinable:
    return ExpressionWrapper(Now() - Value(time), output_field=DateTimeField())
