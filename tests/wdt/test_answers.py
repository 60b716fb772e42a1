import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancellations.wdt.answers import read_answer, read_cancel, read_now
from cancellations.wdt.errors import State, Why

SENT = ["CG1", "CG2", "CG12"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


# Reference section 2: the envelope.
@pytest.mark.parametrize(
    ("status", "message", "state", "why"),
    [
        (0, None, State.ANSWERED, None),
        (1, "参数错误", State.NOT_EXECUTED, Why.ARGUMENT),
        (1, "invalid argument count", State.NOT_EXECUTED, Why.ARGUMENT),
        (1, "sid is not exists", State.NOT_EXECUTED, Why.SIGN),
        (1, "验证失败", State.NOT_EXECUTED, Why.SIGN),
        (1, "app auth fail", State.NOT_EXECUTED, Why.SIGN),
        (2, "", State.NOT_EXECUTED, Why.ARGUMENT),
        (3, "", State.NOT_EXECUTED, Why.SIGN),
        (6, "", State.NOT_EXECUTED, Why.IP),
        (7, "", State.NOT_EXECUTED, Why.CLOCK),
        (8, "", State.NOT_EXECUTED, Why.ARGUMENT),
        (4, "", State.UNKNOWN, Why.ERP_ERROR),
        (5, "", State.UNKNOWN, Why.ERP_ERROR),
        (99, "", State.UNKNOWN, Why.ERP_ERROR),
        (1064, "", State.UNKNOWN, Why.ERP_ERROR),
        (100, "超过每分钟最大调用频率限制，请稍后", State.NOT_EXECUTED, Why.RATE),
        (100, "超过每分钟最大调用频率限制,请稍后", State.NOT_EXECUTED, Why.RATE),
        (100, "超过每分钟最大并发次数限制，请稍后", State.NOT_EXECUTED, Why.RATE),
        (100, "权限不足", State.NOT_EXECUTED, Why.PERMISSION),
        (100, "无仓库访问权限", State.NOT_EXECUTED, Why.PERMISSION),
        (100, "operate_type must not be null", State.NOT_EXECUTED, Why.ARGUMENT),
        (100, "采购单号不能为空", State.NOT_EXECUTED, Why.ARGUMENT),
        (100, "采购单每次调用不得超过200条或为空", State.NOT_EXECUTED, Why.ARGUMENT),
        (100, "The API used internal only!", State.NOT_EXECUTED, Why.PERMISSION),
        (100, "系统繁忙", State.UNKNOWN, Why.ERP_ERROR),
        (12345, "", State.UNKNOWN, Why.ERP_ERROR),
        ("0", None, State.ANSWERED, None),
        ("7", "", State.NOT_EXECUTED, Why.CLOCK),
    ],
)
def test_the_envelope_says_whether_anything_was_executed(status, message, state, why):
    answer = read_answer(200, json.dumps({"status": status, "message": message}))
    assert (answer.state, answer.why, answer.message) == (state, why, message or "")


@pytest.mark.parametrize(
    "text", ["", "<html>502</html>", '{"status":0,"da', "null", "[]", "1", '{"status":true}', "{}"]
)
def test_a_text_that_is_no_answer_leaves_it_unknown(text):
    answer = read_answer(200, text)
    assert (answer.state, answer.why, answer.text) == (State.UNKNOWN, Why.UNREADABLE, text)


@pytest.mark.parametrize("status", [204, 301, 307, 400, 403, 500, 502, 504])
def test_another_http_status_leaves_it_unknown(status):
    answer = read_answer(status, '{"status":0,"data":{"code":0,"message":"","error_count":0}}')
    assert (answer.state, answer.why) == (State.UNKNOWN, Why.HTTP)


def test_deep_nesting_is_unreadable_and_nothing_worse():
    assert read_answer(200, "[" * 200_000).state is State.UNKNOWN


def of(*errors, count=None, code=1):
    message = json.dumps([{"error": error} for error in errors], ensure_ascii=False)
    return {"code": code, "message": message, "error_count": len(errors) if count is None else count}


def test_everything_is_done_when_the_answer_says_so():
    result = read_cancel({"code": 0, "message": "", "error_count": 0}, SENT)
    assert (result.done, result.proved) == (tuple(SENT), True)


# The vendor's page, section 6, letter for letter.
SAMPLE_OF_SUCCESS = """{
"status": 0,
"data": {
"code": 0,
"message":"",
"error_count": 0
}
}"""
SAMPLE_OF_FAILURE = r"""{
"status": 0,
"data": {
"code": 1,
"message":"[{\"error\":\"采购单编号:CG2212140009,采购单非部分入库状态\"},{\"error\":\"采购单编号:CG2212140008,采购单非部分入库状态\"},{\"error\":\"采购单编号:CG2212140007,采购单非部分入库状态\"},{\"error\":\"采购单编号:CG2212140006,采购单非部分入库状态\"},{\"error\":\"采购单编号:CG2212140005,采购单非部分入库状态\"},{\"error\":\"采购单编号:CG2212140004,采购单非部分入库状态\"},{\"error\":\"采购单编号:CG2212140003,采购单非部分入库状态\"},{\"error\":\"采购单编号:CG2212140002,采购单非部分入库状态\"}]",
"error_count": 8
}
}"""
NAMED_IN_THE_SAMPLE = [f"CG221214000{number}" for number in range(9, 1, -1)]
# Section 5: its request holds CG2304260001, which its answer does not name; the answer names CG2212140009 instead.
SENT_IN_THE_SAMPLE = ["CG2304260001", *NAMED_IN_THE_SAMPLE[1:]]


def test_the_vendors_sample_of_success_is_success():
    answer = read_answer(200, SAMPLE_OF_SUCCESS)
    assert (answer.state, answer.message) == (State.ANSWERED, "")
    assert read_cancel(answer.data, SENT).proved


def test_the_vendors_sample_of_failure_names_every_refused_order():
    result = read_cancel(read_answer(200, SAMPLE_OF_FAILURE).data, NAMED_IN_THE_SAMPLE)
    assert result.refused == dict.fromkeys(NAMED_IN_THE_SAMPLE, "采购单非部分入库状态")
    assert not result.done
    assert not result.unclear


def test_the_vendors_sample_leaves_the_unnamed_order_unclear():
    result = read_cancel(read_answer(200, SAMPLE_OF_FAILURE).data, SENT_IN_THE_SAMPLE)
    assert list(result.refused) == NAMED_IN_THE_SAMPLE[1:]
    assert list(result.unclear) == ["CG2304260001"]
    assert not result.done


def test_orders_not_named_as_failed_are_done_but_not_proved():
    result = read_cancel(of("采购单编号:CG1,状态不正确"), SENT)
    assert result.refused == {"CG1": "状态不正确"}
    assert (result.done, result.proved) == (("CG2", "CG12"), False)


@pytest.mark.parametrize(
    "data",
    [
        of("采购单编号：CG1，状态不正确"),
        {"code": 1, "message": '["采购单编号:CG1,状态不正确"]', "error_count": 1},
        {"code": "1", "message": '[{"error":"采购单编号:CG1,状态不正确"}]', "error_count": "1"},
        {"code": 1, "message": '[{"message":"采购单编号:CG1,状态不正确"}]', "error_count": 1},
        {"code": 1, "message": '[{"order_no":"CG1","err_msg":"状态不正确"}]', "error_count": 1},
        {"code": 1, "message": [{"error": "采购单编号:CG1,状态不正确"}], "error_count": 1},
        {"code": 1, "message": '{"error":"采购单编号:CG1,状态不正确"}', "error_count": 1},
        of("CG1 状态不正确"),
    ],
)
def test_it_reads_a_refusal_in_every_shape_that_was_seen(data):
    result = read_cancel(data, SENT)
    assert list(result.refused) == ["CG1"]
    assert "状态不正确" in result.refused["CG1"]
    assert result.done == ("CG2", "CG12")


@pytest.mark.parametrize(
    "data",
    [
        of("采购单编号:CG1,状态不正确", count=2),
        of("采购单编号:CG1,状态不正确", "采购单编号:CG999,状态不正确"),
        of("采购单编号:CG1,状态不正确", "系统异常"),
        of("采购单编号:CG1,状态不正确", "CG2 和 CG12 状态不正确"),
    ],
)
def test_a_failure_of_no_known_order_leaves_others_unclear(data):
    result = read_cancel(data, SENT)
    assert list(result.refused) == ["CG1"]
    assert set(result.unclear) == {"CG2", "CG12"}
    assert not result.done


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        [],
        "完成",
        {"code": None},
        {"code": 1, "message": "", "error_count": 3},
        {"code": 1, "message": "部分失败", "error_count": 1},
        {"code": 1, "message": None, "error_count": None},
        {"code": 0, "message": "", "error_count": 2},
        {"code": 0, "message": "部分失败", "error_count": 0},
    ],
)
def test_an_unusable_answer_leaves_every_order_unclear(data):
    result = read_cancel(data, SENT)
    assert set(result.unclear) == set(SENT)
    assert not result.done
    assert not result.proved


