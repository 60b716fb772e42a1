"""The web process: it takes one connection after the other, and the next one early if a page waits for something.

gunicorn's own takes every connection at once. But the threads of a process do not compute side by side: four pages at
once take four times as long each. And what it has no thread for waits in a queue of that process, even while another
process has nothing to do. Here connections wait where every process looks, the first one first.
"""

import socket
import time
from concurrent.futures import Future
from contextlib import suppress

from gunicorn.workers.gthread import TConn, ThreadWorker

# Seconds for which the kernel keeps a connection on which nothing was said yet: browsers open some for later.
SILENT = 20
PATIENCE = 0.1  # seconds; a page that takes longer waits: for the ERP, a lock, or somebody's slow line


class WebProcess(ThreadWorker):
    def init_process(self) -> None:
        self.begun: dict[TConn, float] = {}  # connections that have a thread, with the time; of the main thread only
        for listener in self.sockets:
            with suppress(AttributeError, OSError):  # only Linux has it, and only for TCP
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, SILENT)
        super().init_process()

    def enqueue_req(self, conn: TConn) -> None:
        self.begun[conn] = time.monotonic()
        self.set_accept_enabled(False)
        super().enqueue_req(conn)

    def finish_request(self, conn: TConn, fs: "Future[object]") -> None:
        del self.begun[conn]
        super().finish_request(conn, fs)

    def set_accept_enabled(self, enabled: bool) -> None:
        """gunicorn asks for it each time before it waits for events."""
        super().set_accept_enabled(enabled and len(self.begun) < self.cfg.threads and not self._patience())

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        super().wait_for_and_dispatch_events(self._patience() or timeout)

    def _patience(self) -> float:
        """Seconds for which nothing is taken beside the page that was begun last."""
        return max(0.0, max(self.begun.values(), default=0.0) + PATIENCE - time.monotonic())
