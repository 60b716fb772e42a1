"""The history with order lines by the million, beside Django's own admin over the same rows in the same run.

Run it with `python -m bench.history --rows 1000000`: on SQLite in a temporary folder, or where DATABASE_URL says (an
empty database of PostgreSQL). Milliseconds are those of the server, measured with Django's test client; times differ
from machine to machine, so the ratios are what counts. The exports run in processes of their own.
"""

import argparse
import gc
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from datetime import timedelta
from statistics import median
from typing import NamedTuple

from django.utils import timezone

from bench import figures
from bench.results import keep
from bench.start import start_django

TIMES = 20
READERS = ("auditor", "admin")
MAX_ROWS = {"csv": 1_001_000, "xlsx": 50_000}  # of an export
# A search on the page asks for what was found alone; the whole page is what an address brings.
IN_THE_PAGE, PART = ", searched", {"HX-Request": "true", "HX-Target": "found"}
ROW = "{:<26}{:>8}{:>8}{:>9}{:>11}{:>10}{:>9}{:>8}"


def main():
    warnings.filterwarnings("ignore", message="No directory at")  # of static files, which nobody asks for here
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        start_django(arguments.folder or folder, DJANGO_SETTINGS_MODULE="bench.history_settings")
        if arguments.only:
            return _export(arguments.only)
        _make(arguments.rows)
        pages()
        for kind in ("csv", "xlsx"):
            _in_a_child(kind, arguments.folder or folder)
        figures.measure()
    return None


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    parser.add_argument("--only", choices=["csv", "xlsx"], help=argparse.SUPPRESS)
    return parser.parse_args()


def _make(rows):
    from django.db import connection

    from bench import history_rows
    from cancellations.models import OrderLine, Person

    started = time.perf_counter()
    history_rows.make(rows)
    Person.objects.create_superuser("admin")
    seconds = time.perf_counter() - started
    print(f"{connection.vendor}: {OrderLine.objects.count():,} lines, made in {seconds:.0f} s\n", flush=True)


def pages():
    """Each page beside the same one of the admin: milliseconds, queries, and how many times faster."""
    own, admin = (_client(name) for name in READERS)
    print(ROW.format("page of 100", "ms", "CPU", "queries", "admin: ms", "CPU", "queries", "ratio"), flush=True)
    _as_the_web_process()
    first = None
    for name, (ours, theirs) in _addresses().items():
        mine = _measured(own, ours, headers=PART if name.endswith(IN_THE_PAGE) else {})
        other = _measured(admin, theirs, times=5) if theirs else None
        _print(name, mine, other)
        keep(f"page: {name}", ms=mine.ms, queries=mine.queries, times=other and other.ms / mine.ms)
        first = first or mine
        if name == "deep":
            print(f"{'  deep : first':<26}{mine.ms / first.ms:>8.2f}{mine.cpu / first.cpu:>8.2f}", flush=True)
    _print("for comparison: /account/", _measured(own, "/account/"), None)
    print(flush=True)


