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
    known = (base64.b64decode(key.removeprefix(PREFIX), validate=True) for key in keys)
    macs = (hmac.digest(key, signed, hashlib.sha256) for key in known)
    return " ".join(f"v1,{base64.b64encode(mac).decode()}" for mac in macs)
