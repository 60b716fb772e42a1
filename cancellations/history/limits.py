"""A search ends: some texts of millions of rows can only be found by looking at each of them."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cancellations.models import Person

SECONDS, AT_ONCE = 5, 2  # of a person, in one process
STEPS = 20_000  # of SQLite's machine, between two looks at the clock
_under_way: Counter[int] = Counter()
_lock = threading.Lock()


class SearchRefused(Exception):
    sentence: Promise | str = ""
    status = 422


class SearchTooSlow(SearchRefused):
    """The search would take longer than SECONDS."""

    sentence = _("The search took too long and was ended. Narrow it by days, a seller account or an outcome.")


class TooManySearches(SearchRefused):
    """The person has AT_ONCE searches under way already."""

    sentence = _("You already have searches running. Wait until they are finished.")
    status = 429


@contextmanager
def limited(person: Person, *, seconds: float = SECONDS) -> Iterator[None]:
    """Queries in here end after some `seconds` together. Raises SearchTooSlow, TooManySearches."""
    with _lock:
        if _under_way[person.pk] >= AT_ONCE:
            raise TooManySearches
        _under_way[person.pk] += 1
    try:
        with _ending_after(seconds):
            yield
    finally:
        with _lock:
            _under_way[person.pk] -= 1
            if not _under_way[person.pk]:
                del _under_way[person.pk]


@contextmanager
def _ending_after(seconds: float) -> Iterator[None]:
    started = time.monotonic()
    try:
        if connection.vendor == "sqlite":
            connection.ensure_connection()
            connection.connection.set_progress_handler(lambda: time.monotonic() - started > seconds, STEPS)
            try:
                yield
            finally:
                connection.connection.set_progress_handler(None, 0)
        else:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(round(seconds * 1000))])
                yield
    except OperationalError as error:
        if time.monotonic() - started < seconds * 0.9:
            raise
        raise SearchTooSlow from error
