"""What a group sees of a body, and whom it calls, read as the channel reads it."""

import json
import re
from dataclasses import dataclass
from typing import Any

from cancellations.robots.channels import Robot

EVERYBODY = "all"


@dataclass(frozen=True)
class Shown:
    """The line of the phone's notification, the text with the channel's markup, and the ids that are called."""

    title: str = ""
    text: str = ""
    mentioned: tuple[str, ...] = ()


class Malformed(ValueError):
    """A body that is not one of the kinds of message that are sent here; says what is missing."""


def read_body(robot: Robot, body: bytes) -> Shown:
    """Raises Malformed."""
    try:
        message = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise Malformed("json") from None
    read = {Robot.WECOM: _wecom, Robot.DINGTALK: _dingtalk, Robot.FEISHU: _feishu}[robot]
    try:
        return read(message)
    except (KeyError, TypeError, IndexError, AttributeError):
        raise Malformed("field") from None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise Malformed("text")
    return value


def _wecom(message: Any) -> Shown:
    if message["msgtype"] != "markdown":
        raise Malformed("type")
    content = _text(message["markdown"]["content"])
    return Shown(content.partition("\n")[0].replace("**", ""), content, tuple(re.findall(r"<@([^<>]+)>", content)))


def _dingtalk(message: Any) -> Shown:
    """Somebody is called who stands both in `at` and, after an @, in the text (DingTalk, custom-robot)."""
    if message["msgtype"] != "markdown":
        raise Malformed("type")
    markdown, at = message["markdown"], message.get("at", {})
    text = _text(markdown["text"])
    named = [name for key in ("atMobiles", "atUserIds") for name in at.get(key, []) if f"@{name}" in text]
    return Shown(_text(markdown["title"]), text, (*named, *([EVERYBODY] if at.get("isAtAll") else [])))


def _feishu(message: Any) -> Shown:
    if message["msg_type"] != "interactive":
        raise Malformed("type")
    card = message["card"]
    parts = []
    for element in card["elements"]:
        if element["tag"] == "markdown":
            parts.append(_text(element["content"]))
        elif element["tag"] == "action":
            parts += [f"[{_text(button['text']['content'])}]({_text(button['url'])})" for button in element["actions"]]
        else:
            raise Malformed("element")
    text = "\n".join(parts)
    mentioned = re.findall(r"<at id=[\"']?([^<>\"']+)[\"']?></at>", text)
    return Shown(_text(card["header"]["title"]["content"]), text, tuple(mentioned))
