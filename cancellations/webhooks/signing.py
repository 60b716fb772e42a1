"""The signature of Standard Webhooks (standardwebhooks.com, version 1): symmetric, `v1`."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
KEY_BYTES = 32  # the scheme asks for 24 to 64


def new_secret() -> str:
    """A new secret, as a receiver keeps it: `whsec_` and a random key in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def sign(keys: Sequence[str], message_id: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`: one signature for each secret, so that a receiver can change from one to the
    next. Raises ValueError for a secret that is none."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return " ".join(f"v1,{_mac(key, signed)}" for key in keys)


def _mac(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
