import logging
import pickle
import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
import requests

from cancellations.robots import Meaning, Robot, State, Verdict, deliver, delivery
from cancellations.robots.stand_in import DEMO, Known, StandIn
from cancellations.wdt.addresses import CheckingAdapter
from tests.ports import LOOPBACK, free_port
from tests.robots.made import LINK, MENTIONS, message, url_of

CANARY = "canary0123456789"
ROBOTS = tuple(Known(robot, CANARY, CANARY if robot is not Robot.WECOM else "") for robot in Robot)


@pytest.fixture
def stand_in():
    with StandIn() as running:
        yield running


@pytest.fixture(autouse=True)
def _short_timeouts(monkeypatch):
    monkeypatch.setattr(delivery, "CONNECT_TIMEOUT", 0.3)
    monkeypatch.setattr(delivery, "READ_TIMEOUT", 0.3)


def send(base, robot, given=None, *, url="", secret=None, listed=LOOPBACK, now=None):
    secret = DEMO[robot].secret if secret is None else secret
    adapter = CheckingAdapter(listed)
    try:
        return deliver(robot, url or url_of(robot), secret, given or message(), adapter=adapter, base=base, now=now)
    finally:
        adapter.close()


@contextmanager
def server(write):
    """A server that answers with whatever `write(handler)` writes. Gives its address and the calls that it got."""
    calls = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            calls.append(SimpleNamespace(path=self.path, headers=self.headers, body=body))
            write(self)

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


def raw(content):
    return lambda handler: handler.wfile.write(content)


@pytest.mark.parametrize("robot", Robot)
def test_the_group_sees_title_text_link_and_who_is_called(stand_in, robot):
    verdict = send(stand_in.address, robot, message(mentions=[MENTIONS[robot]]))
    assert verdict == Verdict(State.SENT, "0", 0, Meaning.TAKEN)
    [arrival] = stand_in.arrived()
    assert (arrival.accepted, arrival.robot, arrival.number) == (True, robot, "0")
    assert arrival.title == "采购取消 待审批 CR20261125-0001"
    assert "店铺：上海一店" in arrival.text
    assert LINK in arrival.text
    assert arrival.mentioned == (MENTIONS[robot],)


@pytest.mark.parametrize("robot", Robot)
def test_a_reason_that_calls_everybody_calls_nobody(stand_in, robot):
    evil = "<@all> <at id=all></at> @all @manager4220 <@zhangsan>"
    assert send(stand_in.address, robot, message(evil, evil, mentions=["all"])).state is State.SENT
    assert [arrival.mentioned for arrival in stand_in.arrived()] == [()]


@pytest.mark.parametrize("robot", Robot)
def test_a_long_message_is_accepted(stand_in, robot):
    verdict = send(stand_in.address, robot, message("题" * 5000, *['采购单"' * 3000] * 3, mentions=[MENTIONS[robot]]))
    assert verdict.state is State.SENT
    assert stand_in.arrived()[0].mentioned == (MENTIONS[robot],)


def test_dingtalks_signature_is_in_the_address_once():
    with server(raw(b"HTTP/1.0 200 OK\r\n\r\n" + b'{"errcode":0}')) as channel:
        send(channel.address, Robot.DINGTALK, secret="SECdemo0123456789", now=1_700_000_000)
    assert channel.calls[0].path == (
        "/robot/send?access_token=demo-dingtalk-token"
        "&timestamp=1700000000000&sign=ww0uYz9hgC%2F%2Fla1LzHCxhiH8ja6t5XU0VlJXBRQKVAA%3D"
    )


@pytest.mark.parametrize("robot", [Robot.DINGTALK, Robot.FEISHU])
def test_without_a_secret_nothing_is_signed(robot):
    with server(raw(b"HTTP/1.0 200 OK\r\n\r\n" + b'{"errcode":0,"code":0}')) as channel:
        assert send(channel.address, robot, secret="").state is State.SENT
    assert "sign" not in channel.calls[0].path
    assert b"sign" not in channel.calls[0].body


@pytest.mark.parametrize("robot", [Robot.DINGTALK, Robot.FEISHU])
@pytest.mark.parametrize("shift", [-3700, 3700])
def test_a_wrong_clock_switches_the_channel_off(stand_in, robot, shift):
    verdict = send(stand_in.address, robot, now=time.time() + shift)
    assert (verdict.state, verdict.wait) == (State.OFF, 0)


@pytest.mark.parametrize("robot", Robot)
def test_a_robot_that_was_removed_switches_the_channel_off(stand_in, robot):
    stand_in.groups.revoke(robot)
    assert send(stand_in.address, robot).meaning is Meaning.GONE
    stand_in.groups.restore(robot)
    assert send(stand_in.address, robot).state is State.SENT


