"""Has a list read by a child process, which cannot harm this one nor hold up what its other threads answer."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from cancellations.intake.guess import Choice
from cancellations.intake.kinds import FileRefused, Refusal
from cancellations.intake.reading import Reading

SECONDS = 10
# Whoever waits has a thread of the web process: one has to be left for ordinary pages.
AT_ONCE, IN_LINE, SECONDS_IN_LINE = 2, 1, 3

_turns, _places = threading.BoundedSemaphore(AT_ONCE), threading.BoundedSemaphore(AT_ONCE + IN_LINE)
_ROOT = Path(__file__).resolve().parents[2]
# -I: nothing of the environment or of the current folder gets in; the folder of this project has to be named.
_PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from cancellations.intake.reader import main; main()"
_COMMAND = [sys.executable, "-I", "-c", _PROGRAM, str(_ROOT)]
_REFUSED_BY_SIGNAL = {
    -signal.SIGXCPU: Refusal.TOO_SLOW,
    -signal.SIGABRT: Refusal.TOO_BIG_INSIDE,  # how the library ends when it gets no memory
    -signal.SIGKILL: Refusal.TOO_BIG_INSIDE,  # by the system, for want of memory: we kill only what took too long
}


class _Refused(NamedTuple):
    reason: Refusal
    detail: str


def have_read(name: str | None, content: bytes, choice: Choice | None, shapes: Sequence[str]) -> Reading:
    """What `reader` reads in the list, a paste if it has no name; takes ten seconds at most. Raises FileRefused."""
    command = [*_COMMAND, json.dumps([name, choice, list(shapes)])]
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    with ExitStack() as turn:  # few lists are read at once, and few wait
        if not _places.acquire(blocking=False):
            raise FileRefused(Refusal.BUSY)
        turn.callback(_places.release)
        if not _turns.acquire(timeout=SECONDS_IN_LINE):
            raise FileRefused(Refusal.BUSY)
        turn.callback(_turns.release)
        try:
            child = subprocess.run(
                command, input=content, stdout=pipe, stderr=nothing, env={}, cwd="/", timeout=SECONDS
            )
        except subprocess.TimeoutExpired as error:
            raise FileRefused(Refusal.TOO_SLOW) from error
    if child.returncode:
        raise FileRefused(_REFUSED_BY_SIGNAL.get(child.returncode, Refusal.BROKEN))
    import msgspec  # only here: the child would import it too, and waste a tenth of its time

    try:
        read: Reading | _Refused = msgspec.json.decode(child.stdout, type=Reading | _Refused)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise FileRefused(Refusal.BROKEN) from error
    if isinstance(read, _Refused):
        raise FileRefused(read.reason, read.detail)
    return read
