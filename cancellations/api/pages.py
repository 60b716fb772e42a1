"""Cursors: where the next page of a list begins. A caller gets it back to give it on, and cannot make one up."""

import base64
import binascii

from django.utils.crypto import constant_time_compare, salted_hmac
from msgspec import UnsetType

from cancellations.api.problems import refused
from cancellations.api.schemas import ProblemAt

MARK = 12  # bytes


def cursor_of(kind: str, key: int) -> str:
    """The cursor behind the row with this key, of a list of this kind."""
    return base64.urlsafe_b64encode(f"{key}".encode() + b"." + _mark(kind, key)).decode().rstrip("=")


def key_of(kind: str, cursor: str | UnsetType) -> int | None:
    """The key that a cursor stands for; None without one. Raises Refused if it is none of this kind of list."""
    if isinstance(cursor, UnsetType):
        return None
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        key = int(text[: -MARK - 1])
        if constant_time_compare(text[-MARK:], _mark(kind, key)):
            return key
    except (ValueError, binascii.Error):
        pass
    at = ProblemAt(pointer="/cursor", code="cursor", detail="not of this list")
    error = refused("invalid")
    error.errors.append(at)
    raise error


def _mark(kind, key):
    return salted_hmac(f"cancellations.api.{kind}", str(key), algorithm="sha256").digest()[:MARK]
