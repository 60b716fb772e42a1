"""Makes a message into what each channel takes. The link and the mentions are always in it; long texts are cut."""

import json
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cancellations.robots.channels import FIRST_WORD, LIMITS, Robot
from cancellations.robots.signing import sign_feishu
from cancellations.robots.texts import cut, is_link, mentionable, plain

LINK_WORD = "打开"
_TITLE = 300  # bytes
# DingTalk takes both in one list of ours. A number of China without its country, or any with one, is a mobile number.
_MOBILE = re.compile(r"\+[0-9-]+|1[3-9][0-9]{9}")


class LinkRefused(ValueError):
    """The link of a message is not http or https, or holds characters that end the markup around it."""


@dataclass(frozen=True)
class Message:
    """What a group is told: plain texts of our own and foreign ones, and the page where it can be acted upon.

    `mentions` are ids of the channel: WeCom's userid, DingTalk's userid or mobile number, Feishu's open_id. One that
    has other characters than letters, digits and `. _ - +` is left out, and so is `all`.
    """

    title: str
    lines: tuple[str, ...]
    url: str
    mentions: tuple[str, ...] = ()


def body_of(robot: Robot, message: Message, *, secret: str = "", now: float = 0.0) -> bytes:
    """The JSON to be POSTed, in UTF-8, within the channel's limit; Feishu's is signed for `now`, in unix seconds.

    Its shapes are those of WeCom, 91770; DingTalk, custom-robot; Feishu, add-custom-bot. Raises LinkRefused.
    """
    if not is_link(message.url):
        raise LinkRefused("not a link that a message can hold")
    title = cut(plain(message.title).removeprefix(FIRST_WORD).strip(), _TITLE)
    names = mentionable(message.mentions)
    lines = [line for line in map(plain, message.lines) if line]
    match robot:
        case Robot.WECOM:
            body = _fitting(lambda text: _wecom(title, text, message.url, names), "\n".join(lines), robot)
        case Robot.DINGTALK:
            body = _fitting(lambda text: _dingtalk(title, text, message.url, names), "\n\n".join(lines), robot)
        case Robot.FEISHU:
            signed = _feishu_signature(secret, now)
            body = _fitting(lambda text: signed | _feishu(title, text, message.url, names), "\n".join(lines), robot)
    return _json(body)


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _size(robot: Robot, body: dict[str, Any]) -> int:
    """What the channel's limit counts, in bytes."""
    return len(body["markdown"]["content"].encode() if robot is Robot.WECOM else _json(body))


def _fitting(make: Callable[[str], dict[str, Any]], text: str, robot: Robot) -> dict[str, Any]:
    """The body with as much of the text as fits; what was cut ends in `…`."""
    limit = LIMITS[robot]
    whole = make(text)
    if _size(robot, whole) <= limit:
        return whole
    text = cut(text, limit)  # JSON never writes a text in fewer bytes than it has
    sizes = range(len(text) + 1)
    fitting = bisect_right(sizes, limit, key=lambda size: _size(robot, make(text[:size] + "…")))
    return make(text[: fitting - 1] + "…")


def _joined(*parts: str, by: str) -> str:
    return by.join(filter(None, parts))


def _wecom(title: str, text: str, url: str, names: list[str]) -> dict[str, Any]:
    """Type markdown: markdown_v2 mentions nobody, and old clients show its marks (WeCom, 91770)."""
    mentions = " ".join(f"<@{name}>" for name in names)
    content = _joined(_headline(title), text, f"[{LINK_WORD}]({url})", mentions, by="\n")
    return {"msgtype": "markdown", "markdown": {"content": content}}


def _dingtalk(title: str, text: str, url: str, names: list[str]) -> dict[str, Any]:
    """Mentions must be both in `at` and in the text; a line ends with an empty one (DingTalk, custom-robot)."""
    mentions = " ".join(f"@{name}" for name in names)
    shown = _joined(_headline(title), text, f"[{LINK_WORD}]({url})", mentions, by="\n\n")
    mobiles = [name for name in names if _MOBILE.fullmatch(name)]
    return {
        "msgtype": "markdown",
        "markdown": {"title": _joined(FIRST_WORD, title, by=" "), "text": shown},
        "at": {
            "atMobiles": mobiles,
            "atUserIds": [name for name in names if name not in mobiles],
            "isAtAll": False,
        },
    }


def _feishu(title: str, text: str, url: str, names: list[str]) -> dict[str, Any]:
    """A card of version 1.0; its button can only open an address (Feishu, add-custom-bot)."""
    mentions = " ".join(f"<at id={name}></at>" for name in names)
    content = _joined(text, mentions, by="\n")
    button = {
        "tag": "button",
        "text": {"tag": "plain_text", "content": LINK_WORD},
        "type": "primary",
        "url": url,
    }
    return {
        "msg_type": "interactive",
        "card": {
            "config": {"wide_screen_mode": True},
            "header": {
                "title": {"tag": "plain_text", "content": _joined(FIRST_WORD, title, by=" ")},
                "template": "orange",
            },
            "elements": [
                *([{"tag": "markdown", "content": content}] if content else []),
                {"tag": "action", "actions": [button]},
            ],
        },
    }


def _feishu_signature(secret: str, now: float) -> dict[str, str]:
    seconds = int(now)
    return {"timestamp": str(seconds), "sign": sign_feishu(seconds, secret)} if secret else {}


def _headline(title: str) -> str:
    return _joined(FIRST_WORD, f"**{title}**" if title else "", by=" ")
