"""How the web process runs. What differs from server to server comes from the variables (docs/settings.md)."""

import gc
import os
import sys

from django.core.exceptions import ImproperlyConfigured

from wdtadmin import starting
from wdtadmin.variables import value

wsgi_app = "wdtadmin.wsgi"
bind = value("BIND")
workers = value("WEB_WORKERS")
threads = value("WEB_THREADS")
worker_class = "wdtadmin.web_process.WebProcess"
# A connection for each page, as nginx asks for it: then all wait in one row, and nobody's next page comes before it.
keepalive = 0
timeout = 60  # a connection test waits for the ERP: up to two calls of 25 seconds
graceful_timeout = 30
umask = 0o077  # the database and the anchors are for this user only
# Nobody is meant to steer it from outside, and two instances would fight over its path.
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - heartbeats, not data
max_requests, max_requests_jitter = 5000, 500
# gunicorn's log of requests would hold order numbers that people searched for: ACCESS_LOG names routes instead.
accesslog = None
errorlog = "-"
if value("LOG_FORMAT") == "json":
    logconfig_dict = {
        "filters": {"in_context": {"()": "cancellations.logs.InContext"}},
        "formatters": {"json": {"()": "cancellations.logs.Json"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["in_context"]},
        },
        "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["stderr"], "propagate": False}},
        "root": {"level": "INFO", "handlers": ["stderr"]},
    }


def on_starting(server):
    """What keeps pages from being answered is told in one sentence, before the first process ends with a traceback:
    settings that lack something, and a database of another version."""
    try:
        import wdtadmin.settings  # noqa: F401
    except ImproperlyConfigured as error:
        sys.exit(f"wdtadmin: {error}")
    if starting.is_refused():
        sys.exit(starting.REFUSED)


def post_worker_init(worker):
    """What is loaded stays: without looking through it again and again, a page takes a fifth less.

    And most of what a page makes is gone with it, so it is looked through once a page and not every 700 objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


def worker_exit(server, worker):
    """How long its last pages took is written down too."""
    from cancellations.watching import page_times

    page_times.write()
