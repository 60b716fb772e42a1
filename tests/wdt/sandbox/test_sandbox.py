"""The stand-in ERP keeps to the reference; what it chose for itself is not tested as if it were known."""

import json
import signal
import time

import pytest
import requests

from cancellations.models.secrets import AppSecret
from cancellations.wdt.answers import read_cancel
from cancellations.wdt.client import CANCEL_BY_TYPE, NOW, QUERY_WITH_DETAIL, Account, Client, Page, body_of
from cancellations.wdt.errors import State, Why
from cancellations.wdt.orders import read_orders
from cancellations.wdt.sandbox import Sandbox
from cancellations.wdt.sandbox.api import Api, Settings
from cancellations.wdt.sandbox.misbehaviour import AFTER, BEFORE, NAMES
from cancellations.wdt.sandbox.orders import STATUSES
from tests import processes
from tests.ports import LOOPBACK

NUMBER = "CG202611010001"


@pytest.fixture
def erp():
    with Sandbox(orders=60, settings=Settings(0, 1, 0)) as sandbox:
        yield sandbox


@pytest.fixture
def client(erp):
    with Client(
        Account("demo_sid", "demo_key", AppSecret("demosecret", "demosalt"), erp.address),
        connect_timeout=1,
        read_timeout=1,
        private_networks=LOOPBACK,
    ) as open_client:
        yield open_client


def cancel(client, *numbers, operation=0, checked=0):
    arguments = {"operate_type": operation, "purchase_no_list": list(numbers), "allow_cancel_checked_order": checked}
    return client.call(CANCEL_BY_TYPE, body_of(arguments))


def window(**filters):
    now = time.time() + 8 * 3600
    span = (time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now + shift)) for shift in (-60, 60))
    return body_of(dict(zip(("start_time", "end_time"), span, strict=True)) | filters)


@pytest.mark.parametrize(
    ("method", "body", "more", "sign"),
    [
        (NOW, "[]", {}, "ced2ee9927e0f01700081b3e0e38ffd7"),
        (
            QUERY_WITH_DETAIL,
            '[{"start_time":"2026-01-01 00:00:00","end_time":"2026-01-02 00:00:00","status":"10"}]',
            {"page_size": "100", "page_no": "0", "calc_total": "1"},
            "0a58eb8b24fcdb42dc97e605d0852884",
        ),
        (
            CANCEL_BY_TYPE,
            '[{"operate_type":0,"purchase_no_list":["采购-2026-001"],"allow_cancel_checked_order":1}]',
            {},
            "cde1f43edc01bd4db4c37aa14fdc7c5c",
        ),
    ],
)
def test_it_accepts_the_references_signatures_and_no_other(method, body, more, sign):
    api = Api({("demo_sid", "demo_key"): "demosecret:demosalt"}, Settings(), clock=lambda: 1_775_791_716)
    parameters = {"sid": "demo_sid", "key": "demo_key", "salt": "demosalt", "v": "1.0", "timestamp": "450444516"}
    parameters |= {"method": method, "sign": sign} | more
    assert json.loads(api.answer(parameters, body)[0])["status"] == 0
    assert json.loads(api.answer(parameters, body + " ")[0]) == {"status": 1, "message": "验证失败"}


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"sid": "nobody"}, 1, "sid is not exists"),
        ({"key": "nobody"}, 1, "app auth fail"),
        ({"v": "2.0"}, 8, "版本错误"),
        ({"timestamp": "450444395"}, 7, "时间戳错误"),
        ({"timestamp": "soon"}, 1, 'For input string: "soon"'),
        ({"timestamp": "1775791716000"}, 1, 'For input string: "1775791716000"'),
        ({"salt": "pepper"}, 1, "验证失败"),
        ({"method": "purchase.PurchaseOrder.delete"}, 1, "验证失败"),
    ],
)
def test_it_refuses_who_is_not_who_they_say(change, status, words):
    api = Api({("demo_sid", "demo_key"): "demosecret:demosalt"}, Settings(), clock=lambda: 1_775_791_716)
    parameters = {"sid": "demo_sid", "key": "demo_key", "salt": "demosalt", "v": "1.0", "timestamp": "450444516"}
    parameters |= {"method": NOW, "sign": "ced2ee9927e0f01700081b3e0e38ffd7"} | change
    assert json.loads(api.answer(parameters, "[]")[0]) == {"status": status, "message": words}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize(("operation", "checked"), [(0, 0), (0, 1), (1, 0)])
def test_an_operation_works_on_the_orders_of_the_reference(erp, client, status, operation, checked):
    stocked_in = {50: 1}.get(status, 2 if status >= 60 else 0)
    erp.api.book.change(NUMBER, status=status, stockin_status=stocked_in)
    result = read_cancel(cancel(client, NUMBER, operation=operation, checked=checked).data, [NUMBER])
    works = status == 20 or (checked and status in (30, 40)) if operation == 0 else stocked_in == 1
    assert (result.done == (NUMBER,)) == bool(works)
    order = erp.api.book.find(NUMBER)
    if works:
        assert (order.status == 10) if operation == 0 else (order.stockin_status == 3)
    else:
        assert (order.status, order.stockin_status) == (status, stocked_in)


