"""Workers that are doomed, forked by tests/nursery.py.

Each is a process of its own that runs the real command, and gets SIGKILL or another signal at the point that is named.
"""

import os
import resource
import signal
import threading
from contextlib import nullcontext

from django.conf import settings

POINTS = (
    "before the write-ahead",
    "in the write-ahead",
    "after the write-ahead",
    "during the call",
    "after the answer",
    "while it is recorded",
    "after it is recorded",
)


def live(erp, die_at="", nth=1, by=signal.SIGKILL, clock_off=0, disk_full_seconds=0, grace=0):
    """The life of one worker; `erp` is the address that its shops call."""
    settings.ERP_ADDRESSES = {"sandbox": erp}
    if die_at:
        doom(die_at, nth, by)
    if clock_off:
        set_clock(clock_off)
    if disk_full_seconds:
        fill_disk_after_an_answer(disk_full_seconds)
    if grace:
        settings.SETTLE_GRACE_SECONDS = grace
    from django.core.management import call_command

    call_command("worker", interval=0.1, queues="default")


def only_between_sweeps():
    """A lock that the sweeping thread holds whenever it may be writing."""
    from cancellations.management.commands import worker

    lock = threading.RLock()

    def quietly(function):
        def locked(*arguments, **options):
            with lock:
                return function(*arguments, **options)

        return locked

    worker.heartbeat.beat = quietly(worker.heartbeat.beat)
    worker.housekeeping.run_housekeeping = quietly(worker.housekeeping.run_housekeeping)
    return lock


def doom(point, nth, by):
    """Makes the process get the signal `by` when it comes to the point for the nth time."""
    from cancellations.sending import calls, send
    from cancellations.wdt.client import CANCEL_BY_TYPE, Client

    left = [nth]

    # Whoever is frozen must not be frozen with the other thread in the middle of a write: on SQLite nobody could write.
    quiet = only_between_sweeps() if by == signal.SIGSTOP and point != "while it is recorded" else nullcontext()

    def die():
        with quiet:
            os.kill(os.getpid(), by)

    def due():
        left[0] -= 1
        return left[0] == 0

    def before(module, name, only=lambda *_: True):
        function = getattr(module, name)

        def doomed(*arguments, **options):
            if only(*arguments) and due():
                die()
            return function(*arguments, **options)

        setattr(module, name, doomed)

    def after(module, name, only=lambda *_: True):
        function = getattr(module, name)

        def doomed(*arguments, **options):
            result = function(*arguments, **options)
            if only(*arguments) and due():
                die()
            return result

        setattr(module, name, doomed)

    def during_the_call(client, method, body, page=None, *, call=Client.call, **how):
        if method == CANCEL_BY_TYPE and due():
            threading.Timer(0.03, die).start()
        return call(client, method, body, page, **how)

    def is_cancelling(_client, method, *_):
        return method == CANCEL_BY_TYPE

    match point:
        case "before the write-ahead":
            before(send, "_claim")
        case "in the write-ahead":
            after(calls, "write_ahead")
        case "after the write-ahead":
            before(send, "_make")
        case "during the call":
            Client.call = during_the_call
        case "after the answer":
            after(Client, "call", is_cancelling)
        case "while it is recorded":
            after(send, "_record_outcomes")
        case "after it is recorded":
            after(send, "_record")
        case _:
            raise ValueError(point)


def set_clock(seconds):
    """The clock that signatures are made with is off by so much."""
    from cancellations.wdt.client import Client

    call = Client.call

    def with_another_clock(self, method, body, page=None, *, at):
        return call(self, method, body, page, at=at + seconds)

    Client.call = with_another_clock


def fill_disk_after_an_answer(seconds):
    """When the first answer has come, nothing can be written to files for some seconds."""
    from cancellations.wdt.client import CANCEL_BY_TYPE, Client

    call, filled = Client.call, threading.Event()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)

    def full_after_it(self, method, body, page=None, **how):
        answer = call(self, method, body, page, **how)
        if method == CANCEL_BY_TYPE and not filled.is_set():
            filled.set()
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, unlimited[1]))
            threading.Timer(seconds, resource.setrlimit, (resource.RLIMIT_FSIZE, unlimited)).start()
        return answer

    Client.call = full_after_it
