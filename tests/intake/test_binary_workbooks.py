"""Binary workbooks (.xlsb) are read as others are, and no damage to one does more than refuse it."""

import datetime
import io
import struct
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancellations.intake import Choice, FileRefused, Gap, Reason, Refusal, Sheet, TooMuch, Unread, read_file
from cancellations.intake.binary_workbook import read_binary_workbook
from cancellations.intake.workbook import view_of_workbook
from tests.intake import binary_workbooks as binary
from tests.intake import made_files as made
from tests.intake.binary_workbooks import cell, formula, real, record, rk, row, sheet, short, wide, workbook, xlsb

ROWS = [["供应商", "采购单号"], ["甲", "CG1"], ["乙", "采购-2"], ["丙", 5]]
SOUND = xlsb(("S", ROWS), ("T", ROWS))


def column(*cells, **options):
    """A workbook with one column, a row for each cell."""
    records = [part for number, one in enumerate(cells, 1) for part in (row(number), one)]
    return workbook([("S", sheet(*records))], **options)


def rejected(content):
    pieces = read_file("a.xlsb", content, Choice(0, 0, 1)).intake.rejected
    return [(piece.line, piece.value, piece.reason) for piece in pieces]


def test_a_binary_workbook_is_read_as_its_twin_is():
    rows = [*ROWS, [None, datetime.date(2026, 11, 1)], ["戊", True], ["己", "2023042600000123456"], ["庚", None]]
    twin = made.xlsx(("S", rows), ("旧", ROWS), hidden=["旧"])
    assert read_file("a.xlsb", xlsb(("S", rows), ("旧", ROWS), states=(0, 1))) == read_file("a.xlsx", twin)


def test_a_workbook_within_another_changes_nothing():
    plain = made.xlsx(("S", ROWS), ("T", ROWS))
    assert read_file("a.xlsx", made.with_another_inside(plain, SOUND)) == read_file("a.xlsx", plain)
    assert read_file("a.xlsb", made.with_another_inside(SOUND, plain)) == read_file("a.xlsb", SOUND)


def test_a_text_is_read_wherever_it_stands():
    content = column(
        cell(0, binary.TEXT, wide("采购单号")),
        cell(0, binary.SHARED_TEXT, struct.pack("<I", 1)),
        cell(0, binary.RICH_TEXT, b"\1" + wide("CG2") + bytes(8)),
        formula(0, binary.FORMULA_TEXT, wide("CG3")),
        cell(0, binary.TEXT, wide("2023042600000123456"), binary.DATE),
        texts=["", "CG1"],
    )
    assert read_file("a.xlsb", content).intake.numbers == ["CG1", "CG2", "CG3", "2023042600000123456"]


def test_cells_that_are_not_text_are_refused_with_their_places():
    content = column(
        cell(0, binary.REAL, real(202611010001)),
        cell(0, binary.RK, rk(-20261101)),
        cell(0, binary.RK, rk(1250, hundredth=True)),
        cell(0, binary.RK, struct.pack("<d", 1.5)[4:]),
        formula(0, binary.FORMULA_NUMBER, real(1e17)),
        cell(0, binary.REAL, real(float("nan")), binary.DATE),
        cell(0, binary.REAL, real(46327), binary.NUMBER),
        cell(0, binary.RK, rk(46327), binary.DATE | 1 << 24),  # its phonetic text is shown
        cell(0, binary.REAL, real(46327.25), binary.MOMENT),
        formula(0, binary.FORMULA_NUMBER, real(0.5), binary.MOMENT),
        cell(0, binary.BOOL, b"\1"),
        formula(0, binary.FORMULA_BOOL, b"\0"),
        cell(0, binary.ERROR, binary.NOT_AVAILABLE),
        formula(0, binary.FORMULA_ERROR, binary.DIVIDED_BY_0),
    )
    values = {
        Reason.NUMBER: ["202611010001", "-20261101", "12.5", "1.5", "100000000000000000", "NaN", "46327"],
        Reason.DATE: ["2026-11-01", "2026-11-01 06:00:00", "12:00:00"],
        Reason.NOT_TEXT: ["TRUE", "FALSE", "#N/A", "#DIV/0!"],
    }
    odd = [(value, reason) for reason, group in values.items() for value in group]
    assert rejected(content) == [(line, *cell) for line, cell in enumerate(odd, 1)]


