"""How the stand-in ERP can be told to go wrong, for the next calls of a method."""

import threading
from dataclasses import dataclass, field

# Answers that say that nothing was executed; (status, words), as the reference has them.
REFUSALS = {
    "rate": (100, "超过每分钟最大调用频率限制，请稍后重试"),
    "concurrency": (100, "超过每分钟最大并发次数限制,请稍后重试"),
    "permission": (100, "权限不足"),
    "warehouse": (100, "无仓库权限"),
    "ip": (6, "ip不在白名单"),
    "clock": (7, "时间戳与服务器时间相差超过2分钟"),
    "sign": (1, "验证失败"),
    "argument": (1, "参数错误"),
    "db_error": (1064, "数据库错误"),
}
# What happens before the ERP acts (it never does), and what happens after it has acted.
BEFORE = {"http_500", "cut_before", "html", "hang", *REFUSALS}
AFTER = {"http_500_after", "cut_after", "cut_mid", "html_after", "broken_json", "empty", "db_error_after", "slow_after"}
# It acts, and tells of it in one of the ways that the reference warns of.
TELLING = {"wrong_count", "plain_message", "foreign_number", "empty_message", "full_width", "string_entries"}
OTHER = {"slow", "partial"}  # slow: waits first, then acts; partial: leaves out every second order
NAMES = BEFORE | AFTER | TELLING | OTHER


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
