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
from cancellations.wdt.sandbox.misbehaviour import BEFORE, REFUSALS, Misbehaviour, Plan
from cancellations.wdt.sandbox.orders import OrderBook, PurchaseOrder

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
        call = self.memory.begin(RememberedCall(self.clock(), *account, method, body, _numbers(body)))
        misbehaviour = self.plan.next_for(method)
        call.misbehaved = misbehaviour.name if misbehaviour else ""
        try:
            envelope = self._answer(account, parameters, body, call, misbehaviour)
        except Refused as refused:
            envelope = {"status": refused.status, "message": refused.words}
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
            return {"status": 0, "data": self._carry_out(parameters, body, call, misbehaviour)}
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
            raise Refused(8, "版本号错误")
        timestamp = parameters["timestamp"]
        if not timestamp.isdecimal() or abs(int(timestamp) + EPOCH - self.clock()) > MAX_SKEW:
            raise Refused(7, "时间戳与服务器时间相差超过2分钟")
        secret, _, salt = self.accounts[account].partition(":")
        if parameters["salt"] != salt or parameters["sign"] != _signature(parameters, body, secret):
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
        arguments = _arguments(body)
        method = parameters["method"]
        if method == NOW and arguments == []:
            return int(self.clock()) - EPOCH
        if method not in (CANCEL, QUERY):
            raise Refused(100, "权限不足")
        if len(arguments) != 1 or not isinstance(arguments[0], dict):
            raise Refused(1, "invalid argument count")
        if method == QUERY:
            return self._query(arguments[0], parameters)
        return self._cancel(arguments[0], call, misbehaviour)

    def _cancel(self, wanted: dict[str, Any], call: RememberedCall, misbehaviour: Misbehaviour | None) -> Any:
        operation, numbers = wanted.get("operate_type"), wanted.get("purchase_no_list")
        if operation not in (0, 1, 2):
            raise Refused(100, "operate_type must not be null")
        if not isinstance(numbers, list) or not 0 < len(numbers) <= MAX_ORDERS:
            raise Refused(100, f"purchase_no_list每次调用不得超过{MAX_ORDERS}条或为空")
        spare = call.numbers[1::2] if misbehaviour and misbehaviour.name == "partial" else ()
        call.executed, call.refused = self.book.operate(
            operation,
            call.numbers,
            allow_checked=wanted.get("allow_cancel_checked_order") == 1,
            now=self.clock(),
            spare=spare,
        )
        return _told(call.refused, misbehaviour.name if misbehaviour else "")

    def _query(self, wanted: dict[str, Any], parameters: dict[str, str]) -> Any:
        number, size = _paging(parameters)
        found = self._found(wanted)
        page: dict[str, Any] = {"order": [_shown(order) for order in found[number * size : (number + 1) * size]]}
        if parameters.get("calc_total") == "1":
            page["total_count"] = len(found)
        return page

    def _found(self, wanted: dict[str, Any]) -> list[PurchaseOrder]:
        if wanted.get("purchase_no"):
            order = self.book.find(str(wanted["purchase_no"]))
            return [order] if order and order.visible else []
        start, end = _moment(wanted.get("start_time")), _moment(wanted.get("end_time"))
        if start is None or end is None or not 0 <= end - start <= LONGEST_WINDOW:
            raise Refused(100, "start_time不能为空，且时间跨度不能超过30天")
        found = self.book.modified_between(start, end)
        if wanted.get("status"):
            statuses = {int(code) for code in str(wanted["status"]).split(",") if code.strip().isdecimal()}
            found = [order for order in found if order.status in statuses]
        if wanted.get("stockin_status") is not None:
            found = [order for order in found if order.stockin_status == wanted["stockin_status"]]
        return found


def _signature(parameters: dict[str, str], body: str, secret: str) -> str:
    signed = sorted([*((name, value) for name, value in parameters.items() if name != "sign"), ("body", body)])
    text = secret + "".join(name + value for name, value in signed) + secret
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _arguments(body: str) -> list[Any]:
    try:
        arguments = json.loads(body)
    except (ValueError, RecursionError):
        arguments = None
    if not isinstance(arguments, list):
        raise Refused(1, "参数错误")
    return arguments


def _numbers(body: str) -> list[str]:
    """The order numbers of a cancellation, whatever becomes of it."""
    try:
        return [str(number) for number in json.loads(body)[0]["purchase_no_list"]]
    except (ValueError, RecursionError, LookupError, TypeError):
        return []


def _paging(parameters: dict[str, str]) -> tuple[int, int]:
    number, size = parameters.get("page_no", ""), parameters.get("page_size", "")
    if not (number.isdecimal() and size.isdecimal() and 0 < int(size) <= 500):
        raise Refused(1, "参数错误: page_no, page_size")
    return int(number), int(size)


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
    """A row of queryWithDetail: numbers come as numbers here and as text there, times in both shapes (reference 4)."""
    modified = datetime.fromtimestamp(order.modified, ERP_ZONE)
    total = {name: sum(float(line[key]) for line in order.details) for name, key in _SUMS.items()}
    return {
        "purchase_no": order.purchase_no,
        "status": order.status,
        "stockin_status": str(order.stockin_status),
        "provider_name": order.provider_name,
        "warehouse_name": order.warehouse_name,
        "purchaser_name": order.purchaser_name,
        "total_fee": order.total_fee,
        "created": int(order.created * 1000),
        "modified": modified.strftime("%Y-%m-%d %H:%M:%S"),
        "detail_list": order.details,
        **total,
    }


_SUMS = {"goods_count": "num", "goods_arrive_count": "arrive_num", "goods_stockin_count": "stockin_num"}