def _as_the_web_process():
    """gunicorn.conf.py does the same after loading."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


def _print(name, mine, other):
    theirs = (f"{other.ms:.1f}", f"{other.cpu:.1f}", other.queries, f"{other.ms / mine.ms:.0f}") if other else [""] * 4
    print(ROW.format(name, f"{mine.ms:.1f}", f"{mine.cpu:.1f}", mine.queries, *theirs), flush=True)


def _addresses():
    """page -> its address in the application and in the admin, '' where the admin has no such page."""
    from cancellations.models import OrderLine, Shop

    lines = OrderLine.objects.count()
    deep = OrderLine.objects.order_by("pk")[lines // 10]
    some = OrderLine.objects.order_by("pk")[lines // 3]
    shop, listing = Shop.objects.order_by("pk")[2].pk, "/admin/cancellations/orderline/?"
    return {
        "first": ("/history/", listing),
        "deep": (f"/history/?after={deep.position}.{deep.cancellation_id}", f"{listing}p={lines // 100 * 9 // 10}"),
        "exact number": (f"/history/?order_no={some.order_no}", f"{listing}q={some.order_no}"),
        f"exact number{IN_THE_PAGE}": (f"/history/?order_no={some.order_no}", f"{listing}q={some.order_no}"),
        "beginning of a number": (f"/history/?order_no={some.order_no[:12]}", f"{listing}q={some.order_no[:12]}"),
        "beginning of all numbers": ("/history/?order_no=CG", f"{listing}q=CG"),
        "shop and outcome": (
            f"/history/?shop={shop}&outcome=REFUSED",
            f"{listing}shop__id__exact={shop}&outcome__exact=REFUSED",
        ),
        "unknown": ("/history/?outcome=UNKNOWN", f"{listing}outcome__exact=UNKNOWN"),
        "supplier": ("/history/?supplier=供应商7", ""),
        "amount at least": ("/history/?amount=9000", ""),
        "supplier that nobody has": ("/history/?supplier=x", ""),
        "only reported": ("/history/?known_by=reported", ""),
        "requester and a week": ("/history/?requester=clerk-3&since=2026-06-01&until=2026-06-07", ""),
    }


def _client(name):
    from django.test import Client

    from cancellations.models import Person

    client = Client()
    client.force_login(Person.objects.get(username=name), backend="cancellations.access.sessions.PersonBackend")
    return client


class Measured(NamedTuple):
    """Medians; `cpu` is what this process worked, which other work on the machine distorts less."""

    ms: float
    cpu: float
    queries: int


def _measured(client, address, times=TIMES, headers=None):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    assert client.get(address, headers=headers).status_code == 200, address
    with CaptureQueriesContext(connection) as captured:
        client.get(address, headers=headers)
    # Without what gives PostgreSQL its deadline.
    queries = sum("FROM" in query["sql"] for query in captured)
    wall, cpu = [], []
    for _ in range(times):
        started, worked = time.perf_counter(), time.process_time()
        client.get(address, headers=headers)
        wall.append(time.perf_counter() - started)
        cpu.append(time.process_time() - worked)
    return Measured(median(wall) * 1000, median(cpu) * 1000, queries)


def _in_a_child(kind, folder):
    """The export in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "bench.history", "--only", kind, "--folder", str(folder)]
    subprocess.run(command, check=True, env=os.environ)


def _export(kind):
    """Prints seconds, the first byte, the size and by how much the memory grew."""
    client = _client("auditor")
    client.get("/history/")
    address = f"/history/export.{kind}?{_some(MAX_ROWS[kind])}"
    before, started, worked = _memory(), time.perf_counter(), time.process_time()
    answer = client.post(address)
    assert answer.status_code == 200, answer.status_code
    first, size, lines = None, 0, 0
    for part in answer.streaming_content if answer.streaming else [answer.content]:
        first = first or time.perf_counter() - started
        size, lines = size + len(part), lines + part.count(b"\n")
    seconds, grown = time.perf_counter() - started, (_memory() - before) / 1024
    shown = f"{lines - 1:,} rows, " if kind == "csv" else ""
    worked = time.process_time() - worked
    keep(kind.upper(), seconds=seconds, rows=lines - 1, first_byte=first, mb_more=grown)
    print(
        f"{kind.upper()}: {shown}{size / 1e6:.1f} MB in {seconds:.1f} s (CPU {worked:.1f} s), "
        f"first byte after {first:.2f} s, memory {before / 1024:.0f} MB and {grown:.0f} MB more at the most",
        flush=True,
    )


def _some(lines):
    """Filters that find nearly so many orders: whole days up to now."""
    from bench.history_rows import LINES_OF_A_REQUEST
    from cancellations.models import CancellationRequest

    newest = CancellationRequest.objects.order_by("-pk").values_list("submitted_at", flat=True)
    until = timezone.localdate(newest[0])
    before = timezone.localdate(newest[min(lines // LINES_OF_A_REQUEST, newest.count() - 1)])
    return f"since={min(before + timedelta(days=1), until)}&until={until}"


def _memory():
    """The largest resident size of this process so far, kB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
