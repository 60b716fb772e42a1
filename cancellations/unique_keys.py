"""Objects of JSON text whose keys come once, as hooks of the `json` module want it."""

from typing import Any


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object. Raises ValueError if a key comes twice: which value is meant would be a guess, and SQL may read
    another one than Python does."""
    named = dict(pairs)
    if len(named) != len(pairs):
        raise ValueError("a key comes twice")
    return named
