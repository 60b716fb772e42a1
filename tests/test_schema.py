"""Web and workers start on the database of their version, and on one that a later version has only added to."""

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from cancellations import schema
from cancellations.doctor import State, database
from cancellations.schema import Fit, fit, why_not_start
from tests import processes

pytestmark = pytest.mark.django_db
OURS = "cancellations"


def applied(name, app=OURS):
    MigrationRecorder(connection).record_applied(app, name)


def test_the_database_of_this_version_fits():
    assert fit() == Fit(missing=[], newer=[])
    assert why_not_start() == ""


def test_a_missing_migration_is_named_with_the_command():
    MigrationRecorder(connection).record_unapplied(OURS, "0001_initial")
    assert fit().missing[0] == "cancellations.0001_initial"
    assert "from cancellations.0001_initial on. Run: manage.py migrate" in why_not_start()


def test_a_migration_of_a_later_version_is_named():
    applied("0002_rename_everything")
    assert fit() == Fit(missing=[], newer=["cancellations.0002_rename_everything"])
    assert "it has cancellations.0002_rename_everything. Start the version that made it" in why_not_start()
    assert [finding.state for finding in database.is_migrated()] == [State.WRONG]


def test_what_a_later_version_only_added_is_no_obstacle():
    applied("0002_expand_backup_place")
    assert fit().newer == ["cancellations.0002_expand_backup_place"]
    assert why_not_start() == ""
    [finding] = database.is_migrated()
    assert (finding.state, "0002_expand_backup_place" in finding.sentence) == (State.WARNING, True)


def test_what_an_application_left_that_is_not_installed_any_more_is_none_of_ours():
    applied("0001_initial", "long_gone")
    assert fit().newer == []


def test_a_worker_refuses_to_start(monkeypatch):
    applied("0002_rename_everything")
    with pytest.raises(CommandError, match="The database is newer than this version") as refused:
        call_command("worker")
    assert refused.value.returncode == 3


def test_a_database_that_is_away_keeps_nobody_from_starting(monkeypatch):
    from wdtadmin import starting

    def away():
        raise OperationalError

    monkeypatch.setattr(schema, "fit", away)
    assert starting.is_refused() is False


@pytest.mark.slow
@pytest.mark.parametrize("command", [["-m", "gunicorn"], ["manage.py", "worker"]])
def test_nothing_starts_on_a_database_without_tables(command, tmp_path):
    process = processes.start(*command, DATABASE_URL=f"sqlite:///{tmp_path}/new.sqlite3", BIND="127.0.0.1:0")
    printed, _ = process.communicate(timeout=60)
    assert (process.returncode, "Run: manage.py migrate" in printed) == (3, True), printed
    assert "Traceback" not in printed
