"""The three channels, and what each of them allows."""

import enum


class Robot(enum.StrEnum):
    """A robot that speaks in one group: 消息推送 of WeCom, 自定义机器人 of DingTalk and of Feishu (abroad: Lark)."""

    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"


# DingTalk and Feishu can demand a keyword. This one is in every message, so that it can be the demanded one.
FIRST_WORD = "采购取消"

# Least seconds between two messages of one robot. WeCom and DingTalk take 20 a minute (WeCom, 91770; DingTalk,
# custom-robot), Feishu 100 a minute and 5 a second (Feishu, add-custom-bot).
PACE: dict[Robot, float] = {Robot.WECOM: 3.2, Robot.DINGTALK: 3.2, Robot.FEISHU: 0.7}

# Bytes in UTF-8: of WeCom's markdown content (WeCom, 91770), and of the whole body (DingTalk, custom-robot; Feishu,
# add-custom-bot: 20 KB).
LIMITS: dict[Robot, int] = {Robot.WECOM: 4096, Robot.DINGTALK: 20_000, Robot.FEISHU: 20_000}
