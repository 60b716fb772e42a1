"""The stand-in as an HTTP server: the three channels' paths, a page, and a door through which tests steer it."""

import json
import socket
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from cancellations.robots.channels import Robot
from cancellations.robots.stand_in.groups import DEMO, Arrival, Call, Groups, Known, answer_of
from cancellations.robots.stand_in.page import page_of

LONGEST_BODY = 1024 * 1024  # bytes
LONGEST_HANG = 60.0  # seconds
WEBHOOK_PATH = "/webhook"  # takes every message of a webhook; its signature is not checked
# What it can do instead of answering. `lost` takes the message first, as `close` does not.
MISBEHAVIOURS = ("hang", "close", "lost", "redirect", "html", "http_502")


@dataclass
class Misbehaviour:
    """What the next calls get: a number of the channel's, or one of MISBEHAVIOURS."""

    what: str
    robot: Robot | None = None  # None: any
    times: int = 1
    words: str = ""

    def __post_init__(self) -> None:
        if self.what not in MISBEHAVIOURS:
            int(self.what)  # ValueError: neither
        self.robot = self.robot and Robot(self.robot)


class StandIn:
    """The three channels on one port; start it in a `with` statement, or with `serve`.

    `robots` are those that exist, by default one of each kind: DEMO. `rates=False` takes any number of messages.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        robots: tuple[Known, ...] = tuple(DEMO.values()),
        rates: bool = True,
    ) -> None:
        self.groups = Groups(robots, rates=rates)
        self.strayed = 0  # how many followed a redirect
        self.closing = threading.Event()
        self._plan: list[Misbehaviour] = []
        self._lock = threading.Lock()
        self._server = _Server((host, port), _Handler)
        self._server.stand_in = self

    @property
    def address(self) -> str:
        """Scheme, host and port: what `deliver` is given as `base`."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def serve(self) -> None:
        """Serves until `stop` is called from another thread."""
        with suppress(KeyboardInterrupt):
            self._server.serve_forever(0.1)
        self._server.server_close()

    def stop(self) -> None:
        self.closing.set()
        threading.Thread(target=self._server.shutdown, daemon=True).start()

    def arrived(self, robot: Robot | None = None) -> list[Arrival]:
        """Every message, the first one first."""
        return self.groups.arrived(robot)

    def misbehave(self, what: str, robot: Robot | None = None, *, times: int = 1, words: str = "") -> None:
        """The next calls of the robot, or of any, get this number of the channel's, or one of MISBEHAVIOURS."""
        with self._lock:
            self._plan.append(Misbehaviour(what, robot, times, words))

    def next_misbehaviour(self, robot: Robot) -> Misbehaviour | None:
        with self._lock:
            for coming in self._plan:
                if coming.robot in (None, robot):
                    coming.times -= 1
                    if coming.times <= 0:
                        self._plan.remove(coming)
                    return coming
        return None

    def clear(self) -> None:
        """Forgets what arrived and what was to go wrong; every robot exists again."""
        with self._lock:
            self._plan.clear()
        self.groups.clear()
        self.strayed = 0

    def control(self, verb: str, wanted: Any) -> Any:
        """The door: what tests in another process may see and do."""
        match verb:
            case "arrived":
                return [asdict(arrival) for arrival in self.arrived()]
            case "misbehave":
                self.misbehave(wanted.pop("what"), **wanted)
            case "revoke":
                self.groups.revoke(Robot(wanted["robot"]))
            case "restore":
                self.groups.restore(Robot(wanted["robot"]))
            case "clear":
                self.clear()
            case _:
                raise KeyError(verb)
        return {}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    stand_in: StandIn

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
        """Quiet: addresses hold tokens and signatures."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/":
            self._send(200, page_of(self.server.stand_in.arrived()), "text/html")
        elif path == "/elsewhere":
            self.server.stand_in.strayed += 1
            self._send(200, json.dumps({"errcode": 0, "code": 0}))
        else:
            self._received("GET", b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LONGEST_BODY:
            self.close_connection = True
            self._send(411, "length required", "text/plain")
            return
        self._received("POST", self.rfile.read(int(length)))

    def _received(self, method: str, body: bytes) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        folder, _slash, last = parts.path.rpartition("/")
        content_type = self.headers.get("Content-Type", "")
        if parts.path == "/cgi-bin/webhook/send":
            self._answer(Call(Robot.WECOM, query.get("key", ""), body, method, content_type, query))
        elif parts.path == "/robot/send":
            self._answer(Call(Robot.DINGTALK, query.get("access_token", ""), body, method, content_type, query))
        elif folder == "/open-apis/bot/v2/hook":
            self._answer(Call(Robot.FEISHU, last, body, method, content_type, query))
        elif parts.path == WEBHOOK_PATH:
            self._send(200, "taken", "text/plain")
        elif folder == "/_stand_in" and self.client_address[0] == "127.0.0.1":
            self._control(last, body)
        else:
            self._send(404, "not found", "text/plain")

    def _answer(self, call: Call) -> None:
        stand_in = self.server.stand_in
        wrong = stand_in.next_misbehaviour(call.robot)
        if wrong is None or wrong.what == "lost":
            status, answer = stand_in.groups.receive(call)
            if wrong is None:
                self._send(status, json.dumps(answer, ensure_ascii=False))
            else:
                self._cut()
            return
        stand_in.groups.remember(call, wrong.what, accepted=wrong.what == "0")
        match wrong.what:
            case "hang" | "close":
                if wrong.what == "hang":
                    stand_in.closing.wait(LONGEST_HANG)
                self._cut()
            case "redirect":
                self._send(302, "", "text/html", Location=f"{stand_in.address}/elsewhere")
            case "html" | "http_502":
                status = 200 if wrong.what == "html" else 502
                self._send(status, "<html><body>502 Bad Gateway</body></html>", "text/html")
            case number:
                status, answer = answer_of(call.robot, int(number), wrong.words)
                self._send(status, json.dumps(answer, ensure_ascii=False))

    def _cut(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _control(self, verb: str, body: bytes) -> None:
        try:
            told = self.server.stand_in.control(verb, json.loads(body) if body else {})
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            self._send(400, json.dumps({"error": repr(error)}))
            return
        self._send(200, json.dumps(told, ensure_ascii=False))

    def _send(self, status: int, text: str, content_type: str = "application/json", **headers: str) -> None:
        content = text.encode()
        with suppress(OSError):  # the caller has gone
            self.send_response(status)
            self.send_header("Content-Type", content_type + "; charset=utf-8")
            self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            self.send_header("Content-Length", str(len(content)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
