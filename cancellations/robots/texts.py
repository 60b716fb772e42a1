"""Texts that nobody of us wrote: an order, a reason, a name. In a message they are words and nothing more.

None of the channels documents how its markup is escaped. What could be markup is therefore written in full-width
forms, which no channel reads as markup: `<@all>` in a reason would call everybody.
"""

import re
import unicodedata
from collections.abc import Iterable

# The marks of all three markups, of HTML, and of markdown beyond what the channels document.
_MARKS = "<>[]()*_@`" + "\\&~#|"
_FULL_WIDTH = str.maketrans({mark: chr(ord(mark) + 0xFEE0) for mark in _MARKS})
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_URL = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9._~:/?#&=%+,;-]{0,999}")
# At the beginning of a line they make a list, a rule, or a heading of the line before.
_LEADING = re.compile(r"[-+=]+|\d{1,9}[.](?=\s)")
_LEADING_FULL_WIDTH = str.maketrans("-+=.", "－＋＝．")
_MENTION = re.compile(r"[A-Za-z0-9._+-]{1,64}")
_MENTIONS = 2000  # bytes of all of them together; the rest of a message has room beside them in every channel


def plain(text: str) -> str:
    """One line of words: without markup, mentions, controls and addresses that a client would make a link of."""
    text = _BIDI.sub("", text).encode("utf-8", "replace").decode()
    text = "".join(" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in text)
    text = text.translate(_FULL_WIDTH).replace("://", "：//").strip()
    end = found.end() if (found := _LEADING.match(text)) else 0
    return text[:end].translate(_LEADING_FULL_WIDTH) + text[end:]


def cut(text: str, size: int) -> str:
    """The text in at most `size` bytes; what was cut ends in `…`. A character is never cut in two."""
    content = text.encode()
    if len(content) <= size:
        return text
    mark = "…" if size >= 3 else ""
    return content[: max(size - 3, 0)].decode("utf-8", "ignore").rstrip() + mark


def is_link(url: str) -> bool:
    """Whether it is an http or https address that no channel's markup can mistake for its end; at most 1000 bytes."""
    return _URL.fullmatch(url) is not None


def mentionable(ids: Iterable[str]) -> list[str]:
    """The ids that may be mentioned, each once. `all` calls everybody in all three channels, so it is nobody's id."""
    kept: list[str] = []
    room = _MENTIONS
    for name in dict.fromkeys(ids):
        needed = len(name) + 20  # with what stands around it
        if _MENTION.fullmatch(name) and name.lower() != "all" and needed <= room:
            kept.append(name)
            room -= needed
    return kept
