"""The signatures of DingTalk and Feishu. WeCom has none: its key in the address is all."""

import base64
import hashlib
import hmac


def sign_dingtalk(milliseconds: int, secret: str) -> str:
    """DingTalk's signature in base64, not yet percent-encoded (DingTalk, custom-robot: 加签).

    The secret is the key; the moment, in milliseconds since 1970, is a part of the text. It holds for one hour.
    """
    return _sign(key=secret, text=f"{milliseconds}\n{secret}")


def sign_feishu(seconds: int, secret: str) -> str:
    """Feishu's signature in base64 (Feishu, add-custom-bot: 签名校验).

    Moment, in seconds since 1970, and secret are the key; the text is empty. It holds for one hour.
    """
    return _sign(key=f"{seconds}\n{secret}", text="")


def _sign(*, key: str, text: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), hashlib.sha256)).decode()
