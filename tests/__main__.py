"""Runs every test, those that touch the database on SQLite and on PostgreSQL, and prints one summary.

Steps that wait run beside steps that work. What needs its moments, as the faults do, has no browser beside it; nothing
has PostgreSQL beside the step that takes it away.
"""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import psycopg

from tests import postgresql
from tests.faults.__main__ import STEPS as FAULTS

CORES = os.cpu_count()
ON_HALF = ["-n", str(max(2, CORES // 2)), "--dist", "worksteal"]
ON_ALL = ["-n", str(CORES + 1), "--dist", "worksteal"]  # some wait
QUICKLY = ["-m", "not browser and not faults"]
ON_BOTH = [
    "tests/models",
    "tests/workflow",
    "tests/sending",
    "tests/history",
    "tests/audit",
    "tests/api/test_once.py",
    "tests/api/test_reading.py",
    "tests/notices",
    "tests/doctor",
    "tests/test_backup.py",
    "tests/test_deadline.py",
    "tests/install/test_update.py",
    "tests/security/test_two_person_rule.py",
    "tests/security/test_two_people_for_access.py",
    "tests/security/test_odd_parameters.py",
]
FAULT, OUTAGE = FAULTS
STEPS = {
    "SQLite": [*ON_ALL, *QUICKLY],
    "PostgreSQL": [*ON_HALF, *QUICKLY, *ON_BOTH],
    "faults, SQLite": FAULT,
    "faults, PostgreSQL": FAULT,
    "outage, SQLite": OUTAGE,
    "outage, PostgreSQL": OUTAGE,
    "browser, SQLite": [*ON_HALF, "tests/journeys"],
    "browser, PostgreSQL": ["tests/journeys/test_main_job.py", "-k", "not fits_a_phone"],  # that is seen on SQLite
}
# What stands in one row runs side by side: columns of steps that follow each other.
ROWS = [
    [["SQLite"], ["PostgreSQL"]],
    [["faults, SQLite"], ["faults, PostgreSQL"], ["outage, SQLite"]],
    [["browser, SQLite"], ["outage, PostgreSQL", "browser, PostgreSQL"]],
]
NOTHING_RAN = 5  # pytest's exit code


def main():
    started = time.monotonic()
    done = {}
    with tempfile.TemporaryDirectory() as folder, postgresql.cluster() as url:
        migrate(folder, url)

        def follow_each_other(names):
            for name in names:
                done[name] = run(name, Path(folder), url)

        for row in ROWS:
            with ThreadPoolExecutor() as side_by_side:
                list(side_by_side.map(follow_each_other, row))
    passed, failed, skipped = (sum(step[number] for step in done.values()) for number in range(3))
    parts = ", ".join(f"{name} {sum(step[:2])} in {step[3]:.0f} s" for name, step in done.items())
    print(f"\n{passed} passed, {failed} failed, {skipped} skipped ({parts}); {time.monotonic() - started:.0f} s in all")
    sys.exit(1 if failed or skipped or not all(step[0] for step in done.values()) else 0)


def migrate(folder, url):
    """Makes the databases that the processes of the steps copy: each of them would take three seconds to migrate."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("CREATE DATABASE migrated")
    for address in (f"sqlite:///{folder}/migrated", f"{url.rpartition('/')[0]}/migrated"):
        command = [sys.executable, "-m", "tests.manage", "migrate", "--verbosity=0"]
        subprocess.run(command, env=os.environ | {"DATABASE_URL": address}, check=True)


def run(name, folder, url):
    """Runs pytest, and prints what it says when it has ended; (passed, failed, skipped, seconds)."""
    print(f"== {name} …", flush=True)
    started, report = time.monotonic(), folder / f"{name}.xml"
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment["TESTS_MIGRATED"] = f"{folder}/migrated"
    if name.endswith("PostgreSQL"):
        environment |= {"DATABASE_URL": url, "TESTS_MIGRATED": "migrated"}
    command = [sys.executable, "-m", "pytest", "-q", "--durations=8", f"--junitxml={report}", *STEPS[name]]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seconds = time.monotonic() - started
    print(f"\n== {name}, {seconds:.0f} s\n{done.stdout}", flush=True)
    return *counts(report, done.returncode), seconds


def counts(report, code):
    if not report.exists() or code not in (0, 1):
        return (0, 0 if code == NOTHING_RAN else 1, 0)
    totals = ElementTree.parse(report).getroot().find("testsuite").attrib
    failed = int(totals["failures"]) + int(totals["errors"])
    skipped = int(totals["skipped"])
    return int(totals["tests"]) - failed - skipped, failed, skipped


if __name__ == "__main__":
    main()
