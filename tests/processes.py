"""Real processes for tests: the stand-in ERP, workers, the web server. All on loopback, all on the test's database."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from django.db import connection

from cancellations.wdt.sandbox.control import SandboxControl
from tests.ports import free_port

BASE = Path(__file__).resolve().parent.parent
SERVED = {"DJANGO_SETTINGS_MODULE": "tests.served_settings"}


def database_url():
    """The address of the database of this very test, for a process of its own."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    return (
        f"postgres://{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
    )


def start(*arguments, **environment):
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=BASE,
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "wdtadmin.settings", "DATABASE_URL": database_url(), "PYTHONUNBUFFERED": "1"}
        | {"WORKER_QUEUES": "default"}  # one process; tests of exports ask for two
        | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def end(process, number=signal.SIGTERM, seconds=35):
    """Sends the signal and waits; returns (exit code, what it had printed)."""
    if process.poll() is None:
        process.send_signal(number)
    try:
        printed, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, printed


@contextmanager
def running(*arguments, **environment):
    process = start(*arguments, **environment)
    try:
        yield process
    finally:
        end(process)


@contextmanager
def nursery(**environment):
    """Gives `bear(life, **arguments)`, which forks a process with everything loaded and returns its process id.

    `life` is one of those in tests/nursery.py, or another function.
    """
    with running("-m", "tests.nursery", **SERVED, **environment) as mother:

        def bear(life, **arguments):
            mother.stdin.write(json.dumps({"life": life, **arguments}) + "\n")
            mother.stdin.flush()
            return int(mother.stdout.readline())

        yield bear


def kill(*pids, number=signal.SIGKILL):
    """Sends the signal to all of them and waits until they are gone."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
    for pid in pids:
        wait_for_the_end_of(pid)


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children_of(pid):
    """The process ids of its children that are alive."""
    stats = {path.parent.name: _parent(path) for path in Path("/proc").glob("[0-9]*/stat")}
    return {int(child) for child, parent in stats.items() if parent == pid}


def _parent(stat):
    try:
        state, parent, *_ = stat.read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state == "Z" else int(parent)


def wait_for_the_end_of(pid, seconds=35):
    wait_until(lambda: not is_alive(pid), "the process is gone", seconds)


@contextmanager
def erp(*arguments):
    """The stand-in ERP as a process; gives its SandboxControl."""
    with running("-m", "cancellations.wdt.sandbox", *arguments) as process:
        address = process.stdout.readline().strip().rpartition(" ")[2]
        yield SandboxControl(address)


@contextmanager
def web(**environment):
    """gunicorn as docs/operating.md starts it; gives its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with running("-m", "gunicorn", BIND=f"127.0.0.1:{port}", **environment) as process:
        wait_until(lambda: listens(port) or process.poll() is not None, "the web server answers")
        yield address


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition, what, seconds=40):
    give_up_at = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < give_up_at, f"waited {seconds} s in vain until {what}"
        time.sleep(0.02)
    return value
