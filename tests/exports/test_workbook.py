"""Workbooks are written row by row, onto as many sheets as are needed, and leave nothing behind."""

import io
import os
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from cancellations.exports import workbook

COLUMNS = [("Order", 20), ("Why", 8)]


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def written(rows, folder, **limits):
    file = io.BytesIO()
    workbook.write(file, rows, title="采购单", columns=COLUMNS, folder=str(folder), **limits)
    return openpyxl.load_workbook(file)


def test_a_full_sheet_continues_on_the_next_with_headings(tmp_path):
    book = written([(f"CG{number}", "x") for number in range(5)], tmp_path, rows_of_a_sheet=3)
    assert [(sheet.title, [row[0] for row in sheet.values]) for sheet in book] == [
        ("采购单", ["Order", "CG0", "CG1"]),
        ("采购单 2", ["Order", "CG2", "CG3"]),
        ("采购单 3", ["Order", "CG4"]),
    ]


def test_what_just_fits_makes_no_empty_sheet(tmp_path):
    assert written([("CG0", "x"), ("CG1", "x")], tmp_path, rows_of_a_sheet=3).sheetnames == ["采购单"]
    assert [*written([], tmp_path).active.values] == [("Order", "Why")]


def test_every_text_is_a_text_whatever_it_begins_with(tmp_path):
    cells = written([("=1+1", "http://example.com/"), ("7", "{=1}")], tmp_path).active
    assert {cell.data_type for row in cells.iter_rows() for cell in row} <= {"s", "inlineStr"}
    assert [*cells.values][1:] == [("=1+1", "http://example.com/"), ("7", "{=1}")]
    assert cells["B2"].hyperlink is None


def test_numbers_and_times_are_such(tmp_path):
    moment = datetime(2026, 11, 24, 9, 0, 5)  # noqa: DTZ001 - a spreadsheet knows no zones
    sheet = written([(7, moment), (Decimal("52356.10"), "x")], tmp_path).active
    assert (sheet["A2"].value, sheet["B2"].value, sheet["A3"].value) == (7, moment, 52356.1)
    assert (sheet["B2"].number_format, sheet["A3"].number_format) == ("yyyy-mm-dd hh:mm:ss", "#,##0.00")


def test_headings_have_widths_and_filters(tmp_path):
    sheet = written([("CG1", "x"), ("CG2", "y")], tmp_path).active
    assert sheet.auto_filter.ref == "A1:B3"
    assert sheet.column_dimensions["A"].width > sheet.column_dimensions["B"].width


def test_rows_that_break_off_leave_no_complete_workbook(tmp_path):
    def rows():
        yield "CG0", "x"
        raise RuntimeError("away")

    target = tmp_path / "orders.xlsx"
    with pytest.raises(RuntimeError, match="away"), workbook.temporary_folder() as folder:
        workbook.write(target, rows(), title="x", columns=COLUMNS, folder=folder)
    assert not target.exists()


def test_temporary_folders_are_removed_even_of_the_dead(temporary):
    of_the_dead, of_the_living = (temporary / f"{workbook.FOLDER}{pid}-x" for pid in (2**22 + 1, os.getpid()))
    for folder in (of_the_dead, of_the_living, temporary / "somebody-elses"):
        folder.mkdir()
        (folder / "rows").write_text("x")
    with workbook.temporary_folder() as folder:
        assert Path(folder).parent == temporary
        Path(folder, "rows").write_text("x")
    assert {path.name for path in temporary.iterdir()} == {of_the_living.name, "somebody-elses"}
