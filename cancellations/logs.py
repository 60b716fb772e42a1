"""What every line of the log carries: whose work it belongs to, from the page to the task to the call to the ERP, and
nothing that forges or leaks."""

import json
import logging
import re
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest

NUMBER = re.compile(r"[A-Za-z0-9-]{8,64}")  # of a request, as a proxy in front may have given it
_current: ContextVar[Callable[[], HttpRequest | None]] = ContextVar("current HTTP request", default=lambda: None)
_task: ContextVar[dict[str, Any]] = ContextVar("facts of the current task", default={})  # noqa: B039 - never changed
# Whoever has such a link can set the password: one with a letter too many is logged as not found.
_LINK = re.compile(r"(/set-password/)\S+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def begin(request: HttpRequest) -> None:
    """Lines of this thread are about this request, until it is gone: Django logs the status of an answer at the end."""
    _current.set(weakref.ref(request))


@contextmanager
def within(**facts: Any) -> Iterator[None]:
    """Lines of this thread are about this too, as `number` of the page that wanted the work, `task`, `shop`, `call`."""
    token = _task.set(_task.get() | facts)
    try:
        yield
    finally:
        _task.reset(token)


def number() -> str:
    """The number of the request that is answered, or that wanted what is done; empty if there is none."""
    request = _current.get()()
    return _task.get().get("number", "") if request is None else getattr(request, "number", "")


class InContext(logging.Filter):
    """Gives a record `about`, the facts that it belongs to, and `where`, the same as ` [number, username, …]`.

    Its message stays one line.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        message = _LINK.sub(r"\1…", record.getMessage())
        record.msg, record.args = _CONTROLS.sub(lambda found: repr(found[0])[1:-1], message), ()
        # Machines get the person's key alone, people read the username.
        facts, request, shown = dict(_task.get()), _current.get()(), []
        if request is not None:
            facts["number"] = getattr(request, "number", "-")
            person = getattr(request, "_cached_user", None)  # never asked for here: a log line must not be a query
            shown = ["-"]
            if person is not None and person.is_authenticated:
                shown = [_CONTROLS.sub("", person.get_username())]
                facts["person"] = person.pk
        shown += [f"{name} {facts[name]}" for name in ("shop", "call") if name in facts]
        record.about = facts
        record.where = f" [{' '.join([facts.get('number', '-'), *shown])}]" if facts else ""
        return True


class OneLineEach(logging.Formatter):
    """Every line of a traceback is indented, so that none looks like a line of the log, whatever an exception says."""

    def formatException(self, ei: Any) -> str:
        lines = re.split(r"\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", super().formatException(ei))
        return "\n".join("    " + _CONTROLS.sub(lambda found: repr(found[0])[1:-1], line) for line in lines)


class Json(logging.Formatter):
    """One object a line, in ASCII: no text can begin a line of its own. Times are in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": time.replace("+00:00", "Z"), "level": record.levelname, "logger": record.name}
        line |= {"message": record.getMessage()} | getattr(record, "about", {}) | getattr(record, "answer", {})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)
