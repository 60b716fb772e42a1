"""Whether a web process keeps what it should forget: its memory over thousands of pages.

Run it with `python -m bench.memory --pages 20000`: one process of gunicorn with its own settings, but never replaced,
which eight people ask for all ordinary pages, on SQLite in a temporary folder or where DATABASE_URL says (an empty
database of PostgreSQL).
"""

import argparse
import re
import tempfile
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from bench.load import Visitor, gunicorn, together, world
from bench.start import start_django
from tests.ports import free_port

PEOPLE, STEPS = 8, 10


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.memory", description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=20_000)
    parser.add_argument("--rows", type=int, default=20_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        start_django(folder, DJANGO_SETTINGS_MODULE="bench.history_settings", BIND=f"127.0.0.1:{port}")
        sessions, paths = world(given.rows)
        never_replaced = ("--workers", "1", "--max-requests", "0")
        with gunicorn(port, Path(folder) / "gunicorn.log", *never_replaced) as mother:
            walks = [cycle(paths.values()) for _ in range(PEOPLE)]
            visitors = [Visitor(f"http://127.0.0.1:{port}", session) for session in sessions[:PEOPLE]]
            each, seen, refused = given.pages // STEPS // PEOPLE, 0, 0
            print(f"{'pages':>8}{'MB':>8}")
            for _ in range(STEPS):
                statuses = together([partial(_ask, *pair, each) for pair in zip(visitors, walks, strict=True)])
                seen += each * PEOPLE
                refused += sum(status != 200 for of_one in statuses for status in of_one)
                print(f"{seen:>8,}{_megabytes(mother.pid):>8.1f}", flush=True)
            print(f"not answered: {refused}")


def _ask(visitor, walk, how_many):
    return [visitor.load(path) for path in islice(walk, how_many)]


def _megabytes(mother):
    """What the one process that the mother has forked holds in memory."""
    [child] = Path(f"/proc/{mother}/task/{mother}/children").read_text().split()
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{child}/status").read_text())[1]) / 1024


if __name__ == "__main__":
    main()
