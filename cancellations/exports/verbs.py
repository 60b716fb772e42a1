"""What people do with workbooks that are made in the background: ask for one, take it, delete it."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from cancellations.exports import log, queue
from cancellations.models import Export, Shop
from cancellations.workflow.errors import (
    ExportNotReadable,
    ExportNotReady,
    ExportUnderWay,
    TooManyFiles,
    TooManyRows,
)

MOST_ORDERS = 2_000_000
MOST_FILES = 3  # of one person, so that nobody fills the database


@transaction.atomic
def ask(query, *, by, language, orders, shops):
    """Asks for a workbook of the orders that the query finds; `orders` is how many, `shops` {pk: name} of which they
    may be. A worker makes it. The history says so from now on. Returns the Export.

    Raises TooManyRows, ExportUnderWay, TooManyFiles, TooOften.
    """
    if orders > MOST_ORDERS:
        raise TooManyRows(limit=f"{MOST_ORDERS:,}")
    if Export.objects.filter(person=by, state=Export.State.READY).count() >= MOST_FILES:
        raise TooManyFiles(limit=MOST_FILES)
    asked = Export(person=by, query=query, language=language, orders=orders, created_at=timezone.now())
    try:
        with transaction.atomic():
            asked.save()
    except IntegrityError as error:  # one at a time: the database says so
        raise ExportUnderWay from error
    log.record_export("xlsx", query, by=by, shops=shops, orders=orders)
    return asked


def check_may_take(export, *, by):
    """Whether the person may have the file now. Raises ExportNotReady, or ExportNotReadable if a shop is in it that the
    person could read when it was made, and cannot any more."""
    if export.state != Export.State.READY:
        raise ExportNotReady
    if not set(export.shops) <= set(Shop.objects.for_user(by).values_list("pk", flat=True)):
        raise ExportNotReadable


def delete(export, *, by):
    """Removes the export with its file. One that is being made is not made any further: its process finds out."""
    own = Export.objects.for_user(by).filter(pk=export.pk)
    if own.exists():
        own.filter(state=Export.State.READY).update(state=Export.State.EXPIRED)  # nobody takes half of the file
        queue.forget_parts(export)
        own.delete()
