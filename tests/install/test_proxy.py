"""The shipped site of nginx: it is understood, and slow visitors hold nothing behind it."""

import socket
import ssl
import subprocess
import time
from contextlib import ExitStack

import pytest
import requests

from tests.install.conftest import NGINX, started
from tests.install.document import ROOT
from tests.ports import free_port
from tests.processes import end, listens, start, wait_until

SITE = (ROOT / "deploy/nginx/wdtadmin.conf").read_text()
SLOW = 300
# A web process with fewer threads than there are slow visitors, as gunicorn is.
BEHIND = """
import sys
def application(environ, start_response):
    environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    told = [environ.get(name, "") for name in ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_HOST")]
    return [" | ".join(told).encode()]
"""


def test_nginx_understands_the_site(nginx):
    configuration, _port = nginx(behind=free_port())
    done = subprocess.run([NGINX, "-t", "-c", configuration], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr.replace('the "user" directive', "")


@pytest.fixture
def site(nginx, certificate, tmp_path):
    """nginx before a web process of two threads: its port, and a `get` that trusts its certificate."""
    port = free_port()
    (tmp_path / "behind.py").write_text(BEHIND)
    configuration, proxy = nginx(behind=port)
    gunicorn = ("gunicorn", "--config", "/dev/null", "--threads", "2", "--bind", f"127.0.0.1:{port}")
    process = start("-m", *gunicorn, "--pythonpath", str(tmp_path), "behind", WEB_THREADS="2")
    session = requests.Session()
    session.trust_env, session.verify = False, str(certificate.pem)
    with started([NGINX, "-c", str(configuration)]):
        try:
            wait_until(lambda: listens(port) and listens(proxy), "the site answers")
            yield proxy, lambda **headers: session.get(f"https://localhost:{proxy}/", headers=headers, timeout=10)
        finally:
            end(process)


@pytest.mark.slow
def test_three_hundred_unfinished_requests_do_not_block_the_site(site):
    """They come from ten addresses: each may have 40 at a time."""
    proxy, get = site
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with ExitStack() as held:
        for number in range(SLOW):
            plain = socket.create_connection(("127.0.0.1", proxy), 10, (f"127.0.0.{2 + number % 10}", 0))
            slow = held.enter_context(context.wrap_socket(plain))
            slow.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nx=")
        began = time.monotonic()
        answers = [get() for _ in range(20)]
        assert {answer.status_code for answer in answers} == {200}
        assert time.monotonic() - began < 10  # client_body_timeout would let them go after 30
        slow.settimeout(0.01)
        with pytest.raises(TimeoutError):
            slow.recv(1)  # it is still held


@pytest.mark.slow
def test_headers_that_somebody_makes_up_come_before_the_true_ones(site):
    _proxy, get = site
    told = get(**{"X-Forwarded-For": "198.51.100.9", "X-Forwarded-Proto": "http"}).text
    assert told == "198.51.100.9, 127.0.0.1 | https | localhost"


def test_the_site_lets_the_largest_upload_through_and_compresses_nothing():
    assert "client_max_body_size 11m;" in SITE  # UPLOAD_MAX_MB and 6 MB more
    assert "gzip off;" in SITE
    assert "proxy_request_buffering on;" in SITE
