"""All figures of reading and of the history in one run, on SQLite and on a PostgreSQL of its own, beside their limits.

Run it with `make bench` on a machine that does nothing else; it takes about half an hour and 12 GB of disk for a while.
`--divide 100` tries it out with a hundredth of the rows.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from bench.results import kept
from tests import postgresql

MILLION = 1_000_000
EVERY_PAGE = 4  # queries of any page of the history, whatever it shows: session, person, unread notices, filters
SQLITE, POSTGRESQL, TEN = "SQLite, 1 M", "PostgreSQL, 1 M", "PostgreSQL, 10 M"
RUNS = (SQLITE, POSTGRESQL, TEN)
TIMES_FASTER = {"first": 4, "deep": 10, "beginning of a number": 10, "exact number, searched": 40}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--divide", type=int, default=1, help="how many times fewer rows than in earnest")
    million = MILLION // parser.parse_args().divide
    with tempfile.TemporaryDirectory() as folder, postgresql.cluster(memory="1GB") as url:
        results = Path(folder) / "results"
        _run("bench.intake", "reading", results)
        databases = {SQLITE: f"sqlite:///{folder}/bench.sqlite3"}
        databases |= {name: _database(url, number) for number, name in enumerate((POSTGRESQL, TEN))}
        for name, database in databases.items():
            rows = 10 * million if name == TEN else million
            _run("bench.history", name, results, "--rows", rows, DATABASE_URL=database)
        for name, database in {
            SQLITE: f"sqlite:///{folder}/audit.sqlite3",
            POSTGRESQL: _database(url, "audit"),
        }.items():
            _run("bench.audit", name, results, "--events", million, DATABASE_URL=database)
        _summary(kept(results))


def _run(module, name, results, *arguments, **environment):
    print(f"\n=== python -m {module}: {name}", flush=True)
    environment = os.environ | {"BENCH_RESULTS": str(results), "BENCH_RUN": name} | environment
    subprocess.run([sys.executable, "-m", module, *map(str, arguments)], check=True, env=environment)


def _database(url, name):
    """The address of a new database in the cluster."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "bench_{name}"')
    return f"{url.rpartition('/')[0]}/bench_{name}"


def _summary(results):
    print("\n=== what it had to be")
    for run in RUNS:
        of_run = {what: figures for (where, what), figures in results.items() if where == run}
        for text, value, limit, at_least in [*_of_pages(run, of_run, results), *_of_the_rest(of_run)]:
            holds = "yes" if (value >= limit if at_least else value <= limit) else "NO"
            print(f"{run:<18}{text:<44}{value:>9.2f}  {'at least' if at_least else ' at most'}{limit:>6g}  {holds}")


def _of_pages(run, of_run, results):
    """(what, the value, its limit, whether that is the least it must be)"""
    pages = {what.removeprefix("page: "): page for what, page in of_run.items() if what.startswith("page: ")}
    if run == SQLITE:
        slowest = max(pages, key=lambda name: pages[name]["ms"])
        yield f"slowest page ({slowest}), ms", pages[slowest]["ms"], 25, False
        yield "an exact number, searched, ms", pages["exact number, searched"]["ms"], 5, False
    yield "queries of a page", max(page["queries"] for page in pages.values()) - EVERY_PAGE, 4, False
    yield "deep : first", pages["deep"]["ms"] / pages["first"]["ms"], 1.2, False
    for name, times in TIMES_FASTER.items() if run != POSTGRESQL else ():
        yield f"admin : ours, {name}", pages[name]["times"], times, True
    if run == TEN:
        for name, page in pages.items():
            yield f"10 M : 1 M, {name}", page["ms"] / results[POSTGRESQL, f"page: {name}"]["ms"], 1.3, False


def _of_the_rest(of_run):
    if csv := of_run.get("CSV"):
        yield "CSV, s for 1,000,000 rows", csv["seconds"] * MILLION / csv["rows"], 12, False
        yield "CSV, s to the first byte", csv["first_byte"], 0.5, False
        yield "CSV, MB more memory", csv["mb_more"], 20, False
    for what in of_run:
        if what.startswith("figures: "):
            yield f"{what}, ms", of_run[what]["ms"], 100, False
    if audit := of_run.get("audit"):
        yield "verifying 1,000,000 events, s", audit["seconds"] * MILLION / audit["events"], 30, False


if __name__ == "__main__":
    main()