def test_dates_of_a_workbook_that_counts_from_1904():
    content = column(cell(0, binary.REAL, real(46327 - 1462), binary.DATE), is_1904=True)
    assert rejected(content) == [(1, "2026-11-01", Reason.DATE)]


def test_cells_without_a_column_stand_beside_the_one_before():
    line = [short(binary.SHARED_TEXT, struct.pack("<I", 2)), short(binary.BLANK), short(binary.TEXT, wide("CG1"))]
    further = [cell(0, binary.BLANK), short(binary.RK, rk(5)), short(binary.ERROR, binary.NOT_AVAILABLE)]
    heading = cell(2, binary.TEXT, wide("采购单号"))
    content = workbook([("S", sheet(row(1), heading, row(2), *line, row(3), *further))], ["", "", "甲"])
    reading = read_file("a.xlsb", content)
    assert [column.samples for column in reading.columns] == [("甲",), ("5",), ("CG1", "#N/A")]
    assert reading.intake.numbers == ["CG1"]
    [piece] = reading.intake.rejected
    assert (piece.line, piece.column, piece.value, piece.reason) == (3, "C", "#N/A", Reason.NOT_TEXT)


def test_rows_without_height_are_hidden():
    parts = [
        row(1),
        cell(0, binary.TEXT, wide("采购单号")),
        row(2, height=0, has_own_height=True),
        cell(0, binary.TEXT, wide("CG1")),
        row(3, height=0),  # as high as usual
        cell(0, binary.TEXT, wide("CG2")),
    ]
    intake = read_file("a.xlsb", workbook([("S", sheet(*parts))])).intake
    assert (intake.numbers, [order.number for order in intake.hidden]) == (["CG2"], ["CG1"])


def test_rows_and_columns_count_from_the_sheets_corner():
    line = [row(7), cell(203, binary.TEXT, wide("甲")), cell(230, binary.TEXT, wide("CG–1"))]
    content = workbook([("S", sheet(row(5), cell(230, binary.TEXT, wide("采购单号")), *line))])
    reading = read_file("a.xlsb", content)
    assert reading.choice == Choice(0, 230, 6)
    assert [column.letter for column in reading.columns] == ["GV", "HW"]
    assert [(piece.line, piece.column) for piece in reading.intake.rejected] == [(7, "HW")]


def test_hidden_sheets_come_last_and_charts_are_none():
    sheets = [
        (name, sheet(row(1), cell(0, binary.TEXT, wide(number)))) for name, number in [("旧", "OLD1"), ("新", "CG1")]
    ]
    content = workbook([("图", b""), *sheets], states=(0, 2), kinds=["chartsheet"])
    reading = read_file("a.xlsb", content)
    assert reading.sheets == (Sheet("图", 0, True), Sheet("旧", 1, True), Sheet("新", 1, False))
    assert reading.intake.numbers == ["CG1"]


def test_further_sheets_are_offered_and_read_together():
    content = xlsb(("1月", [["采购单号"], ["CG1"]]), ("2月", [["采购单号"], ["CG2"], ["CG3"]]))
    reading = read_file("a.xlsb", content)
    assert [(other.sheet, other.letter, other.numbers) for other in reading.others] == [("2月", "A", 2)]
    again = read_file("a.xlsb", content, reading.choice._replace(together=True))
    assert again.intake.numbers == ["CG1", "CG2", "CG3"]


