"""What the stand-in ERP does with a call: the checks, the two methods, the clock; no HTTP in here."""

import hashlib
import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from cancellations.wdt.sandbox.memory import Memory, RememberedCall
from cancellations.wdt.sandbox.misbehaviour import BEFORE, EMPTY, REFUSALS, RIGHT_REQUIRED, Misbehaviour, Plan
from cancellations.wdt.sandbox.orders import CANCELLED, CHECKED, PROVIDERS, OrderBook, PurchaseOrder

ABSENT = object()  # an answer without its `data`
CANCEL = "purchase.PurchaseOrder.cancelByType"
QUERY = "purchase.PurchaseOrder.queryWithDetail"
NOW = "system.Core.now"
ERP_ZONE = timezone(timedelta(hours=8))
EPOCH = int(datetime(2012, 1, 1, tzinfo=ERP_ZONE).timestamp())
MAX_SKEW = 120  # seconds
MAX_ORDERS = 500  # in a call; the real figure is not documented
LONGEST_WINDOW = timedelta(days=30).total_seconds()


class Refused(Exception):
    """The call is answered with this status and these words; nothing is executed."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


@dataclass
class Settings:
    calls_per_minute: int = 60  # per account; 0: no limit
    concurrent_calls: int = 1  # per account; 0: no limit
    latency: float = 0.0  # seconds, of every call


class Api:
    """One ERP with its accounts: {(sid, key): "secret:salt"}."""

    def __init__(
        self, accounts: dict[tuple[str, str], str], settings: Settings, clock: Callable[[], float] = time.time
    ) -> None:
        self.accounts, self.settings, self.clock = accounts, settings, clock
        self.book, self.memory, self.plan = OrderBook(), Memory(), Plan()
        self._recent: dict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._in_flight: dict[tuple[str, str], int] = defaultdict(int)
        self._lock = threading.Lock()

    def answer(self, parameters: dict[str, str], body: str) -> tuple[str, Misbehaviour | None]:
        """(the JSON text of the answer, how the transport is to go wrong with it)."""
        account = (parameters.get("sid", ""), parameters.get("key", ""))
        method = parameters.get("method", "")
        try:  # the order numbers of a cancellation, whatever becomes of it
            numbers = [str(number) for number in json.loads(body)[0]["purchase_no_list"]]
        except (ValueError, RecursionError, LookupError, TypeError):
            numbers = []
        call = self.memory.begin(RememberedCall(self.clock(), *account, method, body, numbers))
        misbehaviour = self.plan.next_for(method)
        call.misbehaved = misbehaviour.name if misbehaviour else ""
        try:
            envelope = self._answer(account, parameters, body, call, misbehaviour)
        except Refused as refused:
            envelope = {"status": refused.status, "message": refused.words}
            if call.misbehaved in RIGHT_REQUIRED:
                envelope["code"] = "right.required"
        call.status, call.ended = envelope["status"], self.clock()
        return json.dumps(envelope, ensure_ascii=False), misbehaviour

    def _answer(
        self,
        account: tuple[str, str],
        parameters: dict[str, str],
        body: str,
        call: RememberedCall,
        misbehaviour: Misbehaviour | None,
    ) -> dict[str, Any]:
        self._check_sender(account, parameters, body)
        self._enter(account)
        try:
            time.sleep(self.settings.latency)
            if misbehaviour and misbehaviour.name in ("slow", "hang"):
                time.sleep(misbehaviour.seconds)
            if misbehaviour and misbehaviour.name in REFUSALS:
                raise Refused(*REFUSALS[misbehaviour.name])
            if misbehaviour and misbehaviour.name in BEFORE:
                return {"status": 0, "data": None}  # the transport sends something else
            data = self._carry_out(parameters, body, call, misbehaviour)
            return {"status": 0} if data is ABSENT else {"status": 0, "data": data}
        finally:
            with self._lock:
                self._in_flight[account] -= 1

    def _check_sender(self, account: tuple[str, str], parameters: dict[str, str], body: str) -> None:
        if missing := {"sid", "key", "salt", "method", "timestamp", "v", "sign"} - parameters.keys():
            raise Refused(1, f"参数错误: {', '.join(sorted(missing))}")
        if account[0] not in {sid for sid, _ in self.accounts}:
            raise Refused(1, "sid is not exists")
        if account not in self.accounts:
            raise Refused(1, "app auth fail")
        if parameters["v"] != "1.0":
            raise Refused(8, "版本错误")
        timestamp = parameters["timestamp"]
        if not timestamp.isdecimal() or int(timestamp) >= 1 << 31:  # milliseconds are no int
            raise Refused(1, f'For input string: "{timestamp}"')
        if abs(int(timestamp) + EPOCH - self.clock()) > MAX_SKEW:
            raise Refused(7, "时间戳错误")
        secret, _, salt = self.accounts[account].partition(":")
        signed = sorted([*((name, value) for name, value in parameters.items() if name != "sign"), ("body", body)])
        text = secret + "".join(name + value for name, value in signed) + secret
        signature = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        if parameters["salt"] != salt or parameters["sign"] != signature:
            raise Refused(1, "验证失败")

    def _enter(self, account: tuple[str, str]) -> None:
        """Counts the call against the account's two limits."""
        now = self.clock()
        with self._lock:
            recent = self._recent[account]
            while recent and recent[0] <= now - 60:
                recent.popleft()
            if self.settings.calls_per_minute and len(recent) >= self.settings.calls_per_minute:
                raise Refused(*REFUSALS["rate"])
            if self.settings.concurrent_calls and self._in_flight[account] >= self.settings.concurrent_calls:
                raise Refused(*REFUSALS["concurrency"])
            recent.append(now)
            self._in_flight[account] += 1

    def _carry_out(
        self, parameters: dict[str, str], body: str, call: RememberedCall, misbehaviour: Misbehaviour | None
    ) -> Any:
        try:
            arguments = json.loads(body)
        except (ValueError, RecursionError):
            arguments = None
        if not isinstance(arguments, list):
            raise Refused(1, "参数错误")
        method = parameters["method"]
        if method == NOW:
            if arguments:
                raise Refused(1, "参数个数错误")
            return int(self.clock()) - EPOCH
        if method not in (CANCEL, QUERY):
            raise Refused(100, "权限不足")
        if len(arguments) != 1 or not isinstance(arguments[0], dict):
            raise Refused(1, "invalid argument count")
        if method == QUERY:
            return self._query(arguments[0], parameters, misbehaviour.name if misbehaviour else "")
        return self._cancel(arguments[0], call, misbehaviour)

    def _cancel(self, wanted: dict[str, Any], call: RememberedCall, misbehaviour: Misbehaviour | None) -> Any:
        operation, numbers = wanted.get("operate_type"), wanted.get("purchase_no_list")
        if operation not in (0, 1, 2):
            raise Refused(100, "operate_type must not be null")
        if not isinstance(numbers, list) or not 0 < len(numbers) <= MAX_ORDERS:
            raise Refused(100, f"purchase_no_list每次调用不得超过{MAX_ORDERS}条或为空")
        how = misbehaviour.name if misbehaviour else ""
        if how == "unchecked":
            call.refused = self.book.uncheck(call.numbers, now=self.clock())
            return _told(call.refused, how)
        if how == "meddled" and self.book.find(call.numbers[0]):
            self.book.change(call.numbers[0], status=CANCELLED, modified=self.clock())
        spare = call.numbers[1::2] if how == "partial" else ()
        call.executed, call.refused = self.book.operate(
            operation,
            call.numbers,
            allow_checked=wanted.get("allow_cancel_checked_order") == 1,
            now=self.clock(),
            spare=spare,
        )
        if how == "told_failed":
            return _told(dict.fromkeys(call.numbers, "采购单取消失败"), how)
        if how == "hidden_502":
            raise Refused(100, "invalid http status 502")
        return _told(call.refused, how)

    def _query(self, wanted: dict[str, Any], parameters: dict[str, str], how: str) -> Any:
        page_no, page_size = parameters.get("page_no", ""), parameters.get("page_size", "")
        if not page_no and not page_size:
            raise Refused(100, "此方法仅支持分页查询")
        if not (page_no.isdecimal() and page_size.isdecimal() and 0 < int(page_size) <= 500):
            raise Refused(1, "参数错误: page_no, page_size")
        number, size = int(page_no), int(page_size)
        found = self._found(wanted)
        if how in EMPTY:
            forms: dict[str, Any] = {
                "empty_null": None,
                "empty_list": [],
                "empty_order_null": {"order": None, "total_count": None},
            }
            return forms.get(how, {"total_count": 0}) if how != "empty_absent" else ABSENT
        page: dict[str, Any] = {"order": [_shown(order) for order in found[number * size : (number + 1) * size]]}
        if parameters.get("calc_total") == "1":
            page["total_count"] = len(found)
        return page

    def _found(self, wanted: dict[str, Any]) -> list[PurchaseOrder]:
        if wanted.get("purchase_no"):
            order = self.book.find(str(wanted["purchase_no"]))
            return [order] if order and order.visible else []
        start, end = _moment(wanted.get("start_time")), _moment(wanted.get("end_time"))
        if start is None or end is None:
            raise Refused(100, "参数中必须包含起止时间")
        if not 0 <= end - start <= LONGEST_WINDOW:
            raise Refused(100, "您的查询时间过宽,查询时间不能大于30天")
        found = self.book.modified_between(start, end)
        if (wanted_status := wanted.get("status")) not in (None, ""):
            codes = str(wanted_status).split(",")
            if not isinstance(wanted_status, str) or not all(code.strip().isdecimal() for code in codes):
                raise Refused(100, "状态应该是由逗号分隔开的整数数组")
            found = [order for order in found if order.status in map(int, codes)]
        if wanted.get("stockin_status") is not None:
            found = [order for order in found if order.stockin_status == wanted["stockin_status"]]
        return found


