"""`make tomorrow` promises nothing that it does not do."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def versions(lock):
    return dict(re.findall(r"(?m)^([\w.-]+)==(\S+)", (ROOT / "requirements" / lock).read_text()))


@pytest.mark.parametrize(
    ("named", "told"),
    [("", "Name one in TOMORROW_PYTHON."), ("python3.13", "TOMORROW_PYTHON=python3.13 is no Python 3.12 or newer")],
)
def test_without_a_newer_python_it_fails_and_says_what_is_missing(named, told, tmp_path):
    for program in ("bash", "dirname"):
        (tmp_path / program).symlink_to(shutil.which(program))
    broken = tmp_path / "python3.13"  # it is on PATH and starts no Python
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    environment = {"PATH": str(tmp_path), "TOMORROW_PYTHON": named}
    done = subprocess.run([ROOT / "tests/tomorrow.sh"], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert told in done.stderr


def test_its_lock_differs_from_that_of_the_tests_in_nothing_but_django():
    today, tomorrow = versions("dev.lock"), versions("tomorrow.lock")
    assert tomorrow.pop("django").startswith("6.")
    del today["django"], today["django-tasks"]
    assert tomorrow == today
