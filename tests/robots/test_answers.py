import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancellations.robots import CODES, Meaning, Robot, State, Verdict
from cancellations.robots.answers import read_answer

WECOM, DINGTALK, FEISHU = Robot
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def answer(robot, number, words="", status=200):
    names = ("code", "msg") if robot is FEISHU else ("errcode", "errmsg")
    return read_answer(robot, status, json.dumps(dict(zip(names, (number, words), strict=True))).encode())


@pytest.mark.parametrize(
    ("robot", "number", "verdict"),
    [
        (WECOM, 0, (State.SENT, 0, Meaning.TAKEN)),
        (WECOM, -1, (State.AGAIN, 30, Meaning.BUSY)),
        (WECOM, 45009, (State.AGAIN, 60, Meaning.TOO_OFTEN)),
        (WECOM, 93000, (State.OFF, 0, Meaning.GONE)),
        (WECOM, 40008, (State.NEVER, 0, Meaning.PARAMETER)),
        (WECOM, 40058, (State.NEVER, 0, Meaning.PARAMETER)),
        (WECOM, 44004, (State.NEVER, 0, Meaning.PARAMETER)),
        (DINGTALK, 0, (State.SENT, 0, Meaning.TAKEN)),
        (DINGTALK, 130101, (State.AGAIN, 600, Meaning.TOO_OFTEN)),
        (DINGTALK, 410100, (State.AGAIN, 600, Meaning.TOO_OFTEN)),
        (DINGTALK, 310000, (State.OFF, 0, Meaning.KEYWORD_SIGN_IP_OR_CLOCK)),
        (DINGTALK, 300001, (State.OFF, 0, Meaning.GONE)),
        (DINGTALK, 300005, (State.OFF, 0, Meaning.GONE)),
        (DINGTALK, 400101, (State.OFF, 0, Meaning.GONE)),
        (DINGTALK, 400106, (State.OFF, 0, Meaning.GONE)),
        (DINGTALK, 400013, (State.OFF, 0, Meaning.GROUP_DISSOLVED)),
        (DINGTALK, 400102, (State.OFF, 0, Meaning.ROBOT_STOPPED)),
        (DINGTALK, 460101, (State.NEVER, 0, Meaning.TOO_LARGE)),
        (DINGTALK, 40035, (State.NEVER, 0, Meaning.PARAMETER)),
        (DINGTALK, 43002, (State.NEVER, 0, Meaning.METHOD)),
        (DINGTALK, 43004, (State.NEVER, 0, Meaning.CONTENT_TYPE)),
        (DINGTALK, 90030, (State.AGAIN, 14400, Meaning.QUOTA_USED_UP)),
        (FEISHU, 0, (State.SENT, 0, Meaning.TAKEN)),
        (FEISHU, 11232, (State.AGAIN, 60, Meaning.BUSY)),
        (FEISHU, 9499, (State.NEVER, 0, Meaning.WRONG_OR_TOO_LARGE)),
        (FEISHU, 19021, (State.OFF, 0, Meaning.SIGN_OR_CLOCK)),
        (FEISHU, 19022, (State.OFF, 0, Meaning.IP_NOT_LISTED)),
        (FEISHU, 19024, (State.OFF, 0, Meaning.KEYWORD)),
        (FEISHU, 19001, (State.OFF, 0, Meaning.GONE)),
    ],
)
def test_the_number_decides(robot, number, verdict):
    state, wait, meaning = verdict
    assert answer(robot, number, "ok success") == Verdict(state, str(number), wait, meaning)
    assert CODES[robot].get(str(number), Meaning.PARAMETER) is meaning


def test_one_number_of_feishus_needs_the_words():
    assert answer(FEISHU, 9499, "Too many requests", 400) == Verdict(State.AGAIN, "9499", 60, Meaning.TOO_OFTEN)
    assert answer(FEISHU, 9499, "Bad Request", 400).state is State.NEVER


def test_a_refusal_of_feishus_counts_under_http_400_too():
    assert answer(FEISHU, 19024, status=400).meaning is Meaning.KEYWORD


