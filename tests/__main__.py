"""Runs every test, those that touch the database on SQLite and on PostgreSQL, and prints one summary."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree

from tests import postgresql
from tests.faults.__main__ import STEPS as FAULTS

QUICKLY = ["-n", "3", "--dist", "worksteal", "-m", "not browser and not faults"]
ON_BOTH = [
    "tests/models",
    "tests/workflow",
    "tests/sending",
    "tests/history",
    "tests/security/test_two_person_rule.py",
]
NOTHING_RAN = 5  # pytest's exit code


def main():
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        reports = Path(folder)
        steps = {"SQLite": run("SQLite", reports, *QUICKLY)}
        with postgresql.cluster() as url:
            steps["PostgreSQL"] = run("PostgreSQL", reports, *QUICKLY, *ON_BOTH, DATABASE_URL=url)
            for name, environment in (("SQLite", {}), ("PostgreSQL", {"DATABASE_URL": url})):
                for step, arguments in zip(("faults", "outage"), FAULTS, strict=True):
                    steps[f"{step}, {name}"] = run(f"{step}, {name}", reports, *arguments, **environment)
            steps["browser, SQLite"] = run("browser, SQLite", reports, "tests/journeys")
            main_job = "tests/journeys/test_main_job.py"
            steps["browser, PostgreSQL"] = run("browser, PostgreSQL", reports, main_job, DATABASE_URL=url)
    passed, failed, skipped = (sum(step[number] for step in steps.values()) for number in range(3))
    parts = ", ".join(f"{name} {sum(step[:2])} in {step[3]:.0f} s" for name, step in steps.items())
    print(f"\n{passed} passed, {failed} failed, {skipped} skipped ({parts}); {time.monotonic() - started:.0f} s in all")
    sys.exit(1 if failed or skipped or not all(step[0] for step in steps.values()) else 0)


def run(name, reports, *arguments, **environment):
    """Runs pytest; (passed, failed, skipped, seconds)."""
    print(f"\n== {name}", flush=True)
    started, report = time.monotonic(), reports / f"{name}.xml"
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | environment
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *arguments], env=environment)
    return *counts(report, done.returncode), time.monotonic() - started


def counts(report, code):
    if not report.exists() or code not in (0, 1):
        return (0, 0 if code == NOTHING_RAN else 1, 0)
    totals = ElementTree.parse(report).getroot().find("testsuite").attrib
    failed = int(totals["failures"]) + int(totals["errors"])
    skipped = int(totals["skipped"])
    return int(totals["tests"]) - failed - skipped, failed, skipped


if __name__ == "__main__":
    main()
