"""One attempt against a real HTTP server, on good days and bad ones."""

import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from cancellations.webhooks import Answered, Meaning, deliver, delivery, new_secret
from tests.ports import LOOPBACK, free_port
from tests.webhooks.receiver import cut, garbage, receiver, signed_with, silent, status, trickling

SECRET = new_secret()
BODY = '{"type":"test","data":{"name":"上海旗舰店"}}'.encode()


@pytest.fixture(autouse=True)
def _short_timeouts(monkeypatch):
    monkeypatch.setattr(delivery, "CONNECT_TIMEOUT", 0.2)
    monkeypatch.setattr(delivery, "READ_TIMEOUT", 0.3)


def send(url, keys=(SECRET,), **options):
    return deliver(url, keys, "msg_1", BODY, private_networks=LOOPBACK, **options)


def test_the_very_bytes_that_were_signed_are_sent():
    with receiver() as other:
        answered = send(other.url, now=1700000000.9)
    [message] = other.got
    assert message.body == BODY
    assert message.headers["webhook-id"] == "msg_1"
    assert message.headers["webhook-timestamp"] == "1700000000"
    assert message.headers["Content-Type"] == "application/json"
    assert signed_with(SECRET, message.headers, message.body)
    assert (answered.meaning, answered.status, answered.wait) == (Meaning.TAKEN, 204, 0)


def test_both_secrets_sign_while_one_takes_the_place_of_the_other():
    new = new_secret()
    with receiver() as other:
        send(other.url, [new, SECRET])
    [message] = other.got
    assert signed_with(new, message.headers, message.body)
    assert signed_with(SECRET, message.headers, message.body)
    assert not signed_with(new_secret(), message.headers, message.body)


@pytest.mark.parametrize(
    ("answer", "meaning", "code"),
    [
        (status(200, "ok"), Meaning.TAKEN, 200),
        (status(202), Meaning.TAKEN, 202),
        (status(400, "what?"), Meaning.REFUSED, 400),
        (status(404), Meaning.REFUSED, 404),
        (status(410), Meaning.GONE, 410),
        (status(429), Meaning.SLOW_DOWN, 429),
        (status(500, "<html>"), Meaning.REFUSED, 500),
        (status(502), Meaning.SLOW_DOWN, 502),
        (status(504), Meaning.SLOW_DOWN, 504),
        (silent, Meaning.NO_ANSWER, None),
        (trickling, Meaning.NO_ANSWER, None),
        (garbage, Meaning.NO_ANSWER, None),
        (cut, Meaning.NO_ANSWER, None),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_each_answer_has_its_meaning(answer, meaning, code):
    with receiver(answer) as other:
        answered = send(other.url)
    assert (answered.meaning, answered.status) == (meaning, code)
    assert len(other.got) == 1


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(code):
    with receiver() as elsewhere, receiver(status(code, Location=elsewhere.url)) as other:
        assert send(other.url).meaning is Meaning.REDIRECT
    assert not elsewhere.got


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("120", 120, 120),
        ("0", 0, 0),
        ("999999999", 86_400, 86_400),
        (timedelta(hours=1), 3_500, 3_600),
        (timedelta(hours=-1), 0, 0),
        ("soon", 0, 0),
        ("-5", 0, 0),
        ("9" * 40, 0, 0),
        ("Mon, 01 Jan 99999 00:00:00 GMT", 0, 0),
    ],
)
def test_an_address_says_how_long_it_wants_to_be_left_alone(value, least, most):
    if isinstance(value, timedelta):
        value = format_datetime(datetime.now(UTC) + value, usegmt=True)
    with receiver(status(429, Retry_After=value)) as other:
        assert least <= send(other.url).wait <= most


def test_only_who_is_busy_is_waited_for():
    with receiver(status(500, Retry_After="120")) as other:
        assert send(other.url).wait == 0


def test_no_more_than_4_kb_of_an_answer_are_kept():
    with receiver(status(200, "答" * 5_000)) as other:
        answered = send(other.url)
    assert answered.meaning is Meaning.TAKEN
    assert len(answered.text.encode()) <= 4_096 + 2
    assert answered.text.startswith("答答")


def test_an_answer_that_no_database_takes_is_made_one():
    with receiver(status(200, "a\x00b")) as other:
        assert send(other.url).text == "a\N{REPLACEMENT CHARACTER}b"


def test_where_nobody_listens_there_is_no_connection():
    assert send(f"http://127.0.0.1:{free_port()}/").meaning is Meaning.NO_CONNECTION


def test_a_server_without_tls_is_not_trusted():
    with receiver() as other:
        assert send(other.url.replace("http:", "https:")).meaning in (Meaning.TLS, Meaning.NO_ANSWER)
    assert not other.got


def test_an_address_that_is_none_is_not_called():
    assert deliver("http://127.0.0.1/", [SECRET], "msg_1", b"{}", private_networks=[]) == Answered(
        Meaning.ADDRESS_REFUSED
    )


def test_proxies_and_passwords_of_the_environment_are_ignored(monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password canary\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with receiver() as proxy, receiver() as other:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        send(other.url)
    assert not proxy.got
    assert "Authorization" not in other.got[0].headers


@pytest.mark.parametrize("answer", [status(200, "ok"), status(500), cut, garbage], ids=["200", "500", "cut", "garbage"])
def test_neither_the_secret_nor_the_address_is_logged(answer, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "urllib3")
    with receiver(answer) as other:
        answered = send(f"{other.url}?token=canary0123")
    written = capfd.readouterr()
    shown = caplog.text + repr(answered) + written.out + written.err
    assert SECRET.removeprefix("whsec_") not in shown
    assert "canary0123" not in shown
