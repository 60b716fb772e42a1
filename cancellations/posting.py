"""POSTs to machines of others, once. Knows neither Django nor the database, and not what is said to whom.

The texts of `requests`' exceptions and the log of `urllib3` hold the whole address, which may hold a token; neither
leaves this module.
"""

import logging
import time
from collections.abc import Mapping
from contextvars import ContextVar
from typing import NamedTuple

import requests
import urllib3

_posting: ContextVar[bool] = ContextVar("something is on its way in this thread", default=False)


for _name in ("connection", "connectionpool", "poolmanager", "response", "util.retry"):
    logging.getLogger(f"urllib3.{_name}").addFilter(lambda _record: not _posting.get())


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    content: bytes  # or its beginning


class NoAnswer(Exception):
    """Nothing usable came back. `reason` is what the lower library says; without a connection nothing was sent."""

    def __init__(self, *, was_sent: bool, reason: object = None) -> None:
        super().__init__()
        self.was_sent, self.reason = was_sent, reason


def post(
    adapter: requests.adapters.BaseAdapter,
    address: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    connect_timeout: float,
    read_timeout: float,
    largest: int,
) -> Answer:
    """Sends exactly these bytes; reads at most `largest` bytes of the answer. Raises NoAnswer.

    `adapter` makes the connection; no redirect is followed and no proxy of the environment is asked.
    """
    always = {"Accept-Encoding": "identity", "Connection": "close"}  # the next message is seconds away at the least
    before = _posting.set(True)
    try:
        # Not by a Session: it would bring cookies, redirects, proxies, .netrc.
        request = requests.Request("POST", address, headers={**headers, **always}, data=body).prepare()
        give_up_at = time.monotonic() + connect_timeout + read_timeout
        with adapter.send(request, timeout=(connect_timeout, read_timeout), stream=True) as response:
            content = bytearray()
            while (left := largest - len(content)) > 0 and (chunk := response.raw.read1(left, decode_content=False)):
                content += chunk
                if time.monotonic() > give_up_at:  # the library's timeout counts from byte to byte: a trickle ends here
                    raise requests.exceptions.ReadTimeout
            return Answer(response.status_code, response.headers, bytes(content))
    except (
        requests.ConnectTimeout,
        requests.exceptions.InvalidURL,
        requests.exceptions.SSLError,
        UnicodeError,  # by Python itself, for a name that no name server is asked for
    ) as error:
        raise NoAnswer(was_sent=False, reason=_reason(error)) from None
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        reason = _reason(error)
        was_sent = not isinstance(reason, urllib3.exceptions.NewConnectionError)
        raise NoAnswer(was_sent=was_sent, reason=reason) from None
    finally:
        _posting.reset(before)


def _reason(error: Exception) -> object:
    """What the lower library says, out of the exception that the upper one made of it."""
    return getattr(error.args[0], "reason", None) if error.args else None