def test_what_it_changed_is_found_by_the_window_and_page_by_page(erp, client):
    numbers = [f"CG20261101{number:04}" for number in range(1, 12, 2)]
    cancel(client, *numbers)
    body = window(status="10")
    first = read_orders(client.call(QUERY_WITH_DETAIL, body, Page(0, 4, count=True)).data)
    second = read_orders(client.call(QUERY_WITH_DETAIL, body, Page(1, 4, count=False)).data)
    assert (first.total, second.total) == (6, None)
    assert sorted(order.order_no for order in (*first.orders, *second.orders)) == numbers


def test_an_order_that_may_not_be_seen_is_missing(erp, client):
    erp.api.book.change(NUMBER, visible=False)
    page = read_orders(client.call(QUERY_WITH_DETAIL, body_of({"purchase_no": NUMBER}), Page(0, 1, True)).data)
    assert page.orders == ()


@pytest.mark.parametrize(
    ("method", "body", "page"),
    [
        (CANCEL_BY_TYPE, "[]", None),
        (CANCEL_BY_TYPE, "{", None),
        (CANCEL_BY_TYPE, body_of({"operate_type": 9, "purchase_no_list": [NUMBER]}), None),
        (CANCEL_BY_TYPE, body_of({"operate_type": 0, "purchase_no_list": []}), None),
        (QUERY_WITH_DETAIL, body_of({"purchase_no": NUMBER}), None),
        (
            QUERY_WITH_DETAIL,
            body_of({"start_time": "2026-01-01 00:00:00", "end_time": "2026-03-01 00:00:00"}),
            Page(0, 1, True),
        ),
        (QUERY_WITH_DETAIL, body_of({}), Page(0, 1, True)),
    ],
)
def test_bad_arguments_are_refused_and_nothing_happens(erp, client, method, body, page):
    answer = client.call(method, body, page)
    assert (answer.state, answer.why) == (State.NOT_EXECUTED, Why.ARGUMENT)
    assert not any(call["executed"] for call in erp.calls())


def test_the_calls_of_a_minute_are_counted_for_each_account(erp, client):
    erp.api.settings.calls_per_minute = 2
    answers = [client.call(NOW, "[]") for _ in range(3)]
    assert [answer.why for answer in answers] == [None, None, Why.RATE]


DOES_NOTHING = {"unchecked", "meddled"}


@pytest.mark.parametrize("name", sorted(NAMES - {"hang", "slow", "slow_after"}))
def test_a_misbehaviour_happens_once_and_only_acts_if_it_says_so(erp, client, name):
    erp.misbehave(name, method="cancelByType")
    cancel(client, NUMBER)
    assert [call["executed"] for call in erp.calls()] == [[] if name in BEFORE | DOES_NOTHING else [NUMBER]]
    answer = cancel(client, "CG202611010003")
    assert (answer.state, read_cancel(answer.data, ["CG202611010003"]).proved) == (State.ANSWERED, True)


@pytest.mark.parametrize("name", sorted(AFTER - {"slow_after"}))
def test_what_goes_wrong_after_acting_is_unknown_to_the_caller(erp, client, name):
    erp.misbehave(name)
    assert cancel(client, NUMBER).state is State.UNKNOWN
    assert erp.api.book.find(NUMBER).status == 10


def test_it_goes_wrong_when_it_is_told_to_and_not_before(erp, client):
    erp.misbehave("http_500", method="now", skip=1, times=2)
    assert [client.call(NOW, "[]").http_status for _ in range(4)] == [200, 500, 500, 200]


def test_a_misbehaviour_that_does_not_exist_is_a_mistake(erp):
    with pytest.raises(ValueError, match="unknown"):
        erp.misbehave("tired")


def test_the_second_door_steers_it_and_refuses_nonsense(erp):
    door = erp.address.removesuffix("openapi") + "_sandbox/"
    assert requests.get(door + "memory", timeout=5).json() == []
    assert requests.post(door + "misbehave", "{", timeout=5).status_code == 400
    assert requests.post(door + "coffee", "{}", timeout=5).status_code == 400
    assert requests.get(erp.address, timeout=5).status_code == 404


@pytest.mark.slow
def test_the_command_serves_keeps_its_orders_and_ends_when_asked(tmp_path):
    arguments = ("--orders", "10", "--fast", "--state", str(tmp_path / "erp.json"))
    with processes.erp(*arguments) as control:
        control.change(NUMBER, status=90)
        account = Account("demo_sid", "demo_key", AppSecret("demosecret", "demosalt"), control.address)
        with Client(account, connect_timeout=1, read_timeout=1, private_networks=LOOPBACK) as client:
            assert client.call(NOW, "[]").state is State.ANSWERED
            cancel(client, "CG202611010003")
        assert [call["executed"] for call in control.calls("cancelByType")] == [["CG202611010003"]]
    process = processes.start("-m", "cancellations.wdt.sandbox", *arguments)
    control = processes.SandboxControl(process.stdout.readline().strip().rpartition(" ")[2])
    orders = control.orders()
    assert (len(orders), orders["CG202611010003"]["status"]) == (10, 10)
    assert processes.end(process, signal.SIGTERM)[0] == 0
