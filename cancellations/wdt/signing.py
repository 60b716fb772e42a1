"""The signature of a call, as reference section 1 has it (vendor documentation and several public clients)."""

import hashlib
from collections.abc import Mapping

# 2012-01-01 00:00:00 at UTC+8: the ERP counts seconds from there.
EPOCH = 1_325_347_200


def sign(params: Mapping[str, str], secret: str) -> str:
    """The signature of a call: 32 lowercase hexadecimal digits.

    `params` holds every query parameter except `sign`, un-encoded, and under the name `body` exactly the JSON
    text that is POSTed.
    """
    joined = "".join(name + params[name] for name in sorted(params))
    # MD5 is the vendor's protocol; it protects nothing of ours.
    return hashlib.md5(f"{secret}{joined}{secret}".encode(), usedforsecurity=False).hexdigest()


def timestamp(unix_seconds: float) -> str:
    """The ERP's `timestamp` for a moment given in unix seconds."""
    return str(int(unix_seconds) - EPOCH)
