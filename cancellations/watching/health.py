"""Whether this process can answer, and whether the work goes on."""

import threading
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from cancellations import schema
from cancellations.models import AuditCheck, Backup, Maintenance, RestoredCopy
from cancellations.sending import heartbeat
from cancellations.watching.due import due_orders
from wdtadmin import version

READY, MAINTENANCE = "ok", "maintenance"  # pages can be answered
DATABASE, MIGRATIONS = "database", "migrations"  # they cannot
SECONDS = 3  # in which the database has to answer a probe
BEAT = timedelta(seconds=60)  # a worker that sends has shown itself since
IDLE = timedelta(minutes=10)  # orders may be sent, and nobody has made a call
CHECKED = timedelta(hours=36)  # the audit trail is verified once a day

_one_probe = threading.Lock()
_is_migrated = threading.Event()


def readiness() -> str:
    """READY, MAINTENANCE, DATABASE or MIGRATIONS.

    A database that takes connections and never answers holds one thread here and no more, however often it is asked.
    """
    found: list[str] = []

    def ask() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            if not _is_migrated.is_set() and not schema.fit().missing:
                _is_migrated.set()  # what is applied stays so as long as this process lives
            if not _is_migrated.is_set():
                found.append(MIGRATIONS)
            else:
                found.append(MAINTENANCE if Maintenance.objects.exists() else READY)
        except (DatabaseError, InterfaceError):
            found.append(DATABASE)
        finally:
            connection.close()
            _one_probe.release()

    if not _one_probe.acquire(timeout=SECONDS):
        return DATABASE
    probe = threading.Thread(target=ask, daemon=True)
    probe.start()
    probe.join(SECONDS)
    return found[0] if found else DATABASE


def work() -> dict[str, Any]:
    """How the work goes: `wrong` names what is not as it should be, the rest says how it is."""
    now = timezone.now()
    beats = [worker.beat_at for worker in heartbeat.alive() if heartbeat.SENDING in worker.queues]
    due = due_orders().values()
    check, backup = AuditCheck.objects.first(), Backup.objects.first()
    maintenance = Maintenance.objects.first()
    wrong = {
        "worker": maintenance is None and (not beats or now - max(beats) > BEAT),
        "orders": maintenance is None and any(now - one.idle_since > IDLE for one in due),
        "maintenance": maintenance is not None and maintenance.is_late,
        "audit": check is None or bool(check.fault) or now - check.at > CHECKED,
        "backup": is_backup_missing(backup, now),
        "restored": RestoredCopy.objects.unconfirmed().exists(),
    }
    return {
        "wrong": [name for name, is_wrong in wrong.items() if is_wrong],
        "version": version.number(),
        "commit": version.commit(),
        "maintenance_until": maintenance and maintenance.until,
        "workers": len(beats),
        "worker_beat_seconds": _seconds(now, max(beats, default=None)),
        "oldest_due_order_seconds": _seconds(now, min((one.since for one in due), default=None)),
        "audit": "never" if check is None else check.fault or "ok",
        "audit_seconds": _seconds(now, check.at if check else None),
        "backup_seconds": _seconds(now, backup.at if backup else None),
    }


def is_backup_missing(backup: Backup | None, now: datetime) -> bool:
    """Whether the newest backup is too old, where WATCH_BACKUP_HOURS says that there are some."""
    hours = settings.WATCH_BACKUP_HOURS
    return bool(hours) and (backup is None or now - backup.at > timedelta(hours=hours))


def _seconds(now: datetime, then: datetime | None) -> int | None:
    return None if then is None else max(0, round((now - then).total_seconds()))
