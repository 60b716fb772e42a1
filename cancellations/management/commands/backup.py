"""Copies the database into a folder while everything runs, and looks into the copy: it is whole, or there is none.

SQLite is copied in one step, which others wait for as little as for a long transaction; PostgreSQL by pg_dump.
The copy says that it is one: where it is restored, nothing is sent until somebody has confirmed it.
"""

import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from cancellations.models import Backup, ChainLink, Event, RestoredCopy

NAME = "wdtadmin-{stamp:%Y%m%d-%H%M%S}{suffix}"
KEPT = 14


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="where the copies lie, better on another machine's disk")
        parser.add_argument("--keep", type=int, default=KEPT, help=f"so many copies, the newest; {KEPT} if not said")

    def handle(self, *, folder: Path, keep: int, **options: Any) -> None:
        os.umask(0o077)  # a copy holds what the database holds
        if keep < 1:
            raise CommandError("--keep must be 1 or more: else the new copy would be removed as well.")
        suffix, copy, look = WAYS[connection.vendor]
        started = time.monotonic()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = make(folder / NAME.format(stamp=timezone.localtime(), suffix=suffix), copy, look)
            removed = remove_old(folder, suffix, keep)
        except OSError as error:
            raise CommandError(f"No backup was made: {error}") from error
        seconds, size = time.monotonic() - started, file.stat().st_size
        Backup.objects.create(at=timezone.now(), size=size, seconds=seconds)
        self.stdout.write(f"{file}: {size / 1e6:,.1f} MB in {seconds:.1f} s, and whole. {removed} older ones removed.")


def make(file: Path, copy: Callable[[Path], None], look: Callable[[Path], None]) -> Path:
    """The copy under its name, which it gets when it is whole and on the disk. Raises CommandError, OSError."""
    with unfinished(file) as new:
        copy(new)
        look(new)
        with new.open("rb") as content:
            os.fsync(content.fileno())
        new.rename(file)
        descriptor = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    return file


@contextmanager
def unfinished(file: Path) -> Iterator[Path]:
    """A name beside the file's, which nothing is left under afterwards."""
    new = file.with_name(f".{file.name}.new")
    try:
        yield new
    finally:
        for leftover in file.parent.glob(f"{new.name}*"):
            leftover.unlink()


def copy_sqlite(new: Path) -> None:
    """All pages at once: page by page it would begin anew whenever somebody writes, and never end."""
    source = connection.settings_dict["NAME"]
    try:
        with closing(sqlite3.connect(source, timeout=60)) as here, closing(sqlite3.connect(new)) as there:
            here.backup(there, pages=-1)
            with there:
                there.execute(f"INSERT INTO {RestoredCopy._meta.db_table} (copied_at) VALUES (datetime('now'))")  # noqa: S608
    except sqlite3.Error as error:
        raise CommandError(f"No backup was made: {error}.") from error


def look_into_sqlite(new: Path) -> None:
    """The database finds nothing wrong with the copy, and the chain of events ends in it as it does here."""
    try:
        with closing(sqlite3.connect(new)) as there:
            [[found]] = there.execute("PRAGMA quick_check(1)")
            [last] = there.execute(f"SELECT max(number) FROM {ChainLink._meta.db_table}")  # noqa: S608 - a name of ours
            [events] = there.execute(f"SELECT count(*) FROM {Event._meta.db_table}")  # noqa: S608
            mac = there.execute(f"SELECT mac FROM {ChainLink._meta.db_table} WHERE number = ?", last).fetchone()  # noqa: S608
    except sqlite3.Error as error:
        raise CommandError(f"The copy cannot be read: {error}. No backup was made.") from error
    if found != "ok":
        raise CommandError(f"The copy is damaged: {found}. No backup was made.")
    here = ChainLink.objects.filter(number=last[0]).values_list("mac", flat=True).first() if last[0] else None
    if (mac and mac[0]) != here or events[0] < (last[0] or 0):
        raise CommandError("The copy does not hold the audit trail that is here. No backup was made.")


def dump(new: Path) -> None:
    with marked_snapshot() as snapshot:
        _run("pg_dump", "--format=custom", f"--file={new}", f"--snapshot={snapshot}", database=True)


@contextmanager
def marked_snapshot() -> Iterator[str]:
    """The name of a snapshot that holds the mark of a copy. Here the mark is gone as soon as the snapshot is taken.

    If this process is killed in between, the mark stays, and somebody confirms a restore that was none.
    """
    mark = RestoredCopy.objects.create(copied_at=timezone.now())
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            other.set_autocommit(False)
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT pg_export_snapshot()")
            [snapshot] = cursor.fetchone()
            mark.delete()
            yield snapshot
    finally:
        other.close()
        RestoredCopy.objects.filter(pk=mark.pk).delete()


def look_into_dump(new: Path) -> None:
    """Its table of contents can be read, and names the tables of the audit trail."""
    listed = _run("pg_restore", "--list", str(new))
    if any(f"TABLE DATA public {model._meta.db_table} " not in listed for model in (Event, ChainLink)):
        raise CommandError("The copy does not hold the audit trail. No backup was made.")


def _run(*command: str, database: bool = False) -> str:
    own = connection.settings_dict
    named = {"PGHOST": own["HOST"], "PGPORT": own["PORT"], "PGUSER": own["USER"], "PGDATABASE": own["NAME"]}
    named |= {"PGPASSWORD": own["PASSWORD"]}  # in the environment: arguments are seen by everybody on the machine
    named |= {f"PG{name.upper()}": value for name, value in own["OPTIONS"].items() if name.startswith("ssl")}
    environment = os.environ | {name: str(value) for name, value in named.items() if value and database}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise CommandError(f"{command[0]} is not installed. No backup was made.") from error
    if done.returncode:
        raise CommandError(f"{command[0]}: {done.stderr.strip()[-500:]}. No backup was made.")
    return done.stdout


def remove_old(folder: Path, suffix: str, keep: int) -> int:
    """Removes all but the newest copies; returns how many."""
    copies = sorted(folder.glob(f"wdtadmin-????????-??????{suffix}"))
    for old in copies[:-keep]:
        old.unlink()
    return len(copies[:-keep])


# database -> (the copy's suffix, what makes it, what looks into it)
WAYS = {
    "sqlite": (".sqlite3", copy_sqlite, look_into_sqlite),
    "postgresql": (".dump", dump, look_into_dump),
}
