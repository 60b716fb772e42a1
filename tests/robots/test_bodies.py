import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancellations.robots import LIMITS, Message, Robot
from cancellations.robots.bodies import LinkRefused, body_of
from tests.robots.made import LINK, MENTIONS, message, shown

LONG = message("很长的标题" * 500, *["采购单" * 3000, '"引号"\\' * 3000] * 3)


def test_wecom_gets_markdown_with_mentions_in_the_text():
    assert json.loads(body_of(Robot.WECOM, message(mentions=["zhangsan", "lisi"]))) == {
        "msgtype": "markdown",
        "markdown": {
            "content": "采购取消 **待审批 CR20261125-0001**\n店铺：上海一店\n金额：至少 ¥1,980,010.50\n"
            f"[打开]({LINK})\n<@zhangsan> <@lisi>"
        },
    }


def test_dingtalk_gets_markdown_with_empty_lines_and_mentions_twice():
    assert json.loads(body_of(Robot.DINGTALK, message(mentions=["manager4220", "13800000000"]))) == {
        "msgtype": "markdown",
        "markdown": {
            "title": "采购取消 待审批 CR20261125-0001",
            "text": "采购取消 **待审批 CR20261125-0001**\n\n店铺：上海一店\n\n金额：至少 ¥1,980,010.50\n\n"
            f"[打开]({LINK})\n\n@manager4220 @13800000000",
        },
        "at": {"atMobiles": ["13800000000"], "atUserIds": ["manager4220"], "isAtAll": False},
    }


def test_feishu_gets_a_card_with_a_button():
    body = json.loads(body_of(Robot.FEISHU, message(mentions=["ou_18eac8f5"])))
    assert "sign" not in body
    assert body["msg_type"] == "interactive"
    assert body["card"]["header"]["title"] == {"tag": "plain_text", "content": "采购取消 待审批 CR20261125-0001"}
    text, action = body["card"]["elements"]
    assert text == {
        "tag": "markdown",
        "content": "店铺：上海一店\n金额：至少 ¥1,980,010.50\n<at id=ou_18eac8f5></at>",
    }
    [button] = action["actions"]
    assert button["url"] == LINK


def test_feishus_signature_is_in_the_body():
    body = json.loads(body_of(Robot.FEISHU, message(), secret="demo", now=1_700_000_000.9))
    assert body["timestamp"] == "1700000000"
    assert body["sign"] == "8oT2n3SMKFfEnDoiwer8BUM/SjKLwe9SqoEIHlhDTKo="


@pytest.mark.parametrize("robot", Robot)
def test_the_first_word_comes_first_and_once(robot):
    for title in ("待审批", "采购取消 待审批", ""):
        heading, text = shown(robot, body_of(robot, message(title)))
        beginning = heading or text
        assert beginning.startswith("采购取消")
        assert beginning.count("采购取消") == 1


@pytest.mark.parametrize("robot", Robot)
def test_foreign_text_neither_marks_up_nor_calls(robot):
    evil = '<@all> <at id=all></at> [x](https://evil.example) **x** `x` @all\n<font color="warning">'
    title, text = shown(robot, body_of(robot, message(evil, evil)))
    ours = text.replace(f"[打开]({LINK})", "").replace("采购取消 **", "").replace("**", "")
    assert not set("<>[]()*_@`") & set(title + ours)


@pytest.mark.parametrize("robot", Robot)
def test_a_long_message_is_cut_and_keeps_its_link_and_mentions(robot):
    body = body_of(robot, Message(LONG.title, LONG.lines, LINK, (MENTIONS[robot],)), secret="demo")
    _title, text = shown(robot, body)
    size = len(text.encode()) if robot is Robot.WECOM else len(body)
    assert LIMITS[robot] - 10 < size <= LIMITS[robot]
    assert LINK.encode() in body
    assert MENTIONS[robot] in text
    assert "…" in text
    assert "\ufffd" not in text


@given(
    st.sampled_from(Robot),
    st.text(),
    st.lists(st.text(max_size=50).map(lambda text: text * 100), max_size=5),
    st.lists(st.text(max_size=70), max_size=80),
    st.text("abc/?&=%._~", max_size=900),
)
def test_every_message_keeps_to_the_limit_and_holds_its_link(robot, title, lines, mentions, end):
    url = "https://wdt.example.com/" + end
    body = body_of(robot, Message(title, tuple(lines), url, tuple(mentions)), secret="demo", now=1_700_000_000)
    size = len(shown(robot, body)[1].encode()) if robot is Robot.WECOM else len(body)
    assert size <= LIMITS[robot]
    assert url in body.decode()


@pytest.mark.parametrize("robot", Robot)
@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "https://a/) <@all>"])
def test_a_link_that_ends_the_markup_is_refused(robot, url):
    with pytest.raises(LinkRefused):
        body_of(robot, message(url=url))
