"""The stand-in checks what the channels document; what it chose for itself is not tested as if it were known."""

import json
import signal
import urllib.request

import pytest

from cancellations.robots import LIMITS, Robot
from cancellations.robots.bodies import body_of
from cancellations.robots.signing import sign_dingtalk
from cancellations.robots.stand_in import DEMO, StandIn
from cancellations.robots.stand_in.groups import Call, Groups
from tests import processes
from tests.robots.made import MENTIONS, message

NOW = 1_700_000_000
SIGN = "ww0uYz9hgC//la1LzHCxhiH8ja6t5XU0VlJXBRQKVAA="


class Clock:
    now = float(NOW)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def groups(clock):
    return Groups(DEMO.values(), clock=clock)


def call(robot, *, now=NOW, body=None, **changed):
    """A call that is accepted, but for what is changed."""
    known = DEMO[robot]
    signed = {"timestamp": f"{now * 1000}", "sign": sign_dingtalk(now * 1000, known.secret)}
    what = {
        "token": known.token,
        "body": body_of(robot, message(), secret=known.secret, now=now) if body is None else body,
        "query": signed if robot is Robot.DINGTALK else {},
    }
    return Call(robot, **(what | changed))


def number(answer):
    _status, body = answer
    return body.get("errcode", body.get("code"))


def test_it_accepts_the_published_signatures_and_no_other(groups):
    query = {"timestamp": "1700000000000", "sign": SIGN}
    assert number(groups.receive(call(Robot.DINGTALK, query=query))) == 0
    assert number(groups.receive(call(Robot.DINGTALK, query=query | {"sign": SIGN.replace("/", "%2F")}))) == 310000
    body = json.loads(call(Robot.FEISHU).body)
    assert body["sign"] == "8oT2n3SMKFfEnDoiwer8BUM/SjKLwe9SqoEIHlhDTKo="
    assert number(groups.receive(call(Robot.FEISHU))) == 0
    body["sign"] = "Jo+BcIpYOGJCAvpJ++qSw87Rqhi9JUu1uVQKqanKycY="
    assert number(groups.receive(call(Robot.FEISHU, body=json.dumps(body).encode()))) == 19021


@pytest.mark.parametrize(("robot", "refusal"), [(Robot.DINGTALK, 310000), (Robot.FEISHU, 19021)])
def test_a_signature_holds_for_an_hour(groups, clock, robot, refusal):
    clock.now = NOW + 3599
    assert number(groups.receive(call(robot))) == 0
    clock.now = NOW + 3601
    assert number(groups.receive(call(robot))) == refusal


@pytest.mark.parametrize("stamp", ["", "soon", "-1", "9" * 30, "１７００"])
def test_a_moment_that_is_none_is_refused(groups, stamp):
    assert number(groups.receive(call(Robot.DINGTALK, query={"timestamp": stamp, "sign": SIGN}))) == 310000


@pytest.mark.parametrize(
    ("robot", "changed", "refusal", "status"),
    [
        (Robot.WECOM, {"token": "other"}, 93000, 200),
        (Robot.WECOM, {"body": b"{"}, 40008, 200),
        (Robot.WECOM, {"body": b'{"msgtype":"markdown","markdown":{}}'}, 40008, 200),
        (Robot.DINGTALK, {"token": "other"}, 300005, 200),
        (Robot.DINGTALK, {"method": "GET"}, 43002, 200),
        (Robot.DINGTALK, {"content_type": "text/plain"}, 43004, 200),
        (Robot.DINGTALK, {"body": b"[]"}, 40035, 200),
        (Robot.DINGTALK, {"body": b"x" * 20_001}, 460101, 200),
        (Robot.DINGTALK, {"query": {}}, 310000, 200),
        (Robot.FEISHU, {"body": b"{}"}, 9499, 400),
        (Robot.FEISHU, {"body": b"x" * 20_001}, 9499, 400),
    ],
)
def test_each_refusal_has_the_channels_number(groups, robot, changed, refusal, status):
    answer = groups.receive(call(robot, **changed))
    assert (answer[0], number(answer)) == (status, refusal)
    [arrival] = groups.arrived()
    assert (arrival.accepted, arrival.number) == (False, str(refusal))


def test_wecom_counts_the_bytes_of_the_content(groups):
    for size, refusal in ((LIMITS[Robot.WECOM], 0), (LIMITS[Robot.WECOM] + 1, 40058)):
        body = {"msgtype": "markdown", "markdown": {"content": "x" * size}}
        assert number(groups.receive(call(Robot.WECOM, body=json.dumps(body).encode()))) == refusal


@pytest.mark.parametrize(("robot", "refusal"), [(Robot.DINGTALK, 310000), (Robot.FEISHU, 19024)])
def test_a_message_without_the_keyword_is_refused(groups, robot, refusal):
    body = call(robot).body.replace("采购取消".encode(), "采购".encode())
    assert number(groups.receive(call(robot, body=body))) == refusal