def test_the_rows_below_a_merged_cell_lack_no_number():
    rows = [["采购单号", "商品"], ["CG1", "A"], [None, "B"], ["CG2", "C"], [None, "D"]]
    content = xlsb(("S", rows))
    assert read_file("a.xlsb", content).gaps == (Gap(Unread.BLANK, (3, 5)),)
    with_merged = made.changed(
        content,
        "xl/worksheets/sheet0.bin",
        binary.END_OF_ROWS,
        binary.END_OF_ROWS + binary.merged(2, 3, 0, 0) + binary.merged(5, 5, 0, 1),
    )
    assert read_file("a.xlsb", with_merged).gaps == (Gap(Unread.BLANK, (5,)),)


def test_parts_with_odd_names_are_found():
    odd = made.renamed(xlsb(("S", ROWS)), lambda name: name.replace("/", "\\").replace("shared", "Shared"))
    assert read_file("a.xlsb", odd).intake.numbers == ["CG1", "采购-2"]


def test_a_length_may_take_four_bytes():
    text = wide("CG" + "1" * 1_100_000)
    content = workbook([("S", sheet(*HEAD, row(2), cell(0, binary.TEXT, text), row(3), cell(0, binary.BLANK)))])
    assert [(piece.line, len(piece.value) > 99) for piece in read_file("a.xlsb", content).intake.rejected] == [
        (2, True)
    ]


def test_half_a_character_spoils_its_number_only():
    content = column(*(cell(0, binary.TEXT, wide(text)) for text in ("采购单号", "CG1\ud840", "CG2")))
    reading = read_file("a.xlsb", content)
    assert (reading.intake.numbers, [piece.line for piece in reading.intake.rejected]) == (["CG2"], [2])


