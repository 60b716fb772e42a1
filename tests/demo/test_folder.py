"""The demo touches no database but its own."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from tests.processes import BASE
from wdtadmin.demo import __main__ as start
from wdtadmin.demo import cast, folder


def tables_of(file):
    with closing(sqlite3.connect(file)) as database:
        return [name for (name,) in database.execute("SELECT name FROM sqlite_master")]


@pytest.fixture
def foreign(tmp_path):
    """A folder with somebody else's database."""
    with closing(sqlite3.connect(tmp_path / folder.DATABASE)) as database:
        database.execute("CREATE TABLE cancellations_shop (name TEXT)")
    return tmp_path


def test_folder_without_a_database_is_claimed_for_good(tmp_path):
    folder.claim(tmp_path)
    with closing(sqlite3.connect(tmp_path / folder.DATABASE)) as database:
        database.execute("CREATE TABLE cancellations_shop (name TEXT)")
    folder.check(tmp_path)
    folder.claim(tmp_path)


@pytest.mark.parametrize("act", [folder.check, folder.claim, folder.empty])
def test_database_of_others_is_refused_and_kept(foreign, act):
    with pytest.raises(folder.NotTheDemos, match=r"was not made by the demo"):
        act(foreign)
    assert tables_of(foreign / folder.DATABASE) == ["cancellations_shop"]


def test_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / folder.DATABASE).write_text("a note of somebody's, longer than the head of a database " * 9)
    with pytest.raises(folder.NotTheDemos):
        folder.claim(tmp_path)


@pytest.mark.parametrize("arguments", [[], ["--reset"], ["--develop"]])
def test_demo_refuses_a_folder_with_another_database(foreign, arguments):
    command = [sys.executable, "-m", "wdtadmin.demo", "--folder", str(foreign), *arguments]
    done = subprocess.run(command, cwd=BASE, capture_output=True, text=True)
    assert done.returncode == 1
    assert "was not made by the demo: it is left as it is" in done.stderr
    assert os.listdir(foreign) == [folder.DATABASE]


def test_preparing_refuses_the_database_of_another_environment(tmp_path, foreign):
    """Whatever DATABASE_URL says: people with known passwords get into the demo's own database only."""
    own = tmp_path / "own"
    own.mkdir()
    database = f"sqlite:///{foreign / folder.DATABASE}"
    done = subprocess.run(
        [sys.executable, "-m", "wdtadmin.demo.prepare", str(own)],
        cwd=BASE,
        env=folder.environment(own, 1, 2) | {"DATABASE_URL": database},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "was not made by the demo" in done.stderr
    assert tables_of(foreign / folder.DATABASE) == ["cancellations_shop"]


@pytest.mark.django_db
def test_cast_is_made_in_no_other_database():
    with pytest.raises(folder.NotTheDemos):
        cast.make()


def test_reset_removes_what_the_demo_made_and_nothing_else(tmp_path):
    folder.claim(tmp_path)
    folder.environment(tmp_path, 1, 2)
    (tmp_path / "notes.txt").write_text("mine")
    folder.empty(tmp_path)
    assert os.listdir(tmp_path) == ["notes.txt"]


@pytest.mark.parametrize("arguments", [[], ["--reset"]])
def test_reset_starts_anew_and_without_it_the_keys_stay(tmp_path, monkeypatch, arguments):
    def prepare(command, *, env, **options):
        raise SystemExit(env["SECRET_KEY"])

    monkeypatch.setattr(start.subprocess, "run", prepare)
    folder.claim(tmp_path)
    key = folder.environment(tmp_path, 1, 2)["SECRET_KEY"]
    monkeypatch.setattr(sys, "argv", ["demo", "--folder", str(tmp_path), *arguments])
    with pytest.raises(SystemExit) as ended:
        start.main()
    assert (ended.value.code == key) == (not arguments)


def test_no_part_of_the_demo_is_importable_where_the_application_runs():
    code = "import django; django.setup(); import wdtadmin.demo.cast"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "wdtadmin.settings"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=BASE, capture_output=True, text=True)
    assert done.returncode
    assert "The demo is no part of the application" in done.stderr