@pytest.mark.parametrize(("robot", "refusal", "blocked"), [(Robot.WECOM, 45009, 60), (Robot.DINGTALK, 130101, 600)])
def test_the_twenty_first_of_a_minute_is_refused_and_some_after_it(groups, clock, robot, refusal, blocked):
    assert [number(groups.receive(call(robot))) for _ in range(21)] == [0] * 20 + [refusal]
    clock.now += blocked - 1
    assert number(groups.receive(call(robot))) == refusal
    clock.now += 1
    assert number(groups.receive(call(robot))) == 0


def test_feishu_takes_five_a_second_and_a_hundred_a_minute(groups, clock):
    assert [number(groups.receive(call(Robot.FEISHU))) for _ in range(6)] == [0] * 5 + [9499]
    clock.now += 0.5
    for _ in range(95):
        clock.now += 0.5
        assert number(groups.receive(call(Robot.FEISHU))) == 0
    clock.now += 1
    status, body = groups.receive(call(Robot.FEISHU))
    assert (status, body["code"], body["msg"]) == (400, 9499, "too many request")


def test_it_sees_who_is_called_as_the_channel_does(groups):
    evil = {"msgtype": "markdown", "markdown": {"content": "采购取消 <@all>"}}
    groups.receive(call(Robot.WECOM, body=json.dumps(evil).encode()))
    only_in_the_text = {"msgtype": "markdown", "markdown": {"title": "采购取消", "text": "@zhangsan"}, "at": {}}
    groups.receive(call(Robot.DINGTALK, body=json.dumps(only_in_the_text).encode()))
    for_all = only_in_the_text | {"at": {"isAtAll": True}}
    groups.receive(call(Robot.DINGTALK, body=json.dumps(for_all).encode()))
    assert [arrival.mentioned for arrival in groups.arrived()] == [("all",), (), ("all",)]


def ask(address, path="/", body=None):
    content = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(address + path, content, timeout=5) as answer:
        return answer.read().decode()


def test_its_page_shows_each_group_with_the_newest_first():
    with StandIn() as stand_in:
        assert "还没有消息" in ask(stand_in.address)
        for robot in Robot:
            stand_in.groups.receive(call(robot, body=body_of(robot, message(f"旧 {robot}"))))
        newer = message("新 wecom", "<script>alert(1)</script>", mentions=[MENTIONS[Robot.WECOM]])
        stand_in.groups.receive(call(Robot.WECOM, body=body_of(Robot.WECOM, newer)))
        stand_in.groups.receive(
            call(Robot.WECOM, body=b'{"msgtype":"markdown","markdown":{"content":"<script>[x](javascript:1)"}}')
        )
        page = ask(stand_in.address)
    assert page.index("新 wecom") < page.index("旧 wecom") < page.index("旧 dingtalk") < page.index("旧 feishu")
    assert "已接受" in page
    assert "已拒绝（310000）" in page
    assert "提醒：zhangsan" in page
    assert '<a href="https://wdt.example.com/requests/CR20261125-0001/"' in page
    assert "<script" not in page
    assert 'href="javascript' not in page


def test_it_is_steered_through_its_door():
    with StandIn() as stand_in:
        where = "/cgi-bin/webhook/send?key=demo-wecom-key"
        ask(stand_in.address, "/_stand_in/misbehave", {"what": "45009", "robot": "wecom", "times": 2, "words": "slow"})
        answers = [json.loads(ask(stand_in.address, where, {})) for _ in range(3)]
        assert answers[:2] == [{"errcode": 45009, "errmsg": "slow"}] * 2
        ask(stand_in.address, "/_stand_in/revoke", {"robot": "wecom"})
        assert json.loads(ask(stand_in.address, where, {}))["errcode"] == 93000
        arrived = json.loads(ask(stand_in.address, "/_stand_in/arrived"))
        assert [arrival["number"] for arrival in arrived][::3] == ["45009", "93000"]
        ask(stand_in.address, "/_stand_in/clear", {})
        assert json.loads(ask(stand_in.address, "/_stand_in/arrived")) == []


@pytest.mark.parametrize("what", ["", "explode"])
def test_it_does_not_misbehave_in_unknown_ways(what):
    with StandIn() as stand_in, pytest.raises(ValueError, match="invalid literal"):
        stand_in.misbehave(what)


@pytest.mark.slow
def test_it_runs_as_a_program_and_ends_when_asked():
    process = processes.start("-m", "cancellations.robots.stand_in", "--fast")
    address = process.stdout.readline().strip().rpartition(" ")[2]
    assert "群机器人替身" in ask(address)
    printed = [process.stdout.readline().strip() for _ in DEMO]
    assert printed == [f"{known.url} {known.secret}".strip() for known in DEMO.values()]
    assert processes.end(process, signal.SIGTERM)[0] == 0
