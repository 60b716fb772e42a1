"""The shipped units are understood by systemd, let the processes do little, and start what is there."""

import re
import subprocess

import pytest

from cancellations.management.commands import backup
from tests.install.document import ROOT

FOLDER = ROOT / "deploy/systemd"
SERVICES = sorted(path.name for path in FOLDER.glob("*.service"))
EXPOSURE = 20  # tenths


@pytest.fixture
def units(tmp_path):
    """Copies that start programs which are there: systemd looks for them."""
    programs = tmp_path / ".venv/bin"
    programs.mkdir(parents=True)
    for name in ("python", "gunicorn"):
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    for path in FOLDER.iterdir():
        (tmp_path / path.name).write_text(path.read_text().replace("/srv/wdtadmin/.venv", f"{tmp_path}/.venv"))
    return tmp_path


def test_systemd_understands_every_unit(units):
    names = [name.replace("@.", "@1.") for name in (path.name for path in FOLDER.iterdir())]
    done = subprocess.run(
        ["systemd-analyze", "verify", *(units / name for name in names)], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_misspelt_line_would_be_found(units):
    unit = units / "wdtadmin-web.service"
    unit.write_text(unit.read_text().replace("ProtectSystem=", "ProtectSytem="))
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
    assert "ProtectSytem" in done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_hardly_exposed(name):
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}", FOLDER / name]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-200:]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_runs_as_the_user_that_is_made(name):
    made = re.search(r"^u (\S+)", (ROOT / "deploy/sysusers.d/wdtadmin.conf").read_text(), re.MULTILINE)[1]
    unit = (FOLDER / name).read_text()
    assert f"User={made}\n" in unit
    folders = set(re.search(r"^ReadWritePaths=(.*)$", unit, re.MULTILINE)[1].split())
    assert folders <= set(re.findall(r"^d (\S+) 0700 (?=wdtadmin)", tmpfiles(), re.MULTILINE))


def tmpfiles():
    return (ROOT / "deploy/tmpfiles.d/wdtadmin.conf").read_text()


def test_the_nightly_copy_is_kept_as_long_as_the_command_says():
    assert f"backup /var/backups/wdtadmin --keep {backup.KEPT}\n" in (FOLDER / "wdtadmin-backup.service").read_text()
