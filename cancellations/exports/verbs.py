"""What people do with data that they take out: record the copy, ask for a long workbook, take it, delete it."""

from collections.abc import Callable, Mapping
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from cancellations.exports import queue
from cancellations.models import Event, Export, Person, Shop
from cancellations.workflow import limits
from cancellations.workflow.errors import (
    ExportNotReadable,
    ExportNotReady,
    ExportUnderWay,
    TooManyFiles,
    TooManyRows,
)

MAX_ORDERS = 2_000_000
MAX_FILES = 3  # of one person, so that nobody fills the database


@transaction.atomic
def record_copy(
    kind: str, query: Mapping[str, str], *, by: Person, shops: Mapping[int, str], orders: int | None = None
) -> None:
    """Writes down that the person takes a copy of what the query finds; `orders` is how many, if that is known.

    `shops` is {pk: name} of all that the copy may hold orders of. Raises TooOften.
    """
    limits.consume(limits.EXPORT, by=by)
    Event.write(
        Event.Kind.EXPORTED,
        by=by,
        at=timezone.now(),
        shop=Shop.objects.get(pk=next(iter(shops))) if len(shops) == 1 else None,
        format=kind,
        filters=query,
        orders=orders,
        shops={str(pk): name for pk, name in shops.items()},
    )


@transaction.atomic
def ask(
    query: Mapping[str, str],
    *,
    by: Person,
    language: str,
    orders: int,
    shops: Mapping[int, str],
    enqueue: Callable[[int], UUID | str],
) -> Export:
    """Asks for a workbook of the orders that the query finds; `orders` is how many, `shops` {pk: name} of which they
    may be. `enqueue` has a task make the export with this key, and returns the task's id. The history says so from now
    on. Returns the Export.

    Raises TooManyRows, ExportUnderWay, TooManyFiles, TooOften.
    """
    if orders > MAX_ORDERS:
        raise TooManyRows(limit=f"{MAX_ORDERS:,}")
    if Export.objects.filter(person=by, state=Export.State.READY).count() >= MAX_FILES:
        raise TooManyFiles(limit=MAX_FILES)
    asked = Export(person=by, query=query, language=language, orders=orders, created_at=timezone.now())
    try:
        with transaction.atomic():
            asked.save()
    except IntegrityError as error:  # one at a time: the database says so
        raise ExportUnderWay from error
    record_copy("xlsx", query, by=by, shops=shops, orders=orders)
    asked.task_id = enqueue(asked.pk)
    asked.save(update_fields=["task_id"])
    return asked


def check_may_take(export: Export, *, by: Person) -> None:
    """Whether the person may have the file now. Raises ExportNotReady, or ExportNotReadable if a shop is in it that the
    person could read when it was made, and cannot any more."""
    if export.state != Export.State.READY:
        raise ExportNotReady
    if not set(export.shops) <= set(Shop.objects.for_user(by).values_list("pk", flat=True)):
        raise ExportNotReadable


def delete(export: Export, *, by: Person) -> None:
    """Removes the export with its file. One that is being made is not made any further: its task finds out."""
    own = Export.objects.for_user(by).filter(pk=export.pk)
    if own.exists():
        own.filter(state=Export.State.READY).update(state=Export.State.EXPIRED)  # nobody takes half of the file
        queue.forget_parts(export)
        own.delete()
