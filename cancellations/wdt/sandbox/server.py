"""The stand-in ERP as an HTTP server, with a second door on loopback through which tests steer it."""

import json
import os
import socket
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from cancellations.wdt.sandbox.api import Api, Settings
from cancellations.wdt.sandbox.misbehaviour import Misbehaviour
from cancellations.wdt.sandbox.orders import PurchaseOrder, made_up

DEMO_ACCOUNTS = {("demo_sid", "demo_key"): "demosecret:demosalt"}
LONGEST_BODY = 4 * 1024 * 1024


class Sandbox:
    """A stand-in ERP on loopback; start it in a `with` statement, or with `serve`.

    `orders` are made up with `seed`; with `state` the orders live in that file and survive a restart.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        orders: int = 0,
        seed: int = 1,
        state: Path | None = None,
        accounts: dict[tuple[str, str], str] | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.api = Api(dict(DEMO_ACCOUNTS if accounts is None else accounts), settings or Settings())
        self._made_up = (orders, seed)
        self._state = state
        self._saving = threading.Lock()
        if state and state.exists():
            self.add(json.loads(state.read_text()))
        else:
            self.reset()
        self._server = _Server((host, port), _Handler)
        self._server.sandbox = self

    @property
    def address(self) -> str:
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}/openapi"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve(self) -> None:
        """Serves until `stop` is called from another thread."""
        with suppress(KeyboardInterrupt):
            self._server.serve_forever(0.1)
        self._server.server_close()

    def stop(self) -> None:
        threading.Thread(target=self._server.shutdown, daemon=True).start()

    def reset(self) -> None:
        """Forgets everything and fills the book anew."""
        count, seed = self._made_up
        self.api.book.clear()
        self.api.memory.clear()
        self.api.plan.clear()
        self.api.book.add(made_up(count, seed=seed, now=time.time()))
        self.save()

    def add(self, orders: list[dict[str, Any]]) -> None:
        self.api.book.add(PurchaseOrder(**order) for order in orders)

    def misbehave(self, name: str, **how: Any) -> None:
        self.api.plan.add(Misbehaviour(name, **how))

    def calls(self, method: str = "") -> list[dict[str, Any]]:
        return self.api.memory.calls(method)

    def save(self) -> None:
        if self._state is None:
            return
        with self._saving:
            fresh = self._state.with_suffix(".new")
            fresh.write_text(json.dumps(self.api.book.dump(), ensure_ascii=False))
            os.replace(fresh, self._state)

    def control(self, path: str, wanted: Any) -> Any:
        """The second door: what tests in another process may see and do."""
        match path:
            case "memory":
                return self.calls()
            case "orders" if wanted is None:
                return [asdict(order) for order in self.api.book.all()]
            case "orders":
                self.add(wanted)
            case "order":
                self.api.book.change(wanted.pop("purchase_no"), **wanted)
            case "misbehave":
                self.misbehave(wanted.pop("name"), **wanted)
            case "clear":
                self.api.plan.clear()
            case "reset":
                self.reset()
            case "settings":
                for name, value in wanted.items():
                    setattr(self.api.settings, name, value)
            case _:
                raise KeyError(path)
        return {}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    sandbox: Sandbox

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is nothing to report."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 60

    def setup(self) -> None:
        super().setup()
        # Headers and body are written apart: without this the second waits for the first one's acknowledgement.
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: addresses hold keys and signatures."""

    def do_GET(self) -> None:
        self._control(None)

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LONGEST_BODY:
            self.close_connection = True
            self._send(411, "length required")
            return
        body = self.rfile.read(int(length)).decode("utf-8", "replace")
        parts = urlsplit(self.path)
        if parts.path.rstrip("/") == "/openapi" and "form" in self.headers.get("Content-Type", ""):
            self._send(200, json.dumps({"status": 1, "message": "参数错误"}, ensure_ascii=False))
        elif parts.path.rstrip("/") == "/openapi":
            parameters = dict(parse_qsl(parts.query, keep_blank_values=True))
            text, misbehaviour = self.server.sandbox.api.answer(parameters, body)
            self.server.sandbox.save()
            self._answer(text, misbehaviour)
        else:
            self._control(body)

    def _answer(self, text: str, misbehaviour: Misbehaviour | None) -> None:
        name = misbehaviour.name if misbehaviour else ""
        if misbehaviour and name == "slow_after":
            time.sleep(misbehaviour.seconds)
        if name in ("cut_before", "cut_after", "hang"):
            self._cut()
        elif name == "cut_mid":
            self._send(200, text, length=len(text.encode()) * 2)
            self._cut()
        elif name in ("http_500", "http_500_after"):
            self._send(500, "Internal Server Error", content_type="text/plain")
        elif name in ("html", "html_after"):
            self._send(200, "<html><body>502 Bad Gateway</body></html>", content_type="text/html")
        elif name == "db_error_after":
            self._send(200, json.dumps({"status": 99, "message": "未知错误"}))
        else:
            self._send(200, {"broken_json": text[: len(text) // 2], "empty": ""}.get(name, text))

    def _cut(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _control(self, body: str | None) -> None:
        parts = urlsplit(self.path).path.strip("/").split("/")
        if len(parts) != 2 or parts[0] != "_sandbox" or self.client_address[0] != "127.0.0.1":
            self._send(404, "{}")
            return
        try:
            told = self.server.sandbox.control(parts[1], json.loads(body) if body else None)
        except (KeyError, ValueError, TypeError) as error:
            self._send(400, json.dumps({"error": repr(error)}))
            return
        self._send(200, json.dumps(told, ensure_ascii=False))

    def _send(
        self, status: int, text: str, *, content_type: str = "application/json", length: int | None = None
    ) -> None:
        content = text.encode()
        with suppress(OSError):  # the caller has gone
            self.send_response(status)
            self.send_header("Content-Type", content_type + "; charset=utf-8")
            self.send_header("Content-Length", str(len(content) if length is None else length))
            self.end_headers()
            self.wfile.write(content)
