"""The commands of docs/operating.md's chapter on the installation, as they stand there."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
HOST = "wdtadmin.example.com"


class Block(NamedTuple):
    needs_root: bool
    commands: list[str]


def blocks():
    """The chapter's commands in their order. A paragraph above a block says who runs it."""
    chapter = (ROOT / "docs/operating.md").read_text().partition("\n## Installation\n")[2].partition("\n## ")[0]
    needs_root = False
    for paragraph in chapter.split("\n\n"):
        if paragraph.startswith("    "):
            yield Block(needs_root, [line.strip() for line in paragraph.splitlines()])
        elif re.match(r"As root\b", paragraph):
            needs_root = True
        elif re.search(r"\bas wdtadmin\b", paragraph, re.IGNORECASE):
            needs_root = False
