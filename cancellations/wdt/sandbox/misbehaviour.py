"""How the stand-in ERP can be told to go wrong, for the next calls of a method."""

import threading
from dataclasses import dataclass, field

# Answers that say that nothing was executed; (status, words), as the reference has them.
REFUSALS = {
    "rate": (100, "超过每分钟最大调用频率限制，请稍后重试"),
    "concurrency": (100, "超过每分钟最大并发次数限制,请稍后重试"),
    "permission": (100, "权限不足"),
    "internal": (100, "The API used internal only!"),
    "warehouse": (100, "无仓库访问权限"),
    "warehouse_of_the_order": (100, "无该仓库权限"),  # with a code beside it: RIGHT_REQUIRED
    "no_such_warehouse": (100, "没有该仓库权限"),
    "hidden_warehouse": (100, "仓库不存在或无权限"),
    "no_warehouse": (100, "收货仓库列表为空或无权限"),
    "most_at_once": (100, "超过最大并发限制"),
    "ip": (6, "ip限制"),
    "clock": (7, "时间戳错误"),
    "sign": (1, "验证失败"),
    "argument": (1, "参数错误"),
    "db_error": (1064, "数据库错误"),
}
# What happens before the ERP acts (it never does), and what happens after it has acted.
RIGHT_REQUIRED = {"warehouse_of_the_order"}
BEFORE = {"http_500", "cut_before", "html", "hang", *REFUSALS}
AFTER = {"http_500_after", "cut_after", "cut_mid", "html_after", "broken_json", "empty", "db_error_after", "slow_after"}
# It acts, and tells of it in one of the ways that the reference warns of.
TELLING = {"wrong_count", "plain_message", "foreign_number", "empty_message", "full_width", "string_entries"}
# No rows, whatever it holds, in each form in which that is told.
EMPTY = {"empty_null", "empty_absent", "empty_list", "empty_order_null", "empty_order_absent"}
OTHER = {
    "slow",  # waits first, then acts
    "partial",  # leaves out every second order
    "unchecked",  # un-checks the orders that the option covers, and then fails
    "told_failed",  # carries everything out, and tells of it as failures
    "meddled",  # somebody else cancels the call's first order a moment before
    "hidden_502",  # acts, and tells of a broken gateway under status 100
}
NAMES = BEFORE | AFTER | TELLING | EMPTY | OTHER


@dataclass
class Misbehaviour:
    name: str
    method: str = ""  # the end of the method's name; empty: any
    times: int = 1
    skip: int = 0  # how many calls go right first
    seconds: float = 1.0  # for slow, slow_after, hang

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise ValueError(f"unknown misbehaviour: {self.name}")


@dataclass
class Plan:
    """What is still to go wrong, in the order in which it was asked for."""

    _coming: list[Misbehaviour] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, misbehaviour: Misbehaviour) -> None:
        with self._lock:
            self._coming.append(misbehaviour)

    def clear(self) -> None:
        with self._lock:
            self._coming.clear()

    def next_for(self, method: str) -> Misbehaviour | None:
        with self._lock:
            for coming in self._coming:
                if not method.endswith(coming.method):
                    continue
                if coming.skip:
                    coming.skip -= 1
                    return None
                coming.times -= 1
                if coming.times <= 0:
                    self._coming.remove(coming)
                return coming
        return None
