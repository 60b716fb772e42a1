"""Measures how the application is built: `make measure`. The figures are for judging a change, none of them is a limit.

Counted are cancellations/ and wdtadmin/ without the migrations.

- A private helper is a function or method whose name begins with one underscore. It is used once if it stands at the
  top of its module and that module names it exactly once outside its own body.
- A function is as long as the lines from its `def` to its end, docstring included.
- A public function stands at the top of its module or in a public class there. It is typed if all its parameters
  (but self and cls) and its result are.
- A room is what stands directly in cancellations/; what stands directly in its pages/ is a room too.
- An arrow goes upwards if the table of tests/test_imports.py does not allow it, or if it is the weakest of a circle.
"""

import ast
import re
from collections import Counter
from pathlib import Path
from statistics import median

from tests.test_imports import MAY_IMPORT, imported

BASE = Path(__file__).resolve().parent.parent
APPLICATION = BASE / "cancellations"
TYPED_ROOMS = {"workflow", "sending", "history", "figures", "audit", "exports"}
SUBJECTS = {
    "exports": r"export|workbook|copies|download",
    "figures": r"figure|recount|counting|reasons",
    "audit trail": r"audit|chain|anchors",
    "signing in": r"sign_in|session|second_factor|sudo|set_password|throttling|oidc|account|/access/",
}
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def main():
    trees = {path: ast.parse(path.read_text()) for path in _files()}
    arrows = _arrows()
    forbidden = {arrow for arrow in arrows if not _allowed(*arrow)}
    circles, weakest = _circles(arrows)
    print(f"{'files of Python':44}{len(trees)}")
    _print_functions(trees)
    _print_types(trees)
    print(f"{'arrows upwards':44}{_named(forbidden | weakest)}")
    print(f"{'circles of rooms':44}{len(circles)}  {'; '.join(' ↔ '.join(sorted(circle)) for circle in circles)}")
    print(f"{'template lines over 120 columns':44}{_long_lines_of_templates()}")
    print(f"{'migrations':44}{len(list((APPLICATION / 'migrations').glob('[0-9]*.py')))}")
    _print_files(trees)


def _files():
    folders = (APPLICATION, BASE / "wdtadmin")
    return [path for folder in folders for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts]


def _print_functions(trees):
    functions = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, FUNCTION)]
    private = [node for node in functions if re.match(r"_[^_]", node.name)]
    lengths = sorted(node.end_lineno - node.lineno + 1 for node in functions)
    used_once = sum(len(_helpers_used_once(tree)) for tree in trees.values())
    short = sum(length <= 25 for length in lengths)
    print(f"{'functions':44}{len(functions)}")
    print(f"{'private helpers':44}{len(private)} ({len(private) / len(functions):.0%})")
    print(f"{'private helpers used once':44}{used_once}")
    print(f"{'lines of a function: median, p90, most':44}{median(lengths):.0f}, {_p90(lengths)}, {lengths[-1]}")
    print(f"{'functions of at most 25 lines':44}{short / len(lengths):.1%}")


def _p90(ordered):
    return ordered[len(ordered) * 9 // 10]


def _helpers_used_once(tree):
    uses = _names(tree)
    helpers = [node for node in tree.body if isinstance(node, FUNCTION) and re.match(r"_[^_]", node.name)]
    return [node.name for node in helpers if uses[node.name] - _names(node)[node.name] == 1]


def _names(tree):
    """How often each name is used, also as an attribute."""
    nodes = list(ast.walk(tree))
    return Counter(node.id for node in nodes if isinstance(node, ast.Name)) + Counter(
        node.attr for node in nodes if isinstance(node, ast.Attribute)
    )


def _print_types(trees):
    everywhere = [function for tree in trees.values() for function in _public_functions(tree)]
    rooms = {path: tree for path, tree in trees.items() if TYPED_ROOMS & set(path.relative_to(BASE).parts[1:2])}
    there = [function for tree in rooms.values() for function in _public_functions(tree)]
    print(f"{'public functions with types, typed rooms':44}{_share_typed(there)}")
    print(f"{'public functions with types, everywhere':44}{_share_typed(everywhere)}")


def _public_functions(tree):
    bodies = [tree.body] + [node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name[0] != "_"]
    return [node for body in bodies for node in body if isinstance(node, FUNCTION) and node.name[0] != "_"]


def _share_typed(functions):
    typed = sum(map(_is_typed, functions))
    return f"{typed / len(functions):.0%} ({typed} of {len(functions)})"


def _is_typed(function):
    given = function.args
    parameters = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    named = [parameter for parameter in parameters if parameter and parameter.arg not in ("self", "cls")]
    return bool(function.returns) and all(parameter.annotation for parameter in named)


def _room(parts):
    """The room of a path or of a dotted name, without the 'cancellations' before it."""
    first, *rest = (part.removesuffix(".py") for part in parts)
    return f"pages.{rest[0]}" if first == "pages" and rest and rest[0] != "__init__" else first


def _arrows():
    """{(room, the room it imports): how often}"""
    arrows = Counter()
    for path in APPLICATION.rglob("*.py"):
        parts = path.relative_to(APPLICATION).parts
        if parts[0] == "migrations":
            continue
        targets = [name.split(".")[1:] for name in imported(path) if name.startswith("cancellations.")]
        arrows.update((_room(parts), _room(target)) for target in targets if _room(target) != _room(parts))
    return arrows


def _allowed(room, target):
    room, target = room.partition(".")[0], target.partition(".")[0]
    return room == target or target in MAY_IMPORT.get(room, set())


def _circles(arrows):
    """The circles, and the arrows which, taken off, leave none: of each circle the one with the fewest imports."""
    left, circles, weakest = dict(arrows), [], set()
    while circle := _circle(left):
        steps = [arrow for arrow in left if set(arrow) <= circle]
        weakest.add(min(steps, key=left.get))
        del left[min(steps, key=left.get)]
        circles += [circle] if not any(circle <= other for other in circles) else []
    return circles, weakest


def _circle(arrows):
    """Rooms that all reach each other, or nothing."""
    rooms = sorted({room for arrow in arrows for room in arrow})
    reached = {room: _reached(room, arrows) for room in rooms}
    for room in rooms:
        if room in reached[room]:
            return {other for other in reached[room] if room in reached[other]}
    return set()


def _reached(room, arrows):
    found, new = set(), {room}
    while new:
        new = {target for source, target in arrows if source in new} - found
        found |= new
    return found


def _named(arrows):
    return f"{len(arrows)}  {'; '.join(sorted(f'{room} → {target}' for room, target in arrows))}"


def _long_lines_of_templates():
    templates = [path for path in (BASE / "templates").rglob("*") if path.is_file()]
    return sum(len(line) > 120 for path in templates for line in path.read_text().splitlines())


def _print_files(trees):
    print(f"\n{'room':44}files  lines")
    rooms = {path: _place(path) for path in trees}
    for room in sorted(set(rooms.values())):
        files = [path for path in trees if rooms[path] == room]
        print(f"{room:44}{len(files):5}{sum(len(path.read_text().splitlines()) for path in files):7}")
    print(f"\n{'subject, by the names of files':44}files  folders")
    for subject, words in SUBJECTS.items():
        files = [path for path in trees if re.search(words, str(path.relative_to(BASE)))]
        print(f"{subject:44}{len(files):5}{len({path.parent for path in files}):9}")


def _place(path):
    parts = path.relative_to(BASE).parts
    return _room(parts[1:]) if parts[0] == APPLICATION.name else parts[0]


if __name__ == "__main__":
    main()
