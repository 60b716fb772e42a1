"""How long pages take. Each web process adds what it has seen to one table, so that any of them can be asked."""

import threading
import time
from bisect import bisect_left
from contextlib import suppress

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from cancellations.deadline import each_ending_after
from cancellations.models import Maintenance, PageTimes

UNKNOWN = "unknown"  # addresses that no page has: strangers make up any number of them
SECONDS = 10  # in which the database has to take what it is given
BOUNDS = [float(limit) for limit in PageTimes.LIMITS]

_lock = threading.Lock()
_seen: dict[tuple[str, str], tuple[int, float]] = {}  # (page, limit) -> answers and seconds that are not written yet
_next_at = 0.0


def add(page: str | None, seconds: float) -> None:
    """Remembers an answer of a page, None for an unknown address. From time to time what is remembered is written, by
    a thread of its own: nobody's page waits for it."""
    global _next_at
    if not settings.PAGE_TIMES_EVERY:
        return
    key = page or UNKNOWN, PageTimes.LIMITS[bisect_left(BOUNDS, seconds)]
    with _lock:
        answers, total = _seen.get(key, (0, 0.0))
        _seen[key] = answers + 1, total + seconds
        if time.monotonic() < _next_at:
            return
        _next_at = float("inf")  # one at a time
    threading.Thread(target=_write_and_wait, daemon=True).start()


def write() -> None:
    """Adds to the table what is remembered; also when the process ends. It is lost if that cannot be now: the database
    is away, locked, full, read-only or of another version, or there is maintenance, in which nothing is changed."""
    with _lock:
        batch = sorted((*key, *seen) for key, seen in _seen.items())  # in one order: two processes do not collide
        _seen.clear()
    if not batch:
        return
    rows = ", ".join(["(%s, %s, %s, %s)"] * len(batch))
    with suppress(DatabaseError, InterfaceError), each_ending_after(SECONDS):
        if not Maintenance.objects.exists():
            with connection.cursor() as cursor:
                cursor.execute(_ADD.format(rows=rows), [value for row in batch for value in row])


_ADD = """
    INSERT INTO cancellations_pagetimes (page, at_most, answers, seconds) VALUES {rows}
    ON CONFLICT (page, at_most) DO UPDATE SET
        answers = cancellations_pagetimes.answers + excluded.answers,
        seconds = cancellations_pagetimes.seconds + excluded.seconds
"""


def _write_and_wait() -> None:
    global _next_at
    try:
        write()
    finally:
        connection.close()
        _next_at = time.monotonic() + settings.PAGE_TIMES_EVERY
