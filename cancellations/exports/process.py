"""A worker does one task at a time, and no account must wait for a workbook of a million orders. So a worker that takes
exports too has a second process for them, which is a worker of its own."""

import os
import subprocess
import sys
from collections.abc import Callable

from django.conf import settings
from django.utils.crypto import get_random_string

SECONDS_TO_END = 10


class ExportsProcess:
    """The second process. It also ends by itself when the first one is gone.

    `mark_broken_off` is called with the name of a process that has ended: what it was making is lost.
    """

    def __init__(self, *, queue: str, interval: float, mark_broken_off: Callable[[str], object]) -> None:
        self._options = ["--queues", queue, "--interval", str(interval), "--parent", str(os.getpid())]
        self._mark_broken_off = mark_broken_off
        self._child: subprocess.Popen[bytes] | None = None
        self._name = ""

    def keep_alive(self) -> None:
        """Starts it, if it does not live."""
        if self._child is not None:
            if self._child.poll() is None:
                return
            self._mark_broken_off(self._name)
        self._name = get_random_string(32)
        self._child = subprocess.Popen(
            [sys.executable, "manage.py", "worker", "--name", self._name, *self._options],
            cwd=settings.BASE_DIR,  # type: ignore[misc]  # a setting of ours
            stdin=subprocess.DEVNULL,
        )

    def end(self) -> None:
        """Has it end in order; it hands over what it was making. What it does not manage in time breaks off."""
        if self._child is None:
            return
        self._child.terminate()
        try:
            self._child.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._child = None
        self._mark_broken_off(self._name)
