"""The web process: which connections it takes, and which it leaves to the one beside it."""

import os
import time
from http.client import HTTPConnection

import pytest
import requests

from tests.ports import free_port
from tests.processes import end, listens, start, wait_until, web

pytestmark = pytest.mark.slow

# Long pages last until there is a file `go`. What happens stands in `seen`, line by line.
SITE = """
import os, time
from pathlib import Path

from wdtadmin import web_process

web_process.PATIENCE = float(os.environ["PATIENCE"])


def site(environ, start_response):
    name, process = environ["PATH_INFO"].strip("/"), str(os.getpid())
    note(f"{name} begun")
    while name.startswith("long") and not Path("go").exists():
        time.sleep(0.01)
    note(f"{name} ended")
    start_response("200 OK", [("Content-Length", str(len(process)))])
    return [process.encode()]


def note(line):
    with open("seen", "a") as seen:
        seen.write(line + "\\n")
"""
FOR_EVER = 600  # seconds


class Served:
    def __init__(self, folder):
        self.folder, self.connections, self.port = folder, [], free_port()

    def start(self, processes, patience):
        """gunicorn with two threads for each process."""
        self.process = start(
            *("-m", "gunicorn", "--config", os.devnull, "--bind", f"127.0.0.1:{self.port}"),
            *("--worker-class", "wdtadmin.web_process.WebProcess", "--workers", str(processes), "--threads", "2"),
            *("--keep-alive", "0"),
            *("--chdir", str(self.folder), "--pythonpath", os.getcwd(), "site_of_test:site"),
            PATIENCE=str(patience),
        )
        wait_until(lambda: listens(self.port) or self.process.poll() is not None, "the web server answers")

    def connect(self):
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.connect()
        self.connections.append(connection)
        return connection

    def ask(self, name):
        connection = self.connect()
        connection.request("GET", f"/{name}")
        return connection

    def seen(self):
        path = self.folder / "seen"
        return path.read_text().splitlines() if path.exists() else []

    def wait_for(self, line):
        wait_until(lambda: line in self.seen(), line)

    def let_go(self):
        (self.folder / "go").touch()


@pytest.fixture
def served(tmp_path):
    (tmp_path / "site_of_test.py").write_text(SITE)
    made = Served(tmp_path)
    yield made
    made.let_go()
    for connection in made.connections:
        connection.close()
    end(made.process)


def answer(connection):
    """The process id of whoever answered."""
    return int(connection.getresponse().read())


def test_a_page_goes_to_the_process_that_has_nothing_to_do(served):
    served.start(processes=2, patience=FOR_EVER)
    long = served.ask("long")
    served.wait_for("long begun")
    free = {answer(served.ask("short")) for _ in range(20)}
    served.let_go()
    assert len(free) == 1
    assert answer(long) not in free


def test_a_process_works_at_one_page_after_the_other(served):
    served.start(processes=1, patience=FOR_EVER)
    long = served.ask("long")
    served.wait_for("long begun")
    short = served.ask("short")
    time.sleep(0.3)  # in which it would be taken
    served.let_go()
    assert answer(long) == answer(short)
    assert served.seen() == ["long begun", "long ended", "short begun", "short ended"]


def test_a_page_that_waits_for_something_holds_up_no_other(served):
    served.start(processes=1, patience=0.05)
    long = served.ask("long")
    served.wait_for("long begun")
    assert [answer(served.ask("short")) for _ in range(3)]
    served.let_go()
    assert answer(long)
    assert served.seen()[-1] == "long ended"


def test_nothing_is_taken_without_a_thread_and_nothing_is_lost(served):
    served.start(processes=1, patience=0.05)
    long = [served.ask(f"long-{number}") for number in (1, 2)]
    for number in (1, 2):
        served.wait_for(f"long-{number} begun")
    short = [served.ask(f"short-{number}") for number in range(5)]
    time.sleep(0.3)
    assert not [line for line in served.seen() if line.startswith("short")]
    served.let_go()
    assert all(map(answer, [*long, *short]))


def test_who_says_nothing_holds_up_nobody(served):
    served.start(processes=1, patience=FOR_EVER)
    assert answer(served.ask("first"))  # before, the process may not have said so to the kernel
    silent = served.connect()
    assert answer(served.ask("short"))
    silent.request("GET", "/late")
    assert answer(silent)


@pytest.mark.django_db(transaction=True)
def test_no_connection_is_kept_so_that_all_wait_in_one_row():
    with web() as address, requests.get(f"{address}/health/live", timeout=60) as answered:
        assert (answered.status_code, answered.headers["Connection"]) == (200, "close")
