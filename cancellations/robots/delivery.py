"""Brings one message to one robot over HTTP.

`deliver` never raises for what happens on the way or for what comes back. The texts of `requests`' exceptions and the
log of `urllib3` hold the whole address with the robot's token; neither leaves this module.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import urlencode, urlsplit

import requests
import urllib3

from cancellations.robots.addresses import AddressRefused, check_address
from cancellations.robots.answers import Meaning, State, Verdict, again, read_answer
from cancellations.robots.bodies import LinkRefused, Message, body_of
from cancellations.robots.channels import Robot
from cancellations.robots.signing import sign_dingtalk

CONNECT_TIMEOUT = 5.0  # seconds
READ_TIMEOUT = 10.0  # seconds, for the whole answer
LARGEST_ANSWER = 64 * 1024  # bytes

_delivering: ContextVar[bool] = ContextVar("a message is on its way in this thread", default=False)


def _is_of_others(_record: logging.LogRecord) -> bool:
    return not _delivering.get()


for _name in ("connection", "connectionpool", "poolmanager", "response", "util.retry"):
    logging.getLogger(f"urllib3.{_name}").addFilter(_is_of_others)


def deliver(
    robot: Robot,
    url: str,
    secret: str | None,
    message: Message,
    *,
    adapter: requests.adapters.BaseAdapter,
    base: str = "",
    now: float | None = None,
) -> Verdict:
    """Sends the message once and says what became of it; signs it where there is a secret (WeCom has none).

    `adapter` makes the connection; no redirect is followed and no proxy of the environment is asked. `base` stands in
    place of scheme and host, for stand-ins only. `now` is in unix seconds.
    """
    moment = time.time() if now is None else now
    try:
        check_address(robot, url)
        body = body_of(robot, message, secret=secret or "", now=moment)
    except AddressRefused:
        return Verdict(State.OFF, "address_refused", meaning=Meaning.ADDRESS_REFUSED)
    except LinkRefused:
        return Verdict(State.NEVER, "link_refused", meaning=Meaning.LINK_REFUSED)
    try:
        with _silence():
            status, content = _post(adapter, _address(robot, url, secret or "", base, moment), body)
    except (requests.ConnectTimeout, requests.exceptions.InvalidURL, requests.exceptions.SSLError):
        return again("no_connection", Meaning.NO_ANSWER)
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        refused = isinstance(_reason(error), urllib3.exceptions.NewConnectionError)
        return again("no_connection" if refused else "no_answer", Meaning.NO_ANSWER)
    return read_answer(robot, status, content)


def _address(robot: Robot, url: str, secret: str, base: str, now: float) -> str:
    """Where to POST, with DingTalk's signature. It is percent-encoded here, and nowhere else again."""
    parts = urlsplit(url)
    address = url.replace(f"{parts.scheme}://{parts.netloc}", base.rstrip("/"), 1) if base else url
    if robot is not Robot.DINGTALK or not secret:
        return address
    milliseconds = int(now * 1000)
    return f"{address}&{urlencode({'timestamp': milliseconds, 'sign': sign_dingtalk(milliseconds, secret)})}"


def _post(adapter: requests.adapters.BaseAdapter, address: str, body: bytes) -> tuple[int, bytes]:
    """HTTP status and body of the answer. Not by a Session: it would bring cookies, redirects, proxies, .netrc."""
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Accept-Encoding": "identity",
        "Connection": "close",  # the next message is seconds away at the least
    }
    request = requests.Request("POST", address, headers=headers, data=body).prepare()
    give_up_at = time.monotonic() + CONNECT_TIMEOUT + READ_TIMEOUT
    with adapter.send(request, timeout=(CONNECT_TIMEOUT, READ_TIMEOUT), stream=True) as response:
        return response.status_code, _content(response, give_up_at)


def _content(response: requests.Response, give_up_at: float) -> bytes:
    """The body, or its beginning. The library's timeout counts from byte to byte: a trickle has to be ended here."""
    content = bytearray()
    while len(content) < LARGEST_ANSWER:
        chunk = response.raw.read1(LARGEST_ANSWER - len(content), decode_content=False)
        if not chunk:
            break
        content += chunk
        if time.monotonic() > give_up_at:
            raise requests.exceptions.ReadTimeout
    return bytes(content)


@contextmanager
def _silence() -> Iterator[None]:
    """What `urllib3` writes to the log in here, in this thread, holds the address and is dropped."""
    before = _delivering.set(True)
    try:
        yield
    finally:
        _delivering.reset(before)


def _reason(error: Exception) -> object:
    """What the lower library says, out of the exception that the upper one made of it."""
    return getattr(error.args[0], "reason", None) if error.args else None
