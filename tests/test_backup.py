"""A copy of the database is whole, or there is none; nobody who writes keeps it from ending."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from cancellations.audit import chain
from cancellations.management.commands import backup
from cancellations.models import CancellationRequest, Event, RestoredCopy
from tests.people import approved

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
SUFFIX = ".sqlite3" if connection.vendor == "sqlite" else ".dump"


@pytest.fixture
def trail(shop, cast):
    approved(shop, cast.lina, cast.wangqiang)
    chain.extend_fully()
    return Event.objects.count()


def copies(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_backup_is_one_file_for_its_owner_only(trail, tmp_path, capsys):
    call_command("backup", str(tmp_path / "new" / "folder"))
    [file] = (tmp_path / "new" / "folder").iterdir()
    assert file.name.startswith("wdtadmin-2")
    assert file.suffix == SUFFIX
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "and whole. 0 older ones removed." in capsys.readouterr().out


def test_the_oldest_copies_go_and_other_files_stay(trail, tmp_path):
    old = [tmp_path / f"wdtadmin-2020010{day}-000000{SUFFIX}" for day in range(1, 5)]
    for file in (*old, tmp_path / "notes.txt"):
        file.touch()
    call_command("backup", str(tmp_path), keep=2)
    assert len(copies(tmp_path)) == 3
    assert {"notes.txt", old[-1].name} <= set(copies(tmp_path))


@pytest.mark.parametrize("break_at", ["copy", "look"])
def test_what_fails_half_way_leaves_nothing(break_at, trail, tmp_path, monkeypatch):
    def full(new):
        new.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    suffix, *ways = backup.WAYS[connection.vendor]
    ways[["copy", "look"].index(break_at)] = full
    monkeypatch.setitem(backup.WAYS, connection.vendor, (suffix, *ways))
    with pytest.raises(CommandError, match="No space left on device"):
        call_command("backup", str(tmp_path))
    assert copies(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_said(trail, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match="No backup was made"):
        call_command("backup", str(tmp_path / "file"))
    with pytest.raises(CommandError, match="--keep must be 1 or more"):
        call_command("backup", str(tmp_path), keep=0)


def read(file, query):
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(file)) as there:
            return there.execute(query).fetchall()
    listed = subprocess.run(["pg_restore", "--data-only", "--file=-", str(file)], capture_output=True, text=True)
    return listed.stdout


def test_it_ends_while_somebody_writes_all_the_time(trail, shop, tmp_path):
    """Copied page by page it would begin anew with every foreign write."""
    ended, written = threading.Event(), []

    def write():
        while not ended.is_set():
            type(shop).objects.filter(pk=shop.pk).update(pause_note=f"{len(written)}")
            written.append(1)
            time.sleep(0.005)
        connection.close()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    try:
        call_command("backup", str(tmp_path))
    finally:
        ended.set()
        writer.join()
    [file] = tmp_path.iterdir()
    assert written
    number = CancellationRequest.objects.get().number
    assert number in str(read(file, "SELECT number FROM cancellations_cancellationrequest"))


@pytest.fixture
def restore(tmp_path):
    """`restore(file)` puts the copy into a new database, as docs/operating.md says; gives the DATABASE_URL."""
    made = connection.settings_dict

    def on_server(statement):
        with connection.cursor() as cursor:
            cursor.execute(f'{statement} "{made["NAME"]}_restored"')

    def into_a_new_one(file):
        if connection.vendor == "sqlite":
            return f"sqlite:///{shutil.copy(file, tmp_path / 'restored.sqlite3')}"
        on_server("CREATE DATABASE")
        server = f"{made['USER']}:{made['PASSWORD']}@{made['HOST']}:{made['PORT']}".replace(":@", "@")
        url = f"postgres://{server}/{made['NAME']}_restored"
        target = url.replace("postgres:", "postgresql:")
        subprocess.run(["pg_restore", "--no-owner", "--exit-on-error", f"--dbname={target}", str(file)], check=True)
        return url

    yield into_a_new_one
    if connection.vendor == "postgresql":
        on_server("DROP DATABASE IF EXISTS")


def test_only_the_copy_says_that_it_is_one(trail, tmp_path, restore):
    call_command("backup", str(tmp_path / "copies"))
    assert not RestoredCopy.objects.exists()
    [file] = (tmp_path / "copies").iterdir()
    asked = subprocess.run(
        [sys.executable, "manage.py", "doctor", "--json", "--language=en"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "wdtadmin.settings", "DATABASE_URL": restore(file)},
        capture_output=True,
        text=True,
    )
    assert "The database was restored from a copy, and nothing is sent" in asked.stdout, asked.stderr
