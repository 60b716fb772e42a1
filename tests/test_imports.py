"""The arrows of the house: who may import whom. One row a room, in the order in which the data walks through them."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "cancellations"
MAY_IMPORT = {
    "wdt": set(),
    "intake": set(),
    "posting": set(),
    "unique_keys": set(),
    "robots": {"posting", "unique_keys"},
    "webhooks": {"posting", "wdt"},
    "sentences": set(),
    "logs": set(),
    "deadline": set(),
    "schema": set(),
    "models": {"sentences", "unique_keys"},
    "workflow": {"models", "intake", "wdt", "robots", "webhooks"},
    "sending": {"models", "workflow", "wdt", "sentences", "logs"},
    "figures": {"models"},
    "audit": {"models"},
    "history": {"models", "figures", "deadline"},
    "words": {"models", "intake", "workflow", "figures", "robots", "webhooks"},
    "notices": {"models", "workflow", "words", "robots", "webhooks", "wdt"},
    "exports": {"models", "workflow", "history", "words"},
    "access": {"models", "workflow", "words", "sentences"},
    "tasks": {"models", "workflow", "sending", "audit", "exports", "logs"},
    "housekeeping": {"models", "workflow", "sending", "figures", "audit", "exports", "tasks", "notices"},
    "doctor": {"schema", "models", "sending", "audit", "tasks", "wdt"},
    "watching": {"schema", "models", "sending", "tasks", "deadline"},
    "pages": {
        *("models", "intake", "workflow", "sending", "figures", "audit", "history", "exports"),
        *("words", "access", "tasks", "templatetags", "logs", "deadline", "notices", "watching", "api"),
    },
    "api": {"models", "intake", "workflow", "words", "access"},
    "templatetags": {"models", "words"},
    "checks": {"workflow"},
    "apps": {"checks", "tasks", "workflow"},
    "urls": {"pages", "api"},
    "migrations": {"models"},
    "management": {
        *("models", "workflow", "sending", "figures", "audit", "history", "exports"),
        *("words", "tasks", "pages", "housekeeping", "access", "intake", "wdt", "notices", "doctor", "api", "webhooks"),
        *("logs", "schema"),
    },
}
WITHOUT_DJANGO = ("wdt", "intake", "posting", "unique_keys", "robots", "webhooks")
FILES = [path for path in sorted(ROOT.rglob("*.py")) if path.parent != ROOT or path.name != "__init__.py"]


def imported(path):
    parents = (ROOT.name, *path.relative_to(ROOT).parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = [*parents[: -node.level], *filter(None, [node.module])] if node.level else [node.module]
            yield from (".".join([*module, alias.name]) for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_it_imports_only_what_its_room_may(path):
    room = path.relative_to(ROOT).parts[0].removesuffix(".py")
    names = list(imported(path))
    rooms = {name.split(".")[1] for name in names if name.startswith("cancellations.")}
    assert rooms - {room} <= MAY_IMPORT[room]
    if room in WITHOUT_DJANGO:
        assert not [name for name in names if name.partition(".")[0] in ("django", "wdtadmin")]


def test_no_two_rooms_import_each_other():
    """Not even by way of others: each room can be read without those that come after it."""
    below = {room: set(others) for room, others in MAY_IMPORT.items()}
    for _ in below:
        below = {room: rooms.union(*(below[other] for other in rooms)) for room, rooms in below.items()}
    assert not [room for room, rooms in below.items() if room in rooms]


def test_no_two_rooms_of_pages_import_each_other():
    pages = ROOT / "pages"
    arrows = {
        (path.relative_to(pages).parts[0].removesuffix(".py"), name.split(".")[2])
        for path in pages.rglob("*.py")
        for name in imported(path)
        if name.startswith("cancellations.pages.")
    }
    assert not [(here, there) for here, there in arrows if here != there and (there, here) in arrows]


def writes_a_status(node):
    if isinstance(node, ast.Call):
        verb = getattr(node.func, "attr", "")
        return verb in ("update", "create") and any(keyword.arg == "status" for keyword in node.keywords)
    if isinstance(node, ast.Assign):
        keys = [getattr(getattr(target, "slice", None), "value", "") for target in node.targets]
        return "status" in keys or any(getattr(target, "attr", "") == "status" for target in node.targets)
    return False


def test_a_status_is_written_in_one_place():
    writers = {
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        if not {"migrations", "sandbox"} & set(path.parts)
        and any(map(writes_a_status, ast.walk(ast.parse(path.read_text()))))
    }
    # tasks.py writes the status of the engine's tasks, of which no request has one.
    assert writers - {"tasks.py"} == {"workflow/transitions.py"}
