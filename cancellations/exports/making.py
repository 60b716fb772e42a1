"""Makes the file of an export and stores it in pieces, with the rights that its person has now."""

import errno
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from django.utils import translation
from django.utils.translation import gettext as _
from xlsxwriter.exceptions import FileCreateError, FileSizeError

from cancellations.exports import queue, workbook
from cancellations.exports.rows import Lines, Requests, as_moment, chunks, columns, export_rows
from cancellations.history.search import Filters, Reader
from cancellations.models import Export

PART = 1 << 20  # bytes
PROGRESS_SECONDS = 1
Why = Export.Why


class Stopped(Exception):
    """The worker is to end: another one makes the export from the beginning."""


class Impossible(Exception):
    """The export cannot be made, and trying again would not help; `why` is a code of Export."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def make(export: Export, *, is_stopping: Callable[[], bool] = lambda: False) -> None:
    """Makes the file and stores it; on the way it shows how far it is. Raises Superseded or Stopped."""
    try:
        with translation.override(export.language), workbook.temporary_folder() as folder:
            progress = Progress(export, is_stopping)
            filters, reader = Filters.from_query(export.query), Reader(export.person)
            if not reader.shops or filters.shop not in (None, *reader.shops):
                raise Impossible(Why.NOT_READABLE)
            queue.keep(export, shops=[*reader.shops_of(filters)])
            texts = export_rows(reader.shops, moment=as_moment)
            rows = (row for chunk in progress.of(chunks(filters, reader)) for row in texts(*chunk))
            path = Path(folder) / "orders.xlsx"
            try:
                workbook.write(path, rows, title=_("Purchase orders"), columns=columns(), folder=folder)
            except FileSizeError as error:
                raise Impossible(Why.TOO_LARGE) from error
            except (FileCreateError, OSError) as error:
                cause = error.args[0] if isinstance(error, FileCreateError) else error
                if cause.errno == errno.ENOSPC:
                    raise Impossible(Why.NO_ROOM) from error
                raise
            queue.keep(export, written=progress.orders)
            # Puts the file into the database; returns its size in bytes.
            queue.drop_parts(export)
            with path.open("rb") as file:
                for number, content in enumerate(iter(lambda: file.read(PART), b"")):
                    if is_stopping():
                        raise Stopped
                    queue.keep_part(export, number, content)
            size = path.stat().st_size
    except Impossible as refused:
        queue.fail(export, refused.why)
    else:
        queue.finish(export, orders=progress.orders, size=size)


class Progress:
    """How many orders are in the file. It is shown once a second, and that finds out if nobody wants the file."""

    def __init__(self, export: Export, is_stopping: Callable[[], bool]) -> None:
        self.orders, self.shown_at = 0, 0.0
        self.export, self.is_stopping = export, is_stopping

    def of(self, chunks: Iterable[tuple[Lines, Requests]]) -> Iterator[tuple[Lines, Requests]]:
        """The chunks; each is counted when it is written. Raises Superseded or Stopped."""
        for lines, requests in chunks:
            yield lines, requests
            self.orders += len(lines)
            if self.is_stopping():
                raise Stopped
            if time.monotonic() - self.shown_at > PROGRESS_SECONDS:
                queue.keep(self.export, written=self.orders)
                self.shown_at = time.monotonic()