HEAD = (row(1), cell(0, binary.TEXT, wide("CG1")))
FAULTS = {
    "a cell outside of any row": [cell(0, binary.TEXT, wide("CG1"))],
    "a row behind the last": [row(1_048_577)],
    "a row four thousand million": [record(binary.ROW, b"\xff" * 12)],
    "a row for the second time": [*HEAD, *HEAD],
    "a row before one that was": [row(2), row(1)],
    "a column behind the last": [row(1), cell(16_384, binary.TEXT, wide("CG1"))],
    "a cell for the second time": [*HEAD, cell(0, binary.TEXT, wide("CG2"))],
    "a shared text that there is not": [row(1), cell(0, binary.SHARED_TEXT, b"\xff\xff\xff\x7f")],
    "a text longer than its record": [row(1), cell(0, binary.TEXT, struct.pack("<I", 9) + b"C\0G\0001\0"), *HEAD],
    "a text of gigabytes": [row(1), cell(0, binary.TEXT, b"\xfe\xff\xff\xff")],
    "a number of three bytes": [row(1), cell(0, binary.RK, b"\1\2\3")],
    "half a row": [record(binary.ROW, bytes(7))],
    "half a cell": [row(1), record(binary.TEXT, bytes(3))],
    "no error in the cell of one": [row(1), cell(0, binary.ERROR)],
    "a record longer than the part": [*HEAD, b"\x06\xff\xff\xff\x7f"],
    "a length without its end": [*HEAD, b"\x06\xff"],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_sheet_is_refused_and_not_read_in_part(fault):
    content = workbook([("S", sheet(*FAULTS[fault]))], ["CG1"])
    with pytest.raises(FileRefused) as refused:
        read_binary_workbook(content)
    assert refused.value.reason is Refusal.BROKEN


def test_what_looks_like_a_row_behind_the_last_is_none():
    content = made.changed(SOUND, "xl/worksheets/sheet1.bin", binary.END_OF_ROWS, binary.END_OF_ROWS + bytes(8))
    assert read_binary_workbook(content) == read_binary_workbook(SOUND)


SHEET, BOOK, RELATIONS = "xl/worksheets/sheet1.bin", "xl/workbook.bin", "xl/_rels/workbook.bin.rels"
DAMAGED = {
    "nothing but its names": made.archive({BOOK: "", SHEET: ""}),
    "no sheet": workbook([]),
    "no relations": made.renamed(SOUND, lambda name: name.replace("_rels/workbook", "_rels/book")),
    "no relation of a sheet": made.changed(SOUND, RELATIONS, b"rId1", b"rId7"),
    "no part of a sheet": made.renamed(SOUND, lambda name: name.replace("sheet1", "sheet7")),
    "relations that are no XML": made.changed(SOUND, RELATIONS, b"<Relationships", b"<Relation ships"),
    "a name without its end": made.changed(SOUND, BOOK, wide("S"), b"\xff\xff\0\0S\0"),
    "a sheet without its end": made.changed(SOUND, SHEET, binary.END_OF_ROWS, b""),
    "half a merged cell": workbook([("S", sheet(*HEAD, further=record(binary.MERGED, bytes(15))))]),
    "half a record": workbook([("S", sheet(*HEAD) + b"\x3c\x12\0")]),
    "half a type": workbook([("S", sheet(*HEAD) + b"\xff")]),
    "half a style": made.changed(SOUND, "xl/styles.bin", record(616), b"\x2c\x03\0\0"),
    "half of all": SOUND[: len(SOUND) // 2],
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_workbook_is_broken(damage):
    with pytest.raises(FileRefused) as refused:
        read_file("a.xlsb", DAMAGED[damage])
    assert refused.value.reason is Refusal.BROKEN


def test_a_list_that_is_far_too_long_is_refused():
    with pytest.raises(FileRefused) as refused:
        read_file("a.xlsb", workbook([("S", sheet(*HEAD, row(200_001), cell(0, binary.TEXT, wide("CG2"))))]))
    assert refused.value.reason is Refusal.TOO_MANY_ROWS


def wide_rows():
    """300 kB: each of 100,000 rows has its only cell in the last column."""
    lines = [row(number) + cell(16_383, binary.TEXT, wide("CG1")) for number in range(1, 100_001)]
    return workbook([("S", sheet(*lines))])


def nothing_but_records():
    """64 kB that become 33 million records, the shortest that there are."""
    return workbook([("S", b"\x30\x00" * ((63 << 20) // 2))])


def a_bomb():
    return workbook([("S", sheet(*HEAD))], more={"xl/media/x.bin": bytes(100 << 20)})


BOMBS = {
    wide_rows: {Refusal.TOO_BIG_INSIDE},
    nothing_but_records: {Refusal.TOO_SLOW, Refusal.BROKEN},  # a fast machine finds that the sheet has no end
    a_bomb: {Refusal.TOO_BIG_INSIDE},
}


@pytest.mark.slow
@pytest.mark.parametrize("make", BOMBS, ids=lambda make: make.__name__)
def test_a_bomb_is_refused(make):
    with pytest.raises(FileRefused) as refused:
        read_file("a.xlsb", make())
    assert refused.value.reason in BOMBS[make]


PARTS = ["xl/worksheets/sheet0.bin", "xl/workbook.bin", "xl/styles.bin", "xl/sharedStrings.bin"]
ODD = sheet(
    row(1), cell(0, binary.TEXT, wide("采购单号")), short(binary.RK, rk(5)), formula(2, binary.FORMULA_ERROR, b"\7"),
    row(2, hidden=True), cell(1, binary.REAL, real(46327), binary.DATE), short(binary.SHARED_TEXT, bytes(4)),
    further=binary.merged(1, 2, 0, 0),
)  # fmt: skip


@given(st.sampled_from(PARTS), st.lists(st.tuples(st.integers(0, 9999), st.binary(max_size=4)), min_size=1, max_size=3))
def test_a_workbook_with_odd_bytes_is_read_or_refused(part, changes):
    content = workbook([("S", ODD)], ["CG1"])
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        sound = file.read(part)
    damaged = bytearray(sound)
    for place, odd in changes:
        place %= len(damaged) + 1
        damaged[place : place + max(1, len(odd))] = odd
    with suppress(FileRefused, TooMuch):
        view_of_workbook("xlsb", made.changed(content, part, sound, bytes(damaged)), None)
