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
    kind = "interactive" if robot is Robot.FEISHU else "markdown"
    try:
        if message["msg_type" if robot is Robot.FEISHU else "msgtype"] != kind:
            raise Malformed("type")
        match robot:
            case Robot.WECOM:
                text = _text(message["markdown"]["content"])
                title, mentioned = text.partition("\n")[0].replace("**", ""), re.findall(r"<@([^<>]+)>", text)
            case Robot.DINGTALK:  # called is who stands both in `at` and, after an @, in the text (custom-robot)
                markdown, at = message["markdown"], message.get("at", {})
                text, title = _text(markdown["text"]), _text(markdown["title"])
                mentioned = [
                    name for key in ("atMobiles", "atUserIds") for name in at.get(key, []) if f"@{name}" in text
                ]
                mentioned += [EVERYBODY] if at.get("isAtAll") else []
            case Robot.FEISHU:
                parts = []
                for element in message["card"]["elements"]:
                    if element["tag"] == "markdown":
                        parts.append(_text(element["content"]))
                    elif element["tag"] == "action":
                        parts += [
                            f"[{_text(button['text']['content'])}]({_text(button['url'])})"
                            for button in element["actions"]
                        ]
                    else:
                        raise Malformed("element")
                title, text = _text(message["card"]["header"]["title"]["content"]), "\n".join(parts)
                mentioned = re.findall(r"<at id=[\"']?([^<>\"']+)[\"']?></at>", text)
        return Shown(title, text, tuple(mentioned))
    except (KeyError, TypeError, IndexError, AttributeError):
        raise Malformed("field") from None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise Malformed("text")
    return value