@pytest.mark.parametrize(
    ("data", "seconds"),
    [
        (450_444_516, 1_775_791_716),
        ("450444516", 1_775_791_716),
        (1_775_791_716, 1_775_791_716),
        (None, None),
        (-1, None),
    ],
)
def test_the_erps_time_counts_from_2012_or_from_1970(data, seconds):
    assert read_now(data) == seconds


@given(st.integers(), st.text())
def test_no_text_makes_the_reader_raise(status, text):
    assert read_answer(status, text).state is not State.ANSWERED or status == 200


@given(JSON)
def test_no_json_makes_a_reader_raise_or_lose_an_order(data):
    answer = read_answer(200, json.dumps({"status": 0, "data": data}))
    for value in (data, answer.data):
        result = read_cancel(value, SENT)
        assert sorted([*result.done, *result.refused, *result.unclear]) == sorted(SENT)
        read_now(value)
    read_answer(200, json.dumps(data))


MESSAGES = st.one_of(
    st.text(), JSON, st.lists(st.sampled_from(["采购单编号:CG1,x", "CG2", "", "采购单编号:,"])).map(json.dumps)
)


@given(JSON | st.sampled_from([0, 1, "0", "1"]), MESSAGES, JSON | st.sampled_from([0, 1, 2]))
def test_nothing_is_proved_unless_the_code_is_zero(code, message, count):
    result = read_cancel({"code": code, "message": message, "error_count": count}, SENT)
    assert sorted([*result.done, *result.refused, *result.unclear]) == sorted(SENT)
    if result.proved:
        assert code in (0, "0") or float(code) == 0
