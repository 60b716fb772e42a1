import json
import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from cancellations.models.secrets import AppSecret
from cancellations.wdt.client import CANCEL_BY_TYPE, NOW, Account, Client, Page, body_of
from cancellations.wdt.errors import State, Why
from cancellations.wdt.signing import sign
from tests.ports import LOOPBACK

CANARY = "canarysecret"
FINE = '{"status":0,"data":1}'


@contextmanager
def server(answer):
    """A tiny HTTP server; `answer(handler)` writes. Gives its address and the calls that it got."""
    calls = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            parameters = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            calls.append(SimpleNamespace(path=self.path, parameters=parameters, body=body, headers=self.headers))
            answer(self)

        do_GET = do_POST

        def log_message(self, *arguments):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *arguments):
            pass

    with Server(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
        yield SimpleNamespace(address=f"http://127.0.0.1:{running.server_port}", calls=calls)
        running.shutdown()


def text(content, *, status=200, **headers):
    def answer(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(content.encode())))
        handler.end_headers()
        handler.wfile.write(content.encode())

    return answer


def client(address, **options):
    account = Account(sid="demo_sid", key="demo_key", app_secret=AppSecret(CANARY, "demosalt"), address=address)
    how = {"connect_timeout": 1, "read_timeout": 1, "private_networks": LOOPBACK}
    return Client(account, **(how | options))


def ask(address, **options):
    with client(address, **options) as open_client:
        return open_client.call(NOW, "[]")


def test_the_body_that_was_signed_is_sent_byte_for_byte():
    body = body_of({"operate_type": 0, "purchase_no_list": ["采购-2026-001"]})
    with server(text(FINE)) as erp, client(erp.address) as open_client:
        open_client.call(CANCEL_BY_TYPE, body, Page(0, 100, count=True), at=1_775_791_716)
    [call] = erp.calls
    assert call.body == body.encode()
    assert call.headers["Content-Type"] == "application/json"
    signed = {name: value for name, value in call.parameters.items() if name != "sign"}
    assert call.parameters["sign"] == sign(signed | {"body": body}, CANARY)
    assert signed == {
        "sid": "demo_sid",
        "key": "demo_key",
        "salt": "demosalt",
        "method": CANCEL_BY_TYPE,
        "timestamp": "450444516",
        "v": "1.0",
        "page_no": "0",
        "page_size": "100",
        "calc_total": "1",
    }


@pytest.mark.parametrize("suffix", ["", "/", "/openapi", "/openapi/"])
def test_an_address_may_or_may_not_end_in_openapi(suffix):
    with server(text(FINE)) as erp:
        assert ask(erp.address + suffix).state is State.ANSWERED
    assert urlsplit(erp.calls[0].path).path == "/openapi"


def test_every_attempt_has_its_own_timestamp_and_signature():
    with server(text(FINE)) as erp, client(erp.address) as open_client:
        open_client.call(NOW, "[]", at=1_775_791_716)
        open_client.call(NOW, "[]", at=1_775_791_717)
    first, second = (call.parameters for call in erp.calls)
    assert int(second["timestamp"]) - int(first["timestamp"]) == 1
    assert first["sign"] != second["sign"]


def test_a_redirect_is_not_followed():
    with server(text(FINE)) as elsewhere, server(text("", status=307, Location=elsewhere.address)) as erp:
        answer = ask(erp.address)
    assert (answer.state, answer.why, answer.http_status) == (State.UNKNOWN, Why.HTTP, 307)
    assert not elsewhere.calls


def test_a_proxy_of_the_environment_is_ignored(monkeypatch):
    with server(text(FINE)) as proxy, server(text(FINE)) as erp:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.address)
        assert ask(erp.address).state is State.ANSWERED
    assert not proxy.calls


def test_two_accounts_never_share_a_connection():
    with client("http://127.0.0.1:9") as one, client("http://127.0.0.1:9") as other:
        assert one._connection is not other._connection


def test_a_refused_connection_was_certainly_not_executed():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    answer = ask(f"http://127.0.0.1:{port}")
    assert (answer.state, answer.why) == (State.NOT_EXECUTED, Why.UNREACHABLE)


def test_a_name_that_nobody_knows_was_certainly_not_executed(monkeypatch):
    def unknown(*arguments, **options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    answer = ask("http://wdt.invalid")
    assert (answer.state, answer.why) == (State.NOT_EXECUTED, Why.UNREACHABLE)


def test_a_connect_timeout_was_certainly_not_executed(monkeypatch):
    monkeypatch.setattr(
        requests.Session, "post", lambda *arguments, **options: (_ for _ in ()).throw(requests.ConnectTimeout())
    )
    assert ask("http://127.0.0.1:9").state is State.NOT_EXECUTED


def cut(handler):
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def cut_in_the_middle(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b'{"status":0')
    cut(handler)


def wait(handler):
    time.sleep(0.6)
    text(FINE)(handler)


def trickle(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(60):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        (cut, Why.CUT),
        (cut_in_the_middle, Why.CUT),
        (wait, Why.TIMEOUT),
        (trickle, Why.TIMEOUT),
        (text("Internal Server Error", status=500), Why.HTTP),
        (text("<html></html>"), Why.UNREADABLE),
        (text(""), Why.UNREADABLE),
        (text('{"status":0,"da'), Why.UNREADABLE),
        (text("not gzip", Content_Encoding="gzip"), Why.CUT),
    ],
)
def test_a_failure_after_sending_is_unknown_and_ends_in_time(behaviour, why):
    started = time.monotonic()
    with server(behaviour) as erp:
        answer = ask(erp.address, connect_timeout=0.3, read_timeout=0.3)
    assert (answer.state, answer.why) == (State.UNKNOWN, why)
    assert time.monotonic() - started < 2
    assert len(erp.calls) == 1


def test_an_answer_without_end_is_not_taken_into_memory(monkeypatch):
    monkeypatch.setattr("cancellations.wdt.client.LARGEST_ANSWER", 1000)
    with server(text("x" * 200_000)) as erp:
        assert ask(erp.address).state is State.UNKNOWN


@pytest.mark.parametrize("behaviour", [cut, wait, text(FINE), text("{", status=500)])
def test_the_secret_is_in_nothing_that_comes_back(behaviour):
    with server(behaviour) as erp, client(erp.address, connect_timeout=0.3, read_timeout=0.3) as open_client:
        shown = repr(open_client.call(NOW, "[]")) + repr(open_client.account) + json.dumps(erp.calls[0].parameters)
    assert CANARY not in shown
