"""Every fault on both databases, with at least 200 kills in all, and one table of what it came to.

`python -m tests.faults`, or `make faults`; `--times N` repeats it.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests import postgresql

KILLS = 100  # at random moments, on each database
SHOWN = (
    "kills",
    "terminations",
    "cuts",
    "outages",
    "orders sent",
    "orders lost",
    "orders sent twice",
)


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="one of the two databases")
    given = parser.parse_args()
    failed, started = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.jsonl"
        for _ in range(given.times):
            if given.only != "postgresql":
                failed += run("SQLite", path, given.kills)
            if given.only != "sqlite":
                with postgresql.cluster() as url:
                    failed += run("PostgreSQL", path, given.kills, DATABASE_URL=url)
        rows = [json.loads(line) for line in path.read_text().splitlines()]
    print_table(rows)
    print(f"{failed} runs failed; {given.times} times in {time.monotonic() - started:.0f} s")
    sys.exit(1 if failed else 0)


def run(name, path, kills, **environment):
    """Runs the folder one after the other; how many of the runs failed."""
    print(f"\n== faults, {name}", flush=True)
    environment = (
        {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        | {"FAULT_REPORT": str(path), "FAULT_KILLS": str(kills)}
        | environment
    )
    done = [subprocess.run([sys.executable, "-m", "pytest", "-q", *step], env=environment) for step in STEPS]
    return sum(step.returncode != 0 for step in done)


# What takes the database away has it to itself.
STEPS = (
    ["-n", "5", "--dist", "worksteal", "-m", "not alone", "tests/faults"],
    ["-m", "alone", "tests/faults"],
)


def print_table(rows):
    totals = {database: Counter() for database in ("sqlite", "postgresql")}
    for row in rows:
        totals[row["database"]].update({name: row.get(name, 0) for name in SHOWN})
    print(f"\n{'':20}{'SQLite':>12}{'PostgreSQL':>12}{'in all':>12}")
    for name in SHOWN:
        figures = [total[name] for total in totals.values()]
        print(f"{name:20}{figures[0]:>12,}{figures[1]:>12,}{sum(figures):>12,}")


if __name__ == "__main__":
    main()
