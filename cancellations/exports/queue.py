"""What the machine itself does with exports. An export belongs to one task of the engine, and only that one writes: the
tables hold the truth, a process may die at any moment, and nothing is lost.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from cancellations.models import Export, ExportPart
from cancellations.workflow import telling

State = Export.State
FILES_ARE_KEPT = timedelta(hours=24)


class Superseded(Exception):
    """The export was cancelled, or another task makes it now: whoever raises this must write no more."""


def begin(pk: int, task_id: UUID | str) -> Export:
    """The export, which its task makes from now on. Raises Superseded."""
    waiting = Export.objects.filter(pk=pk, task_id=task_id, state=State.WAITING)
    if waiting.update(state=State.MAKING, written=0, started_at=timezone.now()) != 1:
        raise Superseded
    return Export.objects.select_related("person").get(pk=pk)


def hand_over(export: Export, task_id: UUID | str) -> None:
    """Another task makes it from the beginning. Raises Superseded."""
    _write(export, Export.OPEN, state=State.WAITING, written=0, task_id=task_id)


def keep(export: Export, **changes: Any) -> None:
    """Writes how far the export is. Raises Superseded."""
    _write(export, (State.MAKING,), **changes)


@transaction.atomic
def keep_part(export: Export, number: int, content: bytes) -> None:
    """Stores a piece of the file. Raises Superseded: two tasks never mix their pieces."""
    keep(export, state=State.MAKING)  # nothing changes, but whoever takes over waits for the row
    ExportPart.objects.create(export=export, number=number, content=content)


def forget_parts(export: Export) -> None:
    """Removes the pieces that are stored: one by one, because on SQLite everybody waits for a writer."""
    _remove(ExportPart.objects.filter(export=export))


def drop_parts(export: Export) -> None:
    """Removes what another task had stored before it broke off. Raises Superseded."""
    for pk in ExportPart.objects.filter(export=export).values_list("pk", flat=True):
        with transaction.atomic():
            keep(export, state=State.MAKING)  # as in keep_part
            ExportPart.objects.filter(pk=pk).delete()


def finish(export: Export, *, orders: int, size: int) -> None:
    """All pieces are there; `size` is in bytes. Raises Superseded."""
    keep(export, state=State.READY, written=orders, size=size, finished_at=timezone.now())
    export.state, export.written = State.READY, orders
    telling.tell_of_export(export)


def fail(export: Export, why: str) -> None:
    """It cannot be made, and trying again would not help. Raises Superseded."""
    _write(export, Export.OPEN, state=State.FAILED, why=why, finished_at=timezone.now())
    export.state = State.FAILED
    telling.tell_of_export(export)


def expire() -> None:
    """Removes the files that are older than a day, and pieces that belong to no file."""
    old = Export.objects.filter(state=State.READY, finished_at__lt=timezone.now() - FILES_ARE_KEPT)
    if old.exists():  # looked at first: an update takes the write lock on SQLite, and every sweep comes here
        old.update(state=State.EXPIRED)
    _remove(ExportPart.objects.exclude(export__state__in=Export.WITH_PARTS))


def _remove(parts: QuerySet[ExportPart]) -> None:
    for pk in parts.values_list("pk", flat=True):
        ExportPart.objects.filter(pk=pk).delete()


def _write(export: Export, states: tuple[Export.State, ...], **changes: Any) -> None:
    if Export.objects.filter(pk=export.pk, task_id=export.task_id, state__in=states).update(**changes) != 1:
        raise Superseded
