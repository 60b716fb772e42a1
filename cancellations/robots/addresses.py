"""Which addresses a robot may have: those that the channels give out, and no other."""

import re

from cancellations.robots.channels import Robot

# The whole address, letter for letter: what no parser has taken apart, no two parsers read differently.
_TOKEN = r"[A-Za-z0-9_-]{1,200}"  # noqa: S105 - a pattern
_ADDRESSES = {
    Robot.WECOM: rf"https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key={_TOKEN}",
    Robot.DINGTALK: rf"https://oapi\.dingtalk\.com/robot/send\?access_token={_TOKEN}",
    Robot.FEISHU: rf"https://open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/v2/hook/{_TOKEN}",
}


class AddressRefused(ValueError):
    """The address is none that the channel gives to its robots. The address, which holds a token, is not in it."""


def check_address(robot: Robot, url: str) -> None:
    """Raises AddressRefused unless it is https, of the channel's own host and path, with a token and nothing else.

    The forms are those of WeCom, 91770; DingTalk, custom-robot; Feishu, add-custom-bot.
    """
    if not re.fullmatch(_ADDRESSES[robot], url):
        raise AddressRefused(f"not an address of a robot of {robot}")
