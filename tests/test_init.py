"""`manage.py init` makes the first `.env`, and what lacks a key says so in one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import environ
import pytest
from django.core.management import CommandError, call_command

from cancellations.management.commands import init
from wdtadmin.variables import VARIABLES

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(init, "BASE_DIR", tmp_path)
    return tmp_path


def read(file):
    """The variables of a `.env`, as the application reads them."""
    found = type("Found", (environ.Env,), {"ENVIRON": {}})
    found.read_env(file)
    return found.ENVIRON


def test_it_writes_fresh_keys_for_its_owner_only(folder, capsys):
    call_command("init")
    file = folder / ".env"
    assert file.stat().st_mode & 0o777 == 0o600
    keys = {name: read(file)[name] for name in init.KEYS}
    assert len(set(keys.values())) == len(init.KEYS) >= 3
    assert all(len(key) >= 44 for key in keys.values())
    said = capsys.readouterr().out
    assert "ALLOWED_HOSTS" in said
    assert not [key for key in keys.values() if key in said]
    file.unlink()
    call_command("init")
    assert not set(keys.values()) & set(read(file).values())


def test_it_never_overwrites(folder):
    (folder / ".env").write_text("SECRET_KEY=mine")
    with pytest.raises(CommandError, match="exists and was left as it is"):
        call_command("init")
    assert (folder / ".env").read_text() == "SECRET_KEY=mine"


def test_what_is_given_stands_in_the_file(folder):
    call_command("init", "ALLOWED_HOSTS=a.example.com,b.example.com", "EMAIL_FROM=采购 <erp@a.example.com>")
    found = read(folder / ".env")
    assert found["ALLOWED_HOSTS"] == "a.example.com,b.example.com"
    assert found["EMAIL_FROM"] == "采购 <erp@a.example.com>"


def test_a_key_from_a_file_is_not_made_as_well(folder):
    call_command("init", "AUDIT_KEYS_FILE=/run/secrets/audit_keys")
    found = read(folder / ".env")
    assert found["AUDIT_KEYS_FILE"] == "/run/secrets/audit_keys"
    assert "AUDIT_KEYS" not in found


@pytest.mark.parametrize("given", ["ALLOWED_HOST=a", "ALLOWED_HOSTS", "EMAIL_FROM=it's me", "EMAIL_FROM=a\nDEBUG=true"])
def test_what_cannot_be_written_is_told_and_nothing_is(given, folder):
    with pytest.raises(CommandError):
        call_command("init", given)
    assert not (folder / ".env").exists()


@pytest.mark.parametrize("name", init.KEYS)
def test_a_fresh_key_is_printed_alone(name, folder, capsys):
    call_command("init", key=name)
    call_command("init", key=name)
    first, second = capsys.readouterr().out.split()
    assert first != second
    assert not (folder / ".env").exists()


def run_without_keys(*arguments):
    kept = {name: text for name, text in os.environ.items() if name not in VARIABLES and name[:7] != "DJANGO_"}
    # What a developer's own .env has is empty here.
    empty = dict.fromkeys(init.KEYS, "")
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=kept | empty, capture_output=True, text=True, timeout=60
    )


@pytest.mark.slow
@pytest.mark.parametrize("command", [("manage.py", "migrate"), ("-m", "gunicorn")])
def test_without_a_key_nothing_starts_and_one_sentence_says_why(command):
    done = run_without_keys(*command)
    assert done.returncode in (1, 2)
    assert "SECRET_KEY is not set. " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_what_needs_no_keys_runs_without(tmp_path):
    done = run_without_keys("manage.py", "collectstatic", "--noinput", "--dry-run")
    assert (done.returncode, done.stderr) == (0, "")
    assert run_without_keys("manage.py", "init", "--key", "AUDIT_KEYS").returncode == 0
