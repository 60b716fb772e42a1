"""Whether the web process may start: on a database of another version every page would fail in its own way."""

import os
import signal
import sys
from contextlib import suppress

import django
from django.db import InterfaceError, OperationalError

REFUSED = 3  # exit code
SECONDS = 20  # in which the database has to answer; pages say by themselves that it does not


def is_refused() -> bool:
    """Says on standard error why not, and what to run. A database that is away keeps nobody from starting.

    The database is asked in a child: the process itself loads nothing, so that its workers load what is new.
    """
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(SECONDS)
        why = ""
        try:
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wdtadmin.settings")
            django.setup()
            from cancellations import schema

            with suppress(OperationalError, InterfaceError):
                why = schema.why_not_start()
            sys.stderr.write(f"wdtadmin: {why}\n" if why else "")
            sys.stderr.flush()
        finally:
            os._exit(REFUSED if why else 0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == REFUSED
