"""Exports are made in a child process of a worker: a worker does one thing at a time, and an account's sending must not
wait for a workbook of a million orders."""

import os
import subprocess
import sys

from django.conf import settings

from cancellations.exports import queue

SECONDS_TO_END = 3


class ExportProcess:
    """The one child of this worker, if it has one just now. It also ends by itself when the worker is gone."""

    def __init__(self):
        self._child, self._export = None, None

    def begin_next(self):
        """Starts making the export whose turn it is, unless the child is busy; waits for nothing."""
        if self._child is not None and self._child.poll() is None:
            return
        self._bury(counts=True)
        export = queue.take()
        if export is None:
            return
        arguments = [str(export.pk), export.lease_token, str(os.getpid())]
        self._child = subprocess.Popen(
            [sys.executable, "manage.py", "make_export", *arguments], cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL
        )
        self._export = export

    def end(self):
        """Has the child end; it gives its export back. What it does not manage in time, the next worker finds."""
        if self._child is None:
            return
        self._child.terminate()
        try:
            self._child.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._bury(counts=False)

    def _bury(self, *, counts):
        """A child that was killed holds its export still; one that ended in order does not."""
        if self._child is not None:
            queue.give_back(self._export, counts=counts)
            self._child = None