def _moment(text: Any) -> float | None:
    try:
        return datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=ERP_ZONE).timestamp()
    except ValueError:
        return None


def _told(refused: dict[str, str], how: str) -> dict[str, Any]:
    """cancelByType's `data`, as the vendor's page has it, or told in another way that was seen or must be feared."""
    entries: list[Any] = [{"error": f"采购单编号:{number},{words}"} for number, words in refused.items()]
    count = len(entries)
    if not entries and how not in ("foreign_number", "plain_message"):
        return {"code": 0, "message": "", "error_count": 0}
    if how == "foreign_number":
        entries.append({"error": "采购单编号:CG1900010100001,采购单非部分入库状态"})
        count += 1
    elif how == "wrong_count":
        count += 1
    elif how == "full_width":
        entries = [{"error": f"采购单编号：{number}，{words}"} for number, words in refused.items()]
    elif how == "string_entries":
        entries = [f"采购单编号:{number},{words}" for number, words in refused.items()]
    message = {"plain_message": "部分采购单处理失败", "empty_message": ""}.get(how)
    return {
        "code": 1,
        "message": json.dumps(entries, ensure_ascii=False) if message is None else message,
        "error_count": max(count, 1),
    }


def _shown(order: PurchaseOrder) -> dict[str, Any]:
    """A row of queryWithDetail: amounts and counts are numbers, prices text, times milliseconds (reference 4 and 8)."""
    created, modified = int(order.created * 1000), int(order.modified * 1000)
    row = {
        "purchase_id": abs(hash(order.purchase_no)) % 10**9,
        "purchase_no": order.purchase_no,
        "status": order.status,
        "stockin_status": order.stockin_status,
        "settle_status": 0,
        "provider_no": f"P{PROVIDERS.index(order.provider_name) if order.provider_name in PROVIDERS else 0:03}",
        "provider_name": order.provider_name,
        "warehouse_no": "W1",
        "warehouse_name": order.warehouse_name,
        "receive_warehouse_nos": "W1",
        "purchaser_name": order.purchaser_name,
        "creator_name": order.purchaser_name,
        "check_operator_name": "赵敏" if order.status >= CHECKED else None,
        "check_time": created if order.status >= CHECKED else None,
        "total_fee": float(order.total_fee),
        "tax_fee": float(order.total_fee),
        "created": created,
        "modified": modified,
        "expect_arrive_time": None,
        "flag_name": None,
        "remark": "",
        "outer_no": None,
        "contact": None,
        "telno": None,
        "receive_address": None,
        "logistics_type": None,
        "post_fee": 0,
        "other_fee": 0,
        "prop1": None,
        "prop2": None,
        "detail_list": [
            {name: float(value) if name in _COUNTS else value for name, value in line.items()} | {"remark": None}
            for line in order.details
        ],
    }
    return row | {name: sum(float(line[key]) for line in order.details) for name, key in _SUMS.items()}


_SUMS = {"goods_count": "num", "goods_arrive_count": "arrive_num", "goods_stockin_count": "stockin_num"}
_COUNTS = ("num", "stockin_num", "arrive_num", "lack_num", "stopwait_num")
