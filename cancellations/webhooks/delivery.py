"""One attempt: signs the bytes, sends exactly these, and reads what came back."""

import enum
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import urllib3

from cancellations.posting import NoAnswer, post
from cancellations.wdt.addresses import AddressRefused, CheckingAdapter, Network
from cancellations.webhooks import addresses
from cancellations.webhooks.signing import sign

CONNECT_TIMEOUT = 5.0  # seconds
READ_TIMEOUT = 10.0  # seconds; both together are the 15 that receivers are told
LARGEST_ANSWER = 4096  # bytes
LONGEST_WAIT = 24 * 3600  # seconds, whatever Retry-After says


class Meaning(enum.StrEnum):
    """What an attempt came to."""

    TAKEN = "taken"  # 2xx
    GONE = "gone"  # 410: the receiver wants no more
    REDIRECT = "redirect"  # 3xx, which is not followed
    SLOW_DOWN = "slow_down"
    REFUSED = "refused"  # any other status
    NO_CONNECTION = "no_connection"
    TLS = "tls"  # the certificate is not accepted
    NO_ANSWER = "no_answer"  # none in time, or a broken one: it may have been taken
    ADDRESS_REFUSED = "address_refused"  # nothing was sent


MEANINGS = {  # of a status; any other is REFUSED
    **dict.fromkeys(range(200, 300), Meaning.TAKEN),
    **dict.fromkeys(range(300, 400), Meaning.REDIRECT),
    410: Meaning.GONE,
    **dict.fromkeys((429, 502, 503, 504), Meaning.SLOW_DOWN),  # where Retry-After counts
}


@dataclass(frozen=True)
class Answered:
    """`status` is the HTTP status, None without an answer; `wait` in seconds is what the receiver asked for."""

    meaning: Meaning
    status: int | None = None
    wait: int = 0
    milliseconds: int = 0
    text: str = ""  # the beginning of the answer, for administrators' eyes only


def deliver(
    url: str,
    keys: Sequence[str],
    message_id: str,
    body: bytes,
    *,
    private_networks: Sequence[Network],
    now: float | None = None,
) -> Answered:
    """Sends the message once, signed for each of the secrets `keys`, and says what became of it.

    Never raises for what happens on the way or for what comes back. `now` is in unix seconds.
    """
    timestamp, began = int(time.time() if now is None else now), time.monotonic()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "wdtadmin-webhook/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(keys, message_id, timestamp, body),
    }
    limits = {"connect_timeout": CONNECT_TIMEOUT, "read_timeout": READ_TIMEOUT}
    adapter = CheckingAdapter(private_networks, only_listed=url.startswith("http:"))
    try:
        addresses.check_address(url, private_networks)
        answer = post(adapter, url, body, headers, largest=LARGEST_ANSWER, **limits)
    except addresses.AddressRefused:
        return Answered(Meaning.ADDRESS_REFUSED)
    except NoAnswer as error:
        meaning = Meaning.NO_ANSWER if error.was_sent else Meaning.NO_CONNECTION
        if isinstance(error.reason, AddressRefused):
            meaning = Meaning.ADDRESS_REFUSED
        elif isinstance(error.reason, urllib3.exceptions.SSLError | ssl.SSLError):
            meaning = Meaning.TLS
        return Answered(meaning, milliseconds=_since(began))
    finally:
        adapter.close()
    meaning, wait = MEANINGS.get(answer.status, Meaning.REFUSED), 0
    if meaning is Meaning.SLOW_DOWN:
        wait = _wait(answer.headers)
    text = answer.content.decode("utf-8", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return Answered(meaning, answer.status, wait, _since(began), text)


def _wait(headers: Mapping[str, str]) -> int:
    """Retry-After, as seconds or as a moment (RFC 9110, 10.2.3); 0 if it is neither."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdecimal() and len(value) < 10:
        return min(int(value), LONGEST_WAIT)
    try:
        seconds = (parsedate_to_datetime(value).astimezone(UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return 0
    return min(max(int(seconds), 0), LONGEST_WAIT)


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
