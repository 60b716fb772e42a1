"""The shipped site of nginx: it is understood, and slow visitors hold nothing behind it."""

import base64
import hashlib
import re
import socket
import ssl
import subprocess
import time
from contextlib import ExitStack

import msgspec
import pytest
import requests

from cancellations.api.problems import MEDIA_TYPE
from cancellations.api.schemas import Problem
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


@pytest.fixture
def alone(nginx, certificate):
    """nginx with nobody behind it: a `get` that trusts its certificate."""
    configuration, proxy = nginx(behind=free_port())
    session = requests.Session()
    session.trust_env, session.verify = False, str(certificate.pem)
    with started([NGINX, "-c", str(configuration)]):
        wait_until(lambda: listens(proxy), "nginx answers")
        yield lambda method, path: session.request(method, f"https://localhost:{proxy}{path}", timeout=10)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path"), [("GET", "/requests/"), ("POST", "/requests/new/"), ("POST", "/sign-in/")])
def test_while_no_web_process_answers_people_read_why_in_both_languages(method, path, alone):
    answer = alone(method, path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "系统维护中" in answer.content.decode()
    assert "Nothing is lost" in answer.content.decode()


@pytest.mark.slow
def test_while_no_web_process_answers_machines_get_a_problem(alone):
    answer = alone("POST", "/api/v1/requests")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    problem = msgspec.json.decode(answer.content, type=Problem)
    assert (problem.status, problem.code) == (503, "unavailable")
    assert len(problem.request_id) == 32


def test_the_page_of_the_proxy_needs_nothing_else():
    page = (ROOT / "deploy/nginx/maintenance.html").read_text()
    style = re.search("<style>(.*)</style>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in SITE
    assert not re.findall(r"\b(?:src|href|url|import|script)\b", page)


@pytest.mark.slow
def test_headers_that_somebody_makes_up_come_before_the_true_ones(site):
    _proxy, get = site
    told = get(**{"X-Forwarded-For": "198.51.100.9", "X-Forwarded-Proto": "http"}).text
    assert told == "198.51.100.9, 127.0.0.1 | https | localhost"


def test_the_site_lets_the_largest_upload_through_and_compresses_nothing():
    assert "client_max_body_size 11m;" in SITE  # UPLOAD_MAX_MB and 6 MB more
    assert "gzip off;" in SITE
    assert "proxy_request_buffering on;" in SITE
