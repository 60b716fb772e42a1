"""Makes a message into what each channel takes. The link and the mentions are always in it; long texts are cut."""

import json
import re
from bisect import bisect_right
from dataclasses import dataclass, replace
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
    message = replace(message, title=title, mentions=tuple(mentionable(message.mentions)))
    text = ("\n\n" if robot is Robot.DINGTALK else "\n").join(filter(None, map(plain, message.lines)))
    signed: dict[str, Any] = {}
    if robot is Robot.FEISHU and secret:
        signed = {"timestamp": str(int(now)), "sign": sign_feishu(int(now), secret)}
    whole, limit = signed | _shape(robot, message, text), LIMITS[robot]
    if _size(robot, whole) <= limit:
        return _json(whole)
    text = cut(text, limit)  # JSON never writes a text in fewer bytes than it has
    fitting = bisect_right(
        range(len(text) + 1),
        limit,
        key=lambda size: _size(robot, signed | _shape(robot, message, text[:size] + "…")),
    )
    return _json(signed | _shape(robot, message, text[: fitting - 1] + "…"))


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _size(robot: Robot, body: dict[str, Any]) -> int:
    """What the channel's limit counts, in bytes."""
    return len(body["markdown"]["content"].encode() if robot is Robot.WECOM else _json(body))


def _joined(*parts: str, by: str) -> str:
    return by.join(filter(None, parts))


def _shape(robot: Robot, message: Message, text: str) -> dict[str, Any]:
    """The message with this text, as the channel wants it."""
    title = _joined(FIRST_WORD, message.title, by=" ")
    headline = _joined(FIRST_WORD, f"**{message.title}**" if message.title else "", by=" ")
    link, names = f"[{LINK_WORD}]({message.url})", message.mentions
    match robot:
        case Robot.WECOM:  # markdown, for markdown_v2 mentions nobody, and old clients show its marks (WeCom, 91770)
            mentions = " ".join(f"<@{name}>" for name in names)
            content = _joined(headline, text, link, mentions, by="\n")
            return {"msgtype": "markdown", "markdown": {"content": content}}
        case Robot.DINGTALK:  # a mention is both in `at` and in the text; an empty line ends a line (custom-robot)
            mentions = " ".join(f"@{name}" for name in names)
            content = _joined(headline, text, link, mentions, by="\n\n")
            mobiles = [name for name in names if _MOBILE.fullmatch(name)]
            others = [name for name in names if name not in mobiles]
            at = {"atMobiles": mobiles, "atUserIds": others, "isAtAll": False}
            return {"msgtype": "markdown", "markdown": {"title": title, "text": content}, "at": at}
        case Robot.FEISHU:  # a card of version 1.0; its button can only open an address (Feishu, add-custom-bot)
            mentions = " ".join(f"<at id={name}></at>" for name in names)
            content = _joined(text, mentions, by="\n")
            label = {"tag": "plain_text", "content": LINK_WORD}
            button = {"tag": "button", "text": label, "type": "primary", "url": message.url}
            shown = [{"tag": "markdown", "content": content}] if content else []
            header = {"title": {"tag": "plain_text", "content": title}, "template": "orange"}
            elements = [*shown, {"tag": "action", "actions": [button]}]
            card = {"config": {"wide_screen_mode": True}, "header": header, "elements": elements}
            return {"msg_type": "interactive", "card": card}
