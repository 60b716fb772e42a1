"""The arrows of the design: who may import whom."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "cancellations"
ENTRANCES = {"views", "forms", "management", "admin", "tasks", "urls", "checks", "apps", "migrations", "templatetags"}
MAY_IMPORT = {
    "wdt": set(),
    "intake": set(),
    "models": set(),
    "workflow": {"models"},
    "sending": {"models", "workflow", "wdt"},
    "history": {"models"},
} | dict.fromkeys(ENTRANCES, {"workflow", "sending", "history", "intake", "models"} | ENTRANCES)


def imported(path):
    parents = (ROOT.name, *path.relative_to(ROOT).parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = [*parents[: -node.level], *filter(None, [node.module])] if node.level else [node.module]
            yield from (".".join([*module, alias.name]) for alias in node.names)


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_it_imports_only_what_its_room_may(path):
    room = path.relative_to(ROOT).parts[0].removesuffix(".py")
    names = list(imported(path))
    rooms = {name.split(".")[1] for name in names if name.startswith("cancellations.")}
    assert rooms - {room} <= MAY_IMPORT.get(room, set())
    if room in ("wdt", "intake"):
        assert not [name for name in names if name.partition(".")[0] in ("django", "wdtadmin")]


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
