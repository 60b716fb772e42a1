"""An end for what the database is asked: a statement that runs for ever would keep a thread for ever."""

import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

STEPS = 20_000  # of SQLite's machine, between two looks at the clock
GRACE = 5  # seconds after its time-out in which a PostgreSQL that is alive has ended the statement
_DEADLINE = "deadline"  # on the connection
_limits: "weakref.WeakKeyDictionary[Any, float]" = weakref.WeakKeyDictionary()  # seconds of PostgreSQL's connections


@contextmanager
def ending_after(seconds: float) -> Iterator[None]:
    """What is asked in here ends after `seconds` together, on PostgreSQL each statement. Raises OperationalError.

    An earlier deadline from around here stays.
    """
    connection.ensure_connection()
    if connection.vendor != "sqlite":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [_milliseconds(seconds)])
            yield
        return
    outer = getattr(connection, _DEADLINE, None)
    own = time.monotonic() + seconds
    _end_at(own if outer is None else min(own, outer))
    try:
        yield
    finally:
        _end_at(outer)


@contextmanager
def each_ending_after(seconds: float) -> Iterator[None]:
    """The same without a transaction around it; on PostgreSQL it lasts until the connection gets another limit.

    A PostgreSQL that accepts and says nothing, frozen or cut off, ends nothing itself: after `seconds` and GRACE the
    connection is given up.
    """
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        with ending_after(seconds):
            yield
        return
    driver = connection.connection

    def wait(answer: Any, **limits: Any) -> Any:
        try:
            return type(driver).wait(driver, answer, **{"timeout": seconds + GRACE} | limits)
        except Exception:
            if driver.info.transaction_status.name == "ACTIVE":  # the answer would come to the next statement
                driver.close()
            raise

    if _limits.get(driver) != seconds:
        driver.wait = wait  # psycopg's own time-out covers the connecting alone
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [_milliseconds(seconds)])
        _limits[driver] = seconds
    yield


@contextmanager
def not_counting() -> Iterator[None]:
    """What takes time in here and asks the database nothing shortens no deadline from around here."""
    began = time.monotonic()
    try:
        yield
    finally:
        outer = getattr(connection, _DEADLINE, None)
        if outer is not None:
            _end_at(outer + time.monotonic() - began)


def _end_at(deadline: float | None) -> None:
    setattr(connection, _DEADLINE, deadline)
    if connection.connection is None:  # it was lost in between
        return
    if deadline is None:
        connection.connection.set_progress_handler(None, 0)
    else:
        connection.connection.set_progress_handler(lambda: time.monotonic() > deadline, STEPS)


def _milliseconds(seconds: float) -> str:
    return str(round(seconds * 1000))
