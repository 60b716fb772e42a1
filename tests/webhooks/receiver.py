"""Another system's address, over real sockets: it checks signatures as the scheme says, and answers as it is told."""

import base64
import hashlib
import hmac
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace


def signed_with(secret, headers, body):
    """Whether one of the signatures of the message is made with this secret; written apart from the application."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    wanted = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return f"v1,{wanted}" in headers["webhook-signature"].split(" ")


def status(code, text="", **headers):
    """Answers with this status; `Retry_After="5"` is a header."""

    def answer(handler):
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(text.encode())))
        handler.end_headers()
        handler.wfile.write(text.encode())

    return answer


def silent(handler):
    time.sleep(1)


def trickling(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    for _ in range(20):
        handler.wfile.write(b"x")
        time.sleep(0.1)


def garbage(handler):
    handler.wfile.write(b"\x00\xff\xfe nobody speaks HTTP here\r\n\r\n")


def cut(handler):
    handler.close_connection = True


FINE = status(204)


@contextmanager
def receiver(answer=FINE):
    """`got` are the messages; `answer` may be changed, `at()` is called before each answer."""
    known = SimpleNamespace(got=[], answer=answer, at=lambda: None)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known.got.append(SimpleNamespace(path=self.path, headers=self.headers, body=body))
            known.at()
            known.answer(self)

        def do_GET(self):
            known.got.append(SimpleNamespace(path=self.path, headers=self.headers, body=b""))
            FINE(self)

        def log_message(self, *arguments):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *arguments):
            pass

    with Server(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
        known.url = f"http://127.0.0.1:{running.server_port}/hook"
        known.messages = lambda: [json.loads(one.body) for one in known.got]
        yield known
        running.shutdown()