def test_feishu_once_called_the_number_status_code():
    assert read_answer(FEISHU, 200, b'{"StatusCode":0,"StatusMessage":"success"}').state is State.SENT
    assert read_answer(FEISHU, 200, b'{"StatusCode":0,"code":19021}').state is State.OFF


@pytest.mark.parametrize("robot", Robot)
def test_a_number_that_no_table_explains_is_tried_again_later(robot):
    assert answer(robot, 777) == Verdict(State.AGAIN, "777", 600, Meaning.UNLISTED)


@pytest.mark.parametrize("number", ["0", 0.0, " 0 ", "0.0", -0.0])
def test_a_number_may_come_as_text_or_float(number):
    assert answer(WECOM, number) == Verdict(State.SENT, "0", 0, Meaning.TAKEN)


@pytest.mark.parametrize(
    "number",
    [
        None,
        True,
        False,
        "",
        "ok",
        0.5,
        [],
        [0],
        {},
        10**30,
        1e300,
        float("nan"),
        float("inf"),
        "0" + " " * 60 + "1",
        "٠",
    ],
)
def test_what_is_no_number_is_not_taken_for_one(number):
    assert answer(WECOM, number) == Verdict(State.AGAIN, "no_number", 60, Meaning.UNREADABLE)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>502</html>",
        b'{"errcode":0',
        b"0",
        b"null",
        b'"ok"',
        b'[{"errcode":0}]',
        b"[" * 60_000,
        b'{"errcode":' + b"9" * 60_000 + b"}",
        b'{"errcode":93000,"errcode":0}',
        '{"errcode":0}'.encode("utf-16"),
        b"\xff\xfe\x00",
        b"\x1f\x8b\x08\x00",
    ],
)
def test_what_is_no_answer_may_have_been_delivered(content):
    assert read_answer(WECOM, 200, content) == Verdict(State.AGAIN, "no_json", 60, Meaning.UNREADABLE)


@pytest.mark.parametrize(
    "content",
    [
        b'\xef\xbb\xbf{"errcode":0}',
        '{"errcode":0,"errmsg":"成功"}'.encode("gb18030"),
        b'{"errcode":0,"errmsg":"a\nb\x00"}',
        b'{"errmsg":' + b"[" * 100 + b"]" * 100 + b',"errcode":0}',
    ],
)
def test_a_number_is_read_beside_words_that_are_broken(content):
    assert read_answer(WECOM, 200, content).state is State.SENT


@pytest.mark.parametrize("status", [301, 302, 307, 500, 502, 503, 504])
@pytest.mark.parametrize("content", [b"", b'{"errcode":0,"code":0}', b'{"errcode":93000,"code":19001}'])
@pytest.mark.parametrize("robot", Robot)
def test_a_redirect_or_a_gateways_error_says_nothing(robot, status, content):
    assert read_answer(robot, status, content) == Verdict(State.AGAIN, f"http_{status}", 60, Meaning.HTTP)


@pytest.mark.parametrize("content", [b"forbidden", b'{"errcode":0,"code":0}'])
def test_success_under_another_http_status_is_not_believed(content):
    assert read_answer(WECOM, 403, content) == Verdict(State.AGAIN, "http_403", 60, Meaning.HTTP)


@given(st.sampled_from(Robot), st.integers(100, 999), st.binary())
def test_no_bytes_make_it_raise_or_mean_success(robot, status, content):
    assert read_answer(robot, status, content).state is State.AGAIN


@given(st.sampled_from(Robot), JSON, st.text())
def test_nothing_but_zero_is_success(robot, number, words):
    name, said = ("code", "msg") if robot is FEISHU else ("errcode", "errmsg")
    verdict = read_answer(robot, 200, json.dumps({name: number, said: words}).encode())
    if verdict.state is State.SENT:
        assert not isinstance(number, bool)
        assert float(number) == 0
    assert (verdict.wait > 0) == (verdict.state is State.AGAIN)
    assert len(verdict.code) < 16


@given(st.sampled_from(Robot), JSON)
def test_no_json_makes_it_raise(robot, value):
    read_answer(robot, 200, json.dumps(value).encode())
