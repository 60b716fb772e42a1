"""Cells of a CSV are no formulas, whatever separates them in the program that opens it."""

import pytest

from cancellations.pages.downloads import safe


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("x;=HYPERLINK(0)", "x;'=HYPERLINK(0)"),
        ("x; =1|@y\t-2", "x; '=1|'@y\t'-2"),
        ("；=1", "；=1"),
        ("a;b", "a;b"),
        ("CG-1", "CG-1"),
    ],
)
def test_no_cell_begins_a_formula_where_a_separator_stands_in_it(text, shown):
    assert safe(text) == shown
