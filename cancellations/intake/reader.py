"""The program of a child process that reads one list and ends.

The libraries that parse workbooks abort the whole process on some hostile files, and whatever takes long would hold up
the pages of others: so this never runs in a process that has anything else to do. The list comes from standard input,
what was read goes to standard output as JSON.
"""

import gc
import json
import os
import resource
import sys
from typing import Any

from cancellations.intake.guess import Choice
from cancellations.intake.kinds import FileRefused, Refusal, kind
from cancellations.intake.reading import Reading, paste_read, reading_of, text_read
from cancellations.intake.text import TooMuch
from cancellations.intake.workbook import view_of_workbook

MEMORY, CPU_SECONDS = 600 << 20, 8
NICENESS = 5  # whoever waits for an ordinary page comes first


def main() -> None:
    """Reads the list of standard input. The last argument says what it is, as JSON: [name, choice, shapes].

    A paste has no name. The answer is the Reading, or an array of the reason and the detail of its refusal.
    """
    limit_this_process()
    gc.disable()  # nothing here is in cycles, and looking for them takes a quarter of the time
    name, choice, shapes = json.loads(sys.argv[-1])
    answer: Any
    try:
        answer = read(name, sys.stdin.buffer.read(), Choice(*choice) if choice else None, shapes)
    except FileRefused as refused:
        answer = [refused.reason, refused.detail]
    except TooMuch:
        answer = [Refusal.TOO_MANY_ROWS, ""]
    except MemoryError:
        answer = [Refusal.TOO_BIG_INSIDE, ""]
    # not json.dump: that writes piece by piece
    sys.stdout.write(json.dumps(answer, default=lambda one: {name: getattr(one, name) for name in one.__slots__}))
    sys.stdout.flush()
    os._exit(0)  # without giving back each of a million cells


def limit_this_process() -> None:
    """What a hostile file can make of this process: nothing that lasts or that others feel."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    os.nice(NICENESS)


def read(name: str | None, content: bytes, choice: Choice | None, shapes: list[str]) -> Reading:
    """The list as it was chosen or is guessed. Raises FileRefused, TooMuch."""
    if name is None:
        return paste_read(content.decode(), choice, shapes)
    really = kind(name, content)
    if really == "text":
        return text_read(content, choice, shapes)
    return reading_of(view_of_workbook(really, content, choice), shapes)
