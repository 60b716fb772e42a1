"""Room for the calls of a page or a task.

CPython keeps the frames of a thread's calls in chunks of 16 KB, and gives a chunk back to the system as soon as its
last frame ends. A loop that calls across the border of two chunks, as the rows of a page may, gets and returns one with
each call. It depended on nothing but the depth from which a page was called whether it took 17 or 44 ms (Python 3.11).
Newer releases of Python keep a chunk (python/cpython#142183).
"""

from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar, cast

ROOM = 16_000  # values; a chunk for a frame of this size has as much again for the calls in it
F = TypeVar("F", bound=Callable[..., Any])


def with_room(function: F) -> F:
    """The function itself, whose calls fit into one chunk: it claims so large a frame, and touches none of it."""
    plain = cast(FunctionType, function)
    plain.__code__ = plain.__code__.replace(co_stacksize=ROOM)
    return function
