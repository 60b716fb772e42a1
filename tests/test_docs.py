"""What the documents name is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MADE_BY_THE_TESTS = "tests/screenshots/"
DOCUMENTS = ["README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_a_document_names_exists(document):
    named = re.findall(
        r"`((?:tests|docs|bench|cancellations|wdtadmin|requirements|deploy)/[\w./-]+)`", (ROOT / document).read_text()
    )
    missing = [name for name in named if not (ROOT / name).exists() and name != MADE_BY_THE_TESTS]
    assert not missing


def test_every_threat_has_its_proof():
    table = (ROOT / "docs/security.md").read_text().partition("## Threats")[2].partition("## What is accepted")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ") and "defence" not in line]
    assert len(rows) > 15
    assert not [row for row in rows if "`tests/" not in row]


def names_in(path):
    """Functions and classes of a module, and the methods of its classes as `Class.method`."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
            yield from (f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef))


def test_every_function_that_the_tour_names_exists():
    steps = re.findall(r"`([\w/]+\.py)::([\w.]+)`", (ROOT / "docs/tour.md").read_text())
    assert len(steps) > 40
    missing = [
        f"{file}::{name}"
        for file, name in steps
        if not (path := ROOT / "cancellations" / file).exists() or name not in names_in(path)
    ]
    assert not missing
