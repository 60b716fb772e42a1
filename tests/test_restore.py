"""The drill of docs/operating.md, on SQLite: a backup, a restore, and the history held against the last anchor."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from cancellations import tasks
from cancellations.models import Event
from tests.people import approved, draft_of

BASE = Path(__file__).resolve().parent.parent


def manage(database, *arguments):
    """(exit code, what it printed) of a management command in a process of its own, on another database."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "wdtadmin.settings", "DATABASE_URL": f"sqlite:///{database}"}
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


def copied(source, target):
    """What `sqlite3 source ".backup 'target'"` does, while others may be writing."""
    with sqlite3.connect(source) as here, sqlite3.connect(target) as there:
        here.backup(there)
    here.close()
    there.close()
    return target


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_restored_backup_is_verified_against_the_last_anchor(shop, cast, settings, tmp_path):
    anchors = tmp_path / "anchors.txt"
    settings.AUDIT_ANCHOR_FILE = str(anchors)
    approved(shop, cast.lina, cast.wangqiang)
    tasks.check_history.call(is_daily=True)
    draft_of(shop, cast.lina, ["CG8"])  # not chained yet when the backup is made
    backup = copied(connection.settings_dict["NAME"], tmp_path / "backup.sqlite3")
    in_the_backup = Event.objects.count()
    draft_of(shop, cast.lina, ["CG9"])

    restored = copied(backup, tmp_path / "restored.sqlite3")
    code, said = manage(restored, "verify_audit", "--anchor-file", str(anchors))
    assert (code, f"All {in_the_backup} events are intact." in said) == (0, True), said

    end_is_cut = copied(backup, tmp_path / "cut.sqlite3")
    without_the_end(end_is_cut)
    code, said = manage(end_is_cut, "verify_audit", "--anchor-file", str(anchors))
    assert (code, "The end of the audit trail was cut off." in said) == (1, True), said

    tasks.check_history.call(is_daily=True)  # an anchor that is younger than the backup says what the backup lacks
    code, said = manage(restored, "verify_audit", "--anchor-file", str(anchors))
    assert (code, "The end of the audit trail was cut off." in said) == (1, True), said
    assert f"{in_the_backup} earlier events are intact" in said


def without_the_end(database):
    """The last event goes with its link and with all that our own table knows of anchors."""
    with sqlite3.connect(database) as there:
        for [name] in there.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            there.execute(f"DROP TRIGGER {name}")
        there.execute("DELETE FROM cancellations_auditcheck")
        there.execute(
            "DELETE FROM cancellations_event WHERE id NOT IN "
            "(SELECT event_id FROM cancellations_chainlink ORDER BY number LIMIT 1)"
        )
        there.execute("DELETE FROM cancellations_chainlink WHERE number > 1")
    there.close()
