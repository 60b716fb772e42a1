"""Messages and robots that the tests of this room have in common."""

import json

from cancellations.robots import Message, Robot
from cancellations.robots.stand_in import DEMO

LINK = "https://wdt.example.com/requests/CR20261125-0001/"
MENTIONS = {Robot.WECOM: "zhangsan", Robot.DINGTALK: "manager4220", Robot.FEISHU: "ou_18eac8f5"}


def message(title="待审批 CR20261125-0001", *lines, url=LINK, mentions=()):
    return Message(title, lines or ("店铺：上海一店", "金额：至少 ¥1,980,010.50"), url, tuple(mentions))


def url_of(robot):
    return DEMO[robot].url


def shown(robot, body):
    """Title and text of a body, as the group would read them."""
    body = json.loads(body)
    if robot is Robot.WECOM:
        return "", body["markdown"]["content"]
    if robot is Robot.DINGTALK:
        return body["markdown"]["title"], body["markdown"]["text"]
    card = body["card"]
    texts = [element["content"] for element in card["elements"] if element["tag"] == "markdown"]
    return card["header"]["title"]["content"], "".join(texts)
