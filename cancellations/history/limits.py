"""A search ends: some texts of millions of rows can only be found by looking at each of them."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cancellations.deadline import ending_after
from cancellations.models import Person

SECONDS, AT_ONCE = 5, 2  # of a person, in one process
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
    started = time.monotonic()
    try:
        with ending_after(seconds):
            yield
    except OperationalError as error:
        if time.monotonic() - started < seconds * 0.9:
            raise
        raise SearchTooSlow from error
    finally:
        with _lock:
            _under_way[person.pk] -= 1
            if not _under_way[person.pk]:
                del _under_way[person.pk]