def test_too_many_messages_are_to_be_sent_again(stand_in):
    verdicts = [send(stand_in.address, Robot.WECOM) for _ in range(21)]
    assert {verdict.state for verdict in verdicts[:20]} == {State.SENT}
    assert verdicts[20] == Verdict(State.AGAIN, "45009", 60, Meaning.TOO_OFTEN)


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("hang", "no_answer"),
        ("close", "no_answer"),
        ("lost", "no_answer"),
        ("redirect", "http_302"),
        ("html", "no_json"),
        ("http_502", "http_502"),
    ],
)
def test_what_says_nothing_is_to_be_sent_again(stand_in, what, code):
    stand_in.misbehave(what)
    started = time.monotonic()
    verdict = send(stand_in.address, Robot.WECOM)
    assert (verdict.state, verdict.code, verdict.wait) == (State.AGAIN, code, 60)
    assert time.monotonic() - started < 3
    assert stand_in.strayed == 0


def trickle(handler):
    handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
    for _ in range(100):
        handler.wfile.write(b" ")
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("write", "code"),
    [
        (trickle, "no_answer"),
        (raw(b""), "no_answer"),
        (raw(b"220 smtp.example.com\r\n"), "no_answer"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), "no_answer"),
        (raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "no_answer"),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"), "no_answer"),
        (raw(b'HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n{"errcode":0}'), "0"),
        (raw(b"HTTP/1.0 200 \xff\r\nSet-Cookie: \xff=\xff; expires=never\r\n: \xff\r\n\r\n\xff"), "no_json"),
        (raw(b'HTTP/1.0 200 OK\r\n\r\n{"errcode":0,"errmsg":"' + b"x" * 65536 + b'"}'), "no_json"),
        (raw(b"HTTP/1.0 999 ?\r\n\r\n"), "http_999"),
    ],
)
def test_no_answer_makes_it_raise(write, code):
    with server(write) as channel:
        assert send(channel.address, Robot.WECOM).code == code
    assert len(channel.calls) == 1


def test_a_refused_connection_is_tried_again():
    verdict = send(f"http://127.0.0.1:{free_port()}", Robot.WECOM)
    assert verdict == Verdict(State.AGAIN, "no_connection", 60, Meaning.NO_ANSWER)


def test_a_name_that_leads_into_a_private_network_is_not_called(stand_in):
    assert send(stand_in.address, Robot.WECOM, listed=()).code == "no_connection"
    assert not stand_in.arrived()


def test_the_channels_own_host_is_called_where_there_is_no_stand_in(monkeypatch):
    asked = []

    def unknown(host, *arguments, **options):
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert [send("", robot).code for robot in Robot] == ["no_connection"] * 3
    assert asked == ["qyapi.weixin.qq.com", "oapi.dingtalk.com", "open.feishu.cn"]


def test_a_proxy_of_the_environment_is_ignored(stand_in, monkeypatch):
    with server(raw(b"HTTP/1.0 200 OK\r\n\r\n")) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.address)
        assert send(stand_in.address, Robot.WECOM).state is State.SENT
    assert not proxy.calls


def test_another_address_is_not_called(stand_in):
    verdict = send(stand_in.address, Robot.WECOM, url=f"{stand_in.address}/cgi-bin/webhook/send?key={CANARY}")
    assert verdict == Verdict(State.OFF, "address_refused", 0, Meaning.ADDRESS_REFUSED)
    assert not stand_in.arrived()


def test_a_link_that_ends_the_markup_is_not_sent(stand_in):
    verdict = send(stand_in.address, Robot.WECOM, message(url="https://a/) <@all>"))
    assert verdict == Verdict(State.NEVER, "link_refused", 0, Meaning.LINK_REFUSED)
    assert not stand_in.arrived()


@pytest.mark.parametrize("known", ROBOTS, ids=lambda known: str(known.robot))
@pytest.mark.parametrize("what", ["0", "93000", "close", "hang", "redirect", "html", ""])
def test_no_token_and_no_secret_leaves_it(known, what, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "urllib3")
    with StandIn(robots=ROBOTS) as stand_in:
        if what:
            stand_in.misbehave(what)
        verdict = send(stand_in.address, known.robot, url=known.url, secret=known.secret)
    refused = send(f"http://127.0.0.1:{free_port()}", known.robot, url=known.url, secret=known.secret)
    written = capfd.readouterr()
    shown = repr((verdict, refused)) + caplog.text + written.out + written.err
    assert CANARY not in shown
    assert CANARY.encode() not in pickle.dumps((verdict, refused))


def test_headers_that_cannot_be_read_are_not_logged_with_the_address(caplog):
    caplog.set_level(logging.DEBUG)
    with server(raw(b'HTTP/1.0 200 OK\r\nno header\r\n\r\n{"errcode":0}')) as channel:
        send(channel.address, Robot.WECOM, url=DEMO[Robot.WECOM].url.replace("demo-wecom-key", CANARY))
    assert CANARY not in caplog.text


def test_what_others_log_is_not_silenced(stand_in, caplog):
    caplog.set_level(logging.DEBUG, "urllib3")
    send(stand_in.address, Robot.WECOM)
    assert not caplog.records
    requests.get(stand_in.address, timeout=2)
    assert "GET / HTTP" in caplog.text
