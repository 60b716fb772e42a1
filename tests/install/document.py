"""The commands of a chapter of docs/operating.md, as they stand there."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
HOST = "wdtadmin.example.com"


class Block(NamedTuple):
    needs_root: bool
    folder: str
    commands: list[str]


def blocks(chapter="Installation"):
    """The chapter's commands in their order. A paragraph above a block says who runs it, and in which folder."""
    text = (ROOT / "docs/operating.md").read_text()
    chapter = text.partition(f"\n## {chapter}\n")[2].partition("\n## ")[0]
    needs_root, folder = False, ""
    for paragraph in chapter.split("\n\n"):
        if paragraph.startswith("    "):
            yield Block(needs_root, folder, [line.strip() for line in paragraph.splitlines()])
        elif re.match(r"As root\b", paragraph):
            needs_root = True
        elif re.search(r"\bas wdtadmin\b", paragraph, re.IGNORECASE):
            needs_root = False
            folder = found[1] if (found := re.search(r", in `(/srv/[^`]+)`", paragraph)) else folder
