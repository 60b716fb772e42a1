"""Brings one message to one robot over HTTP.

`deliver` never raises for what happens on the way or for what comes back, and the robot's token leaves it nowhere.
"""

import time
from urllib.parse import urlencode, urlsplit

import requests

from cancellations.posting import NoAnswer, post
from cancellations.robots.addresses import AddressRefused, check_address
from cancellations.robots.answers import Meaning, State, Verdict, again, read_answer
from cancellations.robots.bodies import LinkRefused, Message, body_of
from cancellations.robots.channels import Robot
from cancellations.robots.signing import sign_dingtalk

CONNECT_TIMEOUT = 5.0  # seconds
READ_TIMEOUT = 10.0  # seconds, for the whole answer
LARGEST_ANSWER = 64 * 1024  # bytes
HEADERS = {"Content-Type": "application/json; charset=utf-8"}


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
    if base:
        parts = urlsplit(url)
        url = url.replace(f"{parts.scheme}://{parts.netloc}", base.rstrip("/"), 1)
    if robot is Robot.DINGTALK and secret:  # percent-encoded here, and nowhere else again
        milliseconds = int(moment * 1000)
        url += f"&{urlencode({'timestamp': milliseconds, 'sign': sign_dingtalk(milliseconds, secret)})}"
    try:
        answer = post(
            adapter,
            url,
            body,
            HEADERS,
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            largest=LARGEST_ANSWER,
        )
    except NoAnswer as error:
        return again("no_answer" if error.was_sent else "no_connection", Meaning.NO_ANSWER)
    return read_answer(robot, answer.status, answer.content)
