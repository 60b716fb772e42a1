"""The database: whether it answers, keeps what it was told over a power cut, and has the tables of this version."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from cancellations import schema
from cancellations.audit import guards
from cancellations.doctor.findings import Finding, State

FULL = 2  # PRAGMA synchronous
# Locks of SQLite do not hold between machines, and what lies in memory does not outlive them.
NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "fuse.sshfs", "fuse.s3fs", "fuse.juicefs"}
MEMORY = {"tmpfs", "ramfs"}
CLOCKS_DIFFER = 5  # seconds


def is_reachable() -> Iterator[Finding]:
    """That it answers, as which version, and whether its clock is that of this machine."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        yield Finding(State.FINE, _("SQLite %(version)s answers.") % {"version": sqlite3.sqlite_version})
        return
    version = ".".join(map(str, connection.get_database_version()))
    yield Finding(State.FINE, _("PostgreSQL %(version)s answers.") % {"version": version})
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        seconds = abs((cursor.fetchone()[0] - timezone.now()).total_seconds())
    if seconds > CLOCKS_DIFFER:
        yield Finding(
            State.WARNING,
            _("The clocks of this machine and of the database differ by %(seconds)s s.") % {"seconds": round(seconds)},
            _("Synchronize both by NTP."),
        )


def keeps_what_it_has() -> Iterator[Finding]:
    """The record of a call has to survive a power cut, because the call itself cannot be undone."""
    found = []
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            journal_mode, synchronous = (
                cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
            )
        if journal_mode != "wal":
            sentence = _("SQLite does not keep a write-ahead log here.")
            found.append((sentence, _("Put the database on a local disk: other file systems do not allow it.")))
        if synchronous < FULL:
            sentence = _("SQLite does not wait for the disk: a power cut can lose the record of a call.")
            found.append((sentence, _("Leave the options of DATABASE_URL as they come.")))
        kind = file_system_of(settings.DATABASES["default"]["NAME"])
        if kind in NETWORK | MEMORY:
            sentence = _("The database lies on %(kind)s, where SQLite may lose or damage it.") % {"kind": kind}
            found.append((sentence, _("Move it to a local disk, or use PostgreSQL.")))
    else:
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_setting(%s)", [name])
                [value] = cursor.fetchone()
            if value == "off" or (name == "synchronous_commit" and value == "local"):
                sentence = _("PostgreSQL has %(name)s = %(value)s: a power cut can lose the record of a call.")
                way_on = _("Set it to on in postgresql.conf, and reload.")
                found.append((sentence % {"name": name, "value": value}, way_on))
    for sentence, way_on in found:
        yield Finding(State.WRONG, sentence, way_on)
    if not found:
        yield Finding(State.FINE, _("What was written survives a power cut."))


def file_system_of(path: str, mounts: str = "/proc/self/mounts") -> str:
    """The kind of the file system that the path lies on, as Linux calls it; empty where that cannot be read."""
    target = Path(path).resolve()
    try:
        lines = [line.split() for line in Path(mounts).read_text().splitlines()]
    except OSError:
        return ""
    kinds = {Path(line[1].encode().decode("unicode_escape")): line[2] for line in lines}  # the last mount counts
    return next((kinds[folder] for folder in (target, *target.parents) if folder in kinds), "")


def is_migrated() -> Iterator[Finding]:
    """The tables are those of this version, with the triggers that guard the audit trail."""
    found = schema.fit()
    if found.newer:
        yield Finding(
            State.WRONG if found.breaking else State.WARNING,
            _("The database is newer than this version: it has %(names)s.") % {"names": ", ".join(found.newer)},
            _("Start the version that made it, or restore the backup of before the update."),
        )
    if found.missing:
        yield Finding(
            State.WRONG,
            _("%(count)s migrations are missing in the database.") % {"count": len(found.missing)},
            _("Stop web and workers, then run: manage.py migrate"),
        )
    elif lacking := guards.missing():
        yield Finding(
            State.WRONG,
            _("The database lacks guards of the audit trail: %(names)s.") % {"names": ", ".join(lacking)},
            _("Find out who removed them. Restore a backup that has them."),
        )
    elif not found.newer:
        yield Finding(State.FINE, _("The tables and the guards of the audit trail are those of this version."))
