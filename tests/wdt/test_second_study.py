"""Answers as section 8 of the reference has them, letter for letter; no text comes from the stand-in ERP."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancellations.wdt.answers import read_answer, read_cancel
from cancellations.wdt.errors import State, Why
from cancellations.wdt.orders import read_orders

SENT = ["CG1", "CG2", "CG12"]


def answer(status, message, **beside):
    return read_answer(200, json.dumps({"status": status, "message": message, **beside}, ensure_ascii=False))


@pytest.mark.parametrize(
    "data",
    [None, [], {}, {"order": None}, {"order": []}, {"order": None, "total_count": None}, {"total_count": 0}],
)
def test_an_empty_answer_is_an_empty_page(data):
    assert read_orders(data).orders == ()
    envelope = read_answer(200, json.dumps({"status": 0, "data": data}))
    assert read_orders(envelope.data).orders == ()
    assert read_orders(read_answer(200, '{"status":0}').data).orders == ()


@pytest.mark.parametrize(
    "data", ["x", 7, {"order": {}}, {"order": "无"}, {"order": ["CG1"]}, {"order": None, "total_count": 3}]
)
def test_an_answer_that_hides_its_rows_is_no_empty_page(data):
    assert read_orders(data) is None


@pytest.mark.parametrize(
    "words",
    [
        *("权限不足", "无仓库访问权限", "无该仓库权限", "没有该仓库权限", "仓库不存在或无权限", "供应商不存在或无权限"),
        *("收货仓库列表为空或无权限", "The API used internal only", "权限不足。"),
    ],
)
def test_a_text_of_permission_ends_the_asking(words):
    assert (answer(100, words).state, answer(100, words).why) == (State.NOT_EXECUTED, Why.PERMISSION)


def test_the_code_right_required_is_a_lack_of_permission():
    told = answer(100, "无该仓库权限", code="right.required")
    assert (told.state, told.why) == (State.NOT_EXECUTED, Why.PERMISSION)
    assert answer(100, "仓库 A01", code="right.required").why is Why.PERMISSION


@pytest.mark.parametrize(
    "words", ["参数个数错误", "argument type mismatch", "sid is not found", 'For input string: "1764057600000"']
)
def test_status_1_also_stands_for_wrong_arguments(words):
    assert (answer(1, words).state, answer(1, words).why) == (State.NOT_EXECUTED, Why.ARGUMENT)


@pytest.mark.parametrize(
    ("status", "words", "why"),
    [(3, "需要动态口令", Why.SIGN), (6, "ip限制", Why.IP), (7, "时间戳错误", Why.CLOCK), (8, "版本错误", Why.ARGUMENT)],
)
def test_each_status_has_its_own_reason(status, words, why):
    assert (answer(status, words).state, answer(status, words).why) == (State.NOT_EXECUTED, why)


@pytest.mark.parametrize(
    "words",
    [
        *("invalid http status 502", "采购单编号:CG2,反审核权限不足", "采购员不能为空", "反审核权限不足"),
        *("采购单CG2不存在或无权限", "采购单编号:CG2,供应商不存在或无权限", "CG2 权限不足", "采购单编号:CG2,不能为空"),
        '[{"error":"采购单编号:CG2,超过每分钟最大调用频率限制"}]',
    ],
)
def test_words_within_a_longer_text_say_nothing_of_the_call(words):
    assert answer(100, words).state is State.UNKNOWN


@pytest.mark.parametrize(
    "words",
    [
        "超过最大并发限制",
        "超过最大并发限制,请稍后重试",
        "超过每分钟最大调用频率限制，请稍后",
        "超过每分钟最大并发次数限制,x",
    ],
)
def test_three_texts_tell_of_the_rate(words):
    assert (answer(100, words).state, answer(100, words).why) == (State.NOT_EXECUTED, Why.RATE)


@pytest.mark.parametrize(
    "words",
    [
        *("此方法仅支持分页查询", "参数中必须包含起止时间", "状态应该是由逗号分隔开的整数数组"),
        *("您的查询时间过宽,查询时间不能大于30天", "purchase_no_list must not be null", "purchase_no_list不能为空"),
        "采购单每次调用不得超过200条或为空",
    ],
)
def test_a_text_about_arguments_says_that_nothing_was_executed(words):
    assert (answer(100, words).state, answer(100, words).why) == (State.NOT_EXECUTED, Why.ARGUMENT)


@pytest.mark.parametrize("words", ["采购单不是编辑中状态", "单据不存在", "采购单非部分入库状态"])
def test_the_erps_refusals_are_laid_to_their_orders(words):
    told = {"code": 1, "message": json.dumps([{"error": f"采购单编号:CG1,{words}"}]), "error_count": 1}
    assert read_cancel(told, SENT).refused == {"CG1": words}


@pytest.mark.parametrize(
    "beside",
    [
        *({"error_count": "无"}, {"error_count": "x"}, {"error_count": [1]}, {"error_count": 1}),
        *({"error_info": ["CG1"]}, {"error_data": {"CG1": "单据不存在"}}, {"error_list": [{"error": "单据不存在"}]}),
        *({"status": 100}, {"status": "1"}, {"error_info": "单据不存在"}),
    ],
)
def test_a_success_that_contradicts_itself_is_not_proved(beside):
    result = read_cancel({"code": 0, "message": "", "error_count": 0} | beside, SENT)
    assert not result.proved
    assert set(result.unclear) == set(SENT)


@pytest.mark.parametrize("beside", [{"error_list": []}, {"error_info": None}, {"error_data": ""}, {"status": 0}])
def test_an_empty_list_of_failures_contradicts_nothing(beside):
    assert read_cancel({"code": 0, "message": "", "error_count": 0} | beside, SENT).proved


@pytest.mark.parametrize(
    "entry",
    [
        {"error": "采购单编号:CG999,与 CG1 关联,不允许取消"},
        {"purchase_no": "CG999", "error": "related to CG1"},
        {"error": "采购单号：CG999，关联 CG1"},
    ],
)
def test_a_failure_is_laid_to_the_order_that_it_names(entry):
    told = {"code": 1, "message": json.dumps([entry], ensure_ascii=False), "error_count": 1}
    result = read_cancel(told, SENT)
    assert not result.refused
    assert set(result.unclear) == set(SENT)


def test_a_failure_that_names_no_order_may_mention_one():
    told = {"code": 1, "message": '[{"error":"CG1 不是编辑中状态"}]', "error_count": 1}
    assert list(read_cancel(told, SENT).refused) == ["CG1"]


def test_order_numbers_are_compared_without_regard_to_case():
    told = {"code": 1, "message": '[{"error":"采购单编号:CG1,单据不存在"}]', "error_count": 1}
    result = read_cancel(told, ["cg1", "cg2"])
    assert (result.refused, result.done) == ({"cg1": "单据不存在"}, ("cg2",))
    mentioned = {"code": 1, "message": '[{"error":"cg1 不是编辑中状态"}]', "error_count": 1}
    assert list(read_cancel(mentioned, SENT).refused) == ["CG1"]


def test_a_row_keeps_numbers_times_and_nulls():
    row = {
        "purchase_no": 23011215.0,
        "status": "20",
        "stockin_status": None,
        "modified": 1_764_057_600_000,
        "total_fee": 12.5,
        "goods_count": None,
        "detail_list": [{"spec_no": None, "num": 3, "price": "4.5000"}, None],
    }
    [order] = read_orders({"order": [row], "total_count": None}).orders
    assert (order.order_no, order.status, order.stockin_status) == ("23011215", 20, None)
    assert order.modified == datetime.fromtimestamp(1_764_057_600, UTC)
    assert (order.total_fee, order.ordered) == (Decimal("12.5000"), None)
    [goods] = order.goods
    assert (goods.spec_no, goods.ordered, goods.price) == ("", Decimal("3.0000"), Decimal("4.5000"))


@pytest.mark.parametrize("told", [1_764_057_600, 1_764_057_600_000, "1764057600", "2025-11-25 16:00:00"])
def test_a_time_may_come_in_seconds_too(told):
    [order] = read_orders({"order": [{"purchase_no": "CG1", "modified": told}]}).orders
    assert order.modified == datetime(2025, 11, 25, 8, tzinfo=UTC)


@pytest.mark.parametrize("depth", [10, 400, 900, 1_100, 5_000])
def test_nested_text_does_not_raise(depth):
    nested = "[" * depth + "]" * depth
    told = read_answer(200, '{"status":0,"data":{"code":1,"message":' + nested + ',"error_count":1}}')
    result = read_cancel(told.data, SENT)
    assert sorted([*result.done, *result.refused, *result.unclear]) == sorted(SENT)
    quoted = {"code": 1, "message": nested, "error_count": 1}
    assert set(read_cancel(quoted, SENT).unclear) == set(SENT)
    read_orders(read_answer(200, '{"status":0,"data":{"order":[{"purchase_no":' + nested + "}]}}").data)


@given(st.text(), st.text())
def test_no_words_prove_anything_of_an_order(words, code):
    told = answer(100, words, code=code)
    assert told.state is not State.ANSWERED
