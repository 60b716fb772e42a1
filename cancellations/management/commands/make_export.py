"""Makes one export; a worker starts this as a child process. It gives way to everything else on the machine, and ends
when its worker is gone or nobody wants the file any more."""

import errno
import logging
import os
import resource
import signal
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, connection
from django.utils import translation
from django.utils.translation import gettext as _
from xlsxwriter.exceptions import FileCreateError, FileSizeError

from cancellations import words
from cancellations.exports import queue, workbook
from cancellations.exports.rows import chunks
from cancellations.history import search
from cancellations.models import Export
from cancellations.pages.history.forms import HistoryForm

logger = logging.getLogger("cancellations.worker")
MEMORY = 600 << 20  # bytes; a million orders take some 80 MB
NICENESS = 15
PART = 1 << 20
SECONDS_TO_END = 10
Why = Export.Why


class Impossible(Exception):
    """The export cannot be made, and trying again would not help; `why` is a code of Export."""

    def __init__(self, why):
        self.why = why
        super().__init__(why)


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("export", type=int)
        parser.add_argument("token", help="of the lease")
        parser.add_argument("parent", type=int, help="the process without which this one ends")

    def handle(self, *, export, token, parent, **options):
        os.nice(NICENESS)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        try:
            held = queue.held(export, token)
            with translation.override(held.language):
                make_and_give_back(held, parent)
        except queue.LeaseLost:
            logger.info("The export %s was cancelled, or is made elsewhere.", export)


def make_and_give_back(export, parent):
    """Whatever goes wrong, somebody can go on at once."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    try:
        make(export, parent)
    except SystemExit:
        queue.give_back(export, counts=False)
        raise
    except queue.LeaseLost:
        raise
    except Exception:
        logger.exception("The export %s broke off.", export.pk)
        queue.give_back(export, counts=True)


def leave(number, _frame):
    """Ends in order; a second signal does not disturb that."""
    for again in (signal.SIGTERM, signal.SIGINT):
        signal.signal(again, signal.SIG_IGN)
    sys.exit(128 + number)


def make(export, parent):
    """Makes the file and stores it; on the way it shows how far it has come. Raises LeaseLost."""
    try:
        with watched(export, parent) as made, workbook.temporary_folder() as folder:
            size = store(export, write_file(export, folder, made))
    except Impossible as refused:
        queue.fail(export, refused.why)
    else:
        queue.finish(export, orders=made.orders, size=size)


@contextmanager
def watched(export, parent):
    """Gives what the watching thread shows as progress: `orders`, those that are in the file so far."""
    made, ended = SimpleNamespace(orders=0), threading.Event()
    watch = threading.Thread(target=show_until_ended, args=(export, parent, made, ended), daemon=True)
    watch.start()
    try:
        yield made
    finally:
        ended.set()
        watch.join()


def show_until_ended(export, parent, made, ended):
    """Once a second. Ends the process when the worker is gone, or the export is somebody else's or nobody's."""
    while not ended.wait(1):
        try:
            queue.renew(export, written=made.orders)
        except queue.LeaseLost:
            break
        except (OperationalError, InterfaceError):
            connection.close()  # away; it goes on if it comes back before somebody else takes over
        if os.getppid() != parent:
            break
    connection.close()
    if not ended.is_set():
        os.kill(os.getpid(), signal.SIGTERM)
        if not ended.wait(SECONDS_TO_END):
            os._exit(1)


def write_file(export, folder, made):
    """The path of the finished file, made with the rights that the person has now."""
    reader = search.Reader(export.person)
    form = HistoryForm(export.query, shops=reader.shops)
    if not reader.shops or not form.is_valid():
        raise Impossible(Why.NOT_READABLE)
    filters = form.filters()
    queue.renew(export, shops=[*reader.shops_of(filters)])
    path = Path(folder) / "orders.xlsx"
    rows = counted(chunks(filters, reader), words.history.export_rows(reader.shops), made)
    try:
        workbook.write(path, rows, title=_("Purchase orders"), headings=words.history.headings(), folder=folder)
    except FileSizeError as error:
        raise Impossible(Why.TOO_LARGE) from error
    except (FileCreateError, OSError) as error:
        cause = error.args[0] if isinstance(error, FileCreateError) else error
        if cause.errno == errno.ENOSPC:
            raise Impossible(Why.NO_ROOM) from error
        raise
    return path


def counted(pieces, texts, made):
    for lines, requests in pieces:
        yield from texts(lines, requests)
        made.orders += len(lines)


def store(export, path):
    """Puts the file into the database; returns its size."""
    queue.forget_parts(export)
    with path.open("rb") as file:
        for number, content in enumerate(iter(lambda: file.read(PART), b"")):
            queue.keep_part(export, number, content)
    return path.stat().st_size
