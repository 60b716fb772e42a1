"""What every line of the log carries: which HTTP request and whose it belongs to, and nothing that forges or leaks."""

import logging
import re
import weakref
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.http import HttpRequest

_current: ContextVar[Callable[[], HttpRequest | None]] = ContextVar("current HTTP request", default=lambda: None)
# Whoever has such a link can set the password: one with a letter too many is logged as not found.
_LINK = re.compile(r"(/set-password/)\S+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def begin(request: HttpRequest) -> None:
    """Lines of this thread are about this request, until it is gone: Django logs the status of an answer at the end."""
    _current.set(weakref.ref(request))


class InContext(logging.Filter):
    """Gives a record `where`: ` [number of the request, username]`; its message stays one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = _LINK.sub(r"\1…", record.getMessage())
        record.msg, record.args = _CONTROLS.sub(lambda found: repr(found[0])[1:-1], message), ()
        record.where = _where(_current.get()())
        return True


class OneLineEach(logging.Formatter):
    """Every line of a traceback is indented, so that none looks like a line of the log, whatever an exception says."""

    def formatException(self, ei: Any) -> str:
        lines = re.split(r"\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", super().formatException(ei))
        return "\n".join("    " + _CONTROLS.sub(lambda found: repr(found[0])[1:-1], line) for line in lines)


def _where(request: HttpRequest | None) -> str:
    if request is None:
        return ""
    person = getattr(request, "_cached_user", None)  # never asked for here: a log line must not be a query
    name = person.get_username() if person is not None and person.is_authenticated else "-"
    return f" [{getattr(request, 'number', '-')} {_CONTROLS.sub('', name)}]"
