"""Steers a stand-in ERP that runs in another process, through its second door."""

import json
import urllib.request
from typing import Any


class SandboxControl:
    """`address` is what the shop is bound to: `http://127.0.0.1:PORT/openapi`."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._door = address.removesuffix("/openapi") + "/_sandbox/"
        # No proxy of the environment stands between two processes on one machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def _ask(self, path: str, wanted: Any = None) -> Any:
        body = None if wanted is None else json.dumps(wanted).encode()
        with self._opener.open(self._door + path, body, timeout=10) as answer:
            return json.load(answer)

    def calls(self, method: str = "") -> list[dict[str, Any]]:
        return [call for call in self._ask("memory") if call["method"].endswith(method)]

    def orders(self) -> dict[str, dict[str, Any]]:
        return {order["purchase_no"]: order for order in self._ask("orders")}

    def add(self, orders: list[dict[str, Any]]) -> None:
        self._ask("orders", orders)

    def change(self, number: str, **values: Any) -> None:
        self._ask("order", {"purchase_no": number, **values})

    def misbehave(self, name: str, **how: Any) -> None:
        self._ask("misbehave", {"name": name, **how})

    def clear(self) -> None:
        self._ask("clear", {})

    def reset(self) -> None:
        self._ask("reset", {})

    def set(self, **settings: Any) -> None:
        self._ask("settings", settings)
