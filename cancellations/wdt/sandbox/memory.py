"""What the stand-in ERP remembers of every call: the truth that tests compare the application's records with."""

import threading
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class RememberedCall:
    at: float  # unix seconds
    sid: str
    key: str
    method: str
    body: str
    numbers: list[str] = field(default_factory=list)
    executed: list[str] = field(default_factory=list)  # the orders that it changed
    refused: dict[str, str] = field(default_factory=dict)
    status: int | None = None  # of the envelope; None if it answered with something else, or not at all
    misbehaved: str = ""
    ended: float = 0.0


class Memory:
    def __init__(self) -> None:
        self._calls: list[RememberedCall] = []
        self._lock = threading.Lock()

    def begin(self, call: RememberedCall) -> RememberedCall:
        with self._lock:
            self._calls.append(call)
        return call

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()

    def calls(self, method: str = "") -> list[dict[str, Any]]:
        """Every call, the first one first."""
        with self._lock:
            return [asdict(call) for call in self._calls if not method or call.method.endswith(method)]
