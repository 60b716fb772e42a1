"""Forks processes of the application: one process has everything loaded, because each start of Python takes seconds.

`python -m tests.nursery` reads one JSON object a line and answers with the process id of a new process. The object
names what the process is to be, a function like those below, and its arguments.
"""

import ctypes
import gc
import json
import os
import signal
import sys

import django
from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from django.template.loader import get_template
from django.utils.module_loading import import_string

END_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux's prctl


def main():
    django.setup()
    load()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are buried by the system
    mother = os.getpid()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            ctypes.CDLL(None).prctl(END_WITH_PARENT, signal.SIGKILL)
            try:
                if os.getppid() == mother:
                    live(**json.loads(line))
            finally:
                os._exit(0)
        print(pid, flush=True)


def load():
    """Everything that the lives below need, once for all of them; nothing of it opens the database."""
    import cancellations.management.commands.worker  # noqa: F401
    import wdtadmin.urls
    import wdtadmin.web_process
    import wdtadmin.wsgi  # noqa: F401

    MigrationLoader(None)  # a worker looks whether the database fits its version
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        get_template(str(path.relative_to(settings.BASE_DIR / "templates")))
    gc.collect()
    gc.freeze()


def live(life, **arguments):
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for stream in (1, 2):  # the mother's output is a conversation
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    import_string(life)(**arguments)


def worker(interval, **changed):
    """`manage.py worker`; `changed` are settings, which are taken as they are."""
    from django.core.management import call_command

    change(changed)
    call_command("worker", interval=interval, queues="default")


def web(bind, **changed):
    """gunicorn as the README starts it, with one process."""
    from gunicorn.app.wsgiapp import run

    change(changed)
    os.environ.update(BIND=bind, WEB_WORKERS="1")
    sys.argv = ["gunicorn"]
    run()


def change(changed):
    for name, value in changed.items():
        setattr(settings, name, value)


if __name__ == "__main__":
    main()
