"""What arrived, as a page to look at: each group as its members would see it."""

import html
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

from cancellations.robots.channels import Robot
from cancellations.robots.stand_in.groups import Arrival
from cancellations.robots.stand_in.shown import EVERYBODY

_CHINA = timezone(timedelta(hours=8))
_NAMES = {Robot.WECOM: "企业微信", Robot.DINGTALK: "钉钉", Robot.FEISHU: "飞书"}
_NOTHING = "<p>还没有消息。</p>"
_STYLE = """
body { font: 16px/1.5 sans-serif; max-width: 48rem; margin: 1rem auto; padding: 0 1rem; color: #222; background: #eee }
article { background: #fff; border-left: 4px solid #2a7; padding: .5rem 1rem; margin: .75rem 0 }
div { overflow-wrap: anywhere }
article.refused { border-color: #c33 }
header, footer { color: #555; font-size: .875rem }
mark { background: #ffe9a8 }
"""


def page_of(arrivals: Iterable[Arrival]) -> str:
    """The whole page; `arrivals` are given with the first one first, and shown with the newest one first.

    A message's own markup is shown as HTML: bold, links, mentions, line breaks. Escaped first: nothing else is.
    """
    groups: dict[Robot, list[str]] = {robot: [] for robot in Robot}
    for arrival in reversed(list(arrivals)):
        moment = datetime.fromtimestamp(arrival.at, UTC).astimezone(_CHINA)
        outcome = "已接受" if arrival.accepted else f"已拒绝（{html.escape(arrival.number)}）"
        called = "、".join("所有人" if name == EVERYBODY else html.escape(name) for name in arrival.mentioned)
        text = html.escape(arrival.text)
        text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
        text = re.sub(r"\[([^\[\]]*)\]\((https?://[^\s()]*)\)", r'<a href="\2" rel="noreferrer">\1</a>', text)
        text = re.sub(r"&lt;@(.+?)&gt;", r"<mark>@\1</mark>", text)
        text = re.sub(r"&lt;at id=(.+?)&gt;&lt;/at&gt;", r"<mark>@\1</mark>", text)
        if arrival.robot is Robot.DINGTALK:
            for name in arrival.mentioned:
                text = text.replace(f"@{html.escape(name)}", f"<mark>@{html.escape(name)}</mark>")
            text = text.replace("\n\n", "<br>")  # a single line break is a blank
        else:
            text = text.replace("\n", "<br>")
        groups[arrival.robot].append(
            f'<article class="{"accepted" if arrival.accepted else "refused"}">'
            f"<header>{moment:%Y-%m-%d %H:%M:%S} · {outcome}</header>"
            f"<h3>{html.escape(arrival.title) or '（读不出内容）'}</h3><div>{text}</div>"
            f"<footer>提醒：{called or '无人'}</footer></article>"
        )
    sections = (
        f"<section><h2>{_NAMES[robot]}</h2>{''.join(shown) or _NOTHING}</section>" for robot, shown in groups.items()
    )
    return (
        '<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><title>群机器人替身</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<h1>群机器人替身</h1>{''.join(sections)}</html>"
    )
