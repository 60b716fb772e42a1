"""Calls the ERP's open API over HTTP (reference sections 1 and 2).

`Client.call` never raises for what happens on the way or for what comes back: it returns an `Answer` that says
whether the call was carried out, was certainly not, or may have been. The texts of `requests`' exceptions hold the
whole address with key and signature; none of them leaves this module.
"""

import json
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol, Self
from urllib.parse import urlencode

import requests
import urllib3

from cancellations.wdt.addresses import AddressRefused, CheckingAdapter, Network
from cancellations.wdt.answers import Answer, read_answer
from cancellations.wdt.errors import State, Why
from cancellations.wdt.signing import sign, timestamp

NOW = "system.Core.now"
CANCEL_BY_TYPE = "purchase.PurchaseOrder.cancelByType"
QUERY_WITH_DETAIL = "purchase.PurchaseOrder.queryWithDetail"
LARGEST_ANSWER = 8 * 1024 * 1024  # bytes


class AppSecret(Protocol):
    """The two halves of an app secret; its repr must not show them."""

    @property
    def secret(self) -> str: ...
    @property
    def salt(self) -> str: ...


@dataclass(frozen=True)
class Account:
    """Who calls, and where: an app key of a seller account, at an address with or without `/openapi`."""

    sid: str
    key: str
    app_secret: AppSecret
    address: str


@dataclass(frozen=True)
class Page:
    number: int  # from 0
    size: int
    count: bool  # ask for total_count


def body_of(*arguments: Any) -> str:
    """The JSON text of a call's positional arguments; it is signed and sent as it is."""
    return json.dumps(list(arguments), ensure_ascii=False, separators=(",", ":"))


class Client:
    """One account's connection. Never share it between accounts; close it, or use it in a `with` statement.

    Calls public addresses, and private ones only in the `private_networks`.
    """

    def __init__(
        self,
        account: Account,
        *,
        connect_timeout: float,
        read_timeout: float,
        private_networks: Iterable[Network] = (),
    ) -> None:
        self.account = account
        self._connect_timeout = connect_timeout  # seconds
        self._read_timeout = read_timeout  # seconds, for the whole answer
        base = account.address.rstrip("/")
        self._url = base if base.endswith("/openapi") else base + "/openapi"
        # Not a Session: it would bring cookies, redirects, and the environment's proxies and password file.
        self._connection = CheckingAdapter(private_networks)
        self._template: requests.PreparedRequest | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def call(self, method: str, body: str, page: Page | None = None, *, at: float | None = None) -> Answer:
        """Makes one call, signed for the moment `at` in unix seconds or for now; `body` is what `body_of` made."""
        parameters = self._signed(method, body, page, time.time() if at is None else at)
        give_up_at = time.monotonic() + self._connect_timeout + self._read_timeout
        try:
            with self._connection.send(
                self._prepared(parameters, body.encode()),
                timeout=(self._connect_timeout, self._read_timeout),
                stream=True,
            ) as response:
                content = bytearray()
                while chunk := response.raw.read1(65536, decode_content=True):
                    content += chunk
                    # The library's timeout counts from byte to byte: a trickle has to be ended here.
                    if time.monotonic() > give_up_at or len(content) > LARGEST_ANSWER:
                        raise requests.exceptions.ReadTimeout
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            # What the lower library says, out of the exception that the upper one made of it.
            reason = getattr(error.args[0], "reason", None) if error.args else None
            if isinstance(reason, AddressRefused):
                return Answer(State.NOT_EXECUTED, Why.ADDRESS)
            untrusted = isinstance(reason, urllib3.exceptions.SSLError) and any(
                isinstance(argument, ssl.SSLCertVerificationError) for argument in reason.args
            )
            refused = isinstance(reason, urllib3.exceptions.NewConnectionError)  # or DNS knows no such name
            if untrusted or refused or isinstance(error, requests.ConnectTimeout | requests.exceptions.InvalidURL):
                return Answer(State.NOT_EXECUTED, Why.UNREACHABLE)
            timeout = isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError)
            return Answer(State.UNKNOWN, Why.TIMEOUT if timeout else Why.CUT)
        return read_answer(response.status_code, content.decode("utf-8", "replace"))

    def _prepared(self, parameters: dict[str, str], content: bytes) -> requests.PreparedRequest:
        """A copy of a request that the library has prepared once: preparing each anew costs as much as a call."""
        if self._template is None:
            headers = {**requests.utils.default_headers(), "Content-Type": "application/json"}
            self._template = requests.Request("POST", self._url, headers=headers, data=b"[]").prepare()
        prepared = self._template.copy()
        prepared.url = f"{self._template.url}?{urlencode(parameters)}"
        prepared.body = content
        prepared.headers["Content-Length"] = str(len(content))
        return prepared

    def _signed(self, method: str, body: str, page: Page | None, at: float) -> dict[str, str]:
        parameters = {
            "sid": self.account.sid,
            "key": self.account.key,
            "salt": self.account.app_secret.salt,
            "method": method,
            "timestamp": timestamp(at),
            "v": "1.0",
        }
        if page:
            parameters |= {
                "page_no": str(page.number),
                "page_size": str(page.size),
                "calc_total": "1" if page.count else "0",
            }
        return parameters | {"sign": sign(parameters | {"body": body}, self.account.app_secret.secret)}
