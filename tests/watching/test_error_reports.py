"""What a collector of errors is told: kind and place, and none of what the error was about."""

import gzip
import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests import processes
from wdtadmin import version
from wdtadmin.error_reports import KEPT, KEPT_OF_FRAME

CANARY = "canary-7f3a9b2c"


@contextmanager
def collector():
    """A stand-in; gives its DSN, and everything that it was sent: (headers, body)."""
    received = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            unpacked = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
            received.append((str(self.headers), unpacked.decode()))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://key@127.0.0.1:{server.server_port}/1", received
    finally:
        server.shutdown()
        server.server_close()


def events_in(received):
    """The events of the envelopes: pairs of lines, a header and what it is about, behind the envelope's own header."""
    for _, body in received:
        lines = body.splitlines()
        yield from (
            json.loads(about) for head, about in zip(lines[1::2], lines[2::2], strict=True) if '"event"' in head
        )


@pytest.fixture(scope="module")
def reported(django_db_setup, django_db_blocker):
    """(what was sent, what the process printed) of one process in which much goes wrong."""
    with django_db_blocker.unblock(), collector() as (dsn, received):
        process = processes.start(
            "-m", "tests.watching.breaking", SENTRY_DSN=dsn, FAULT_CANARY=CANARY, TRUSTED_PROXIES="1"
        )
        printed, _ = process.communicate(timeout=60)
        code = process.returncode
    assert code == 1
    assert "RuntimeError: outer" in printed  # the log has it all
    return received


@pytest.mark.slow
def test_every_error_is_reported_with_its_place_and_where_the_log_has_more(reported):
    events = list(events_in(reported))
    raised = [[one["type"] for one in event["exception"]["values"]] for event in events]
    assert raised == [["ValueError", "RuntimeError"]] * 3
    for event in events:
        frames = [frame for one in event["exception"]["values"] for frame in one["stacktrace"]["frames"]]
        assert {"fail"} <= {frame["function"] for frame in frames}
        assert event["release"] == version.shown()
    assert events[0]["tags"] == {"number": "0123456789ab"}


@pytest.mark.slow
def test_no_value_text_or_name_leaves(reported):
    sent = "".join(headers + body for headers, body in reported)
    assert "RuntimeError" in sent
    words = (CANARY, "outer canary", "inner canary", "a sweep failed", "without an exception", socket.gethostname())
    assert [word for word in words if word in sent] == []


@pytest.mark.slow
def test_an_event_has_only_what_is_known_to_be_harmless(reported):
    for event in events_in(reported):
        assert set(event) <= {*KEPT, "exception", "tags"}
        for one in event["exception"]["values"]:
            assert set(one) <= {"type", "module", "stacktrace"}
            assert all(set(frame) <= set(KEPT_OF_FRAME) for frame in one["stacktrace"]["frames"])


@pytest.mark.parametrize(
    ("dsn", "told"), [("not-an-address", "SENTRY_DSN is not the address of a project."), ("", "no issues")]
)
def test_a_bad_address_is_said_at_the_start_and_none_is_fine(dsn, told):
    environment = os.environ | {"SENTRY_DSN": dsn, "DJANGO_SETTINGS_MODULE": "wdtadmin.settings"}
    done = subprocess.run([sys.executable, "manage.py", "check"], env=environment, capture_output=True, text=True)
    assert told in done.stdout + done.stderr


def test_without_the_package_it_says_what_is_missing(tmp_path):
    (tmp_path / "sentry_sdk.py").write_text("raise ImportError('sentry_sdk')")
    environment = os.environ | {"SENTRY_DSN": "http://key@127.0.0.1:9/1", "DJANGO_SETTINGS_MODULE": "wdtadmin.settings"}
    environment["PYTHONPATH"] = str(tmp_path)
    done = subprocess.run([sys.executable, "manage.py", "check"], env=environment, capture_output=True, text=True)
    assert "SENTRY_DSN is set, but sentry-sdk is not installed" in done.stderr
