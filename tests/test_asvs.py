"""The table of ASVS items holds each item once, names what exists, and counts itself rightly."""

import itertools
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs/asvs.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")] for line in TEXT.splitlines() if re.match(r"\| \d", line)
]
ALL = 253  # items of levels 1 and 2


def ends(item):
    """The first and the last number of `1.2.3` or `4.3.1–4.3.2`, each as numbers."""
    first, _, last = item.partition("–")
    return [tuple(map(int, number.split("."))) for number in (first, last or first)]


def test_no_item_is_listed_twice():
    given = [ends(row[0]) for row in ROWS]
    assert all(before[1] < after[0] for before, after in itertools.pairwise(given))


def test_the_head_counts_what_the_table_says():
    count = Counter()
    for _, _, what, result, _ in ROWS:
        several = re.search(r"\((\d+) items\)", what)
        count[result] += int(several[1]) if several else 1
    assert sum(count.values()) == ALL
    head = re.search(r"Of (\d+) items (\d+) .*?, (\d+) partly, (\d+) not.*?; (\d+) do not", TEXT, re.DOTALL)
    assert [int(number) for number in head.groups()] == [ALL, *(count[one] for one in ("yes", "partly", "no", "n/a"))]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_proof_is_a_file_that_exists(row):
    _, level, what, result, proof = row
    assert re.fullmatch(r"L[12](, L2)?", level)
    assert len(what.split()) <= 12
    named = re.findall(r"`((?:[\w.-]+/[\w./-]*|[\w.-]+\.(?:py|toml)))`", proof)
    assert not [name for name in named if not (ROOT / name).exists()]
    assert named or result == "n/a"
