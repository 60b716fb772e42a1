"""The examples of docs/lists.md are true."""

import re
from pathlib import Path

import pytest

from cancellations.intake import read_paste

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "lists.md").read_text()
EXAMPLES = re.findall(r"```list\n(.*?)```\n```read\n(.*?)```", TEXT, re.DOTALL)


def said(lines, word):
    """What the example says of this kind, blanks left out."""
    return "".join(line.partition(":")[2] for line in lines.splitlines() if line.startswith(f"{word}:")).split()


def parted(texts):
    return " ".join(texts).split()


@pytest.mark.parametrize(("text", "expected"), EXAMPLES, ids=[text[:30] for text, _ in EXAMPLES])
def test_each_example_is_read_as_it_says(text, expected):
    intake = read_paste(text).intake
    assert intake.numbers == said(expected, "taken")
    assert parted(piece.value for piece in intake.to_check) == said(expected, "to check")
    offered = [number for piece in intake.to_check for number in piece.offers]
    assert set(said(expected, "offered")) <= set(offered)
    headings = [piece.value for piece in intake.rejected if piece.value in text]
    assert sorted(parted(headings)) == sorted(said(expected, "not taken"))


def test_every_block_of_the_document_is_an_example():
    assert TEXT.count("```") == 4 * len(EXAMPLES)
