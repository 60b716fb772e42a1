import codecs
import datetime

import openpyxl
import pytest
import xlwt

from cancellations.intake import Choice, FileRefused, Reason, Refusal, Sheet, read_file
from tests.intake import made_files as made

ROWS = [
    ["日期", "采购单号", "供应商，名"],
    ["2026-11-01", "CG1", "甲"],
    ["2026-11-02", "采购-2", "乙"],
    ["2026-11-03", "CG3", "丙"],
]
NUMBERS = ["CG1", "采购-2", "CG3"]


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"gb18030"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("delimiter", ["\t", ",", ";", "|"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_csv_is_read_however_it_was_saved(mark, line_end, delimiter, quote):
    text = line_end.join(delimiter.join(f"{quote}{cell}{quote}" for cell in row) for row in ROWS) + line_end
    encoding = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be", b"gb18030": "gb18030"}.get(
        mark, "utf-8"
    )
    content = (b"" if mark == b"gb18030" else mark) + text.encode(encoding)
    reading = read_file("订单.CSV", content)
    assert (reading.choice, reading.sheets) == (Choice(0, 1, 2), (Sheet("", 4, False),))
    assert [(order.number, order.line) for order in reading.intake.orders] == list(zip(NUMBERS, (2, 3, 4), strict=True))


def test_a_txt_is_one_column_whose_lines_may_hold_several():
    reading = read_file("a.txt", "\ufeff请取消\r\nCG1\r\n\r\nCG2，CG3 CG4\r\n".encode("utf-16"))
    assert reading.choice == Choice(0, 0, 2)
    assert [(order.number, order.line) for order in reading.intake.orders] == [
        ("CG1", 2),
        ("CG2", 4),
        ("CG3", 4),
        ("CG4", 4),
    ]


@pytest.mark.parametrize(
    "text", ["CG1,CG2,CG3\n", "CG1,CG2,CG3,CG4\nCG5,CG6,CG7,CG8\n", ",".join(f"CG{n}" for n in range(999))]
)
def test_a_list_with_commas_is_read_across(text):
    assert read_file("a.txt", text.encode()).intake.numbers == text.replace("\n", ",").strip(",").split(",")


def test_the_delimiter_named_by_excel_is_believed():
    reading = read_file("a.csv", "sep=;\r\n采购单号;a,b\r\nCG1;c,d\r\n".encode())
    assert (reading.choice, reading.intake.numbers) == (Choice(0, 0, 3), ["CG1"])
    assert [column.heading for column in reading.columns] == ["采购单号", "a,b"]


def test_a_stray_quote_in_a_csv_swallows_nothing():
    content = '采购单号,尺寸\nCG1,"5 inch\nCG2,6" x\nCG3,x\n'.encode()
    assert read_file("a.csv", content).intake.numbers == ["CG1", "CG2", "CG3"]


def test_a_field_beyond_the_csv_modules_limit_is_read():
    assert read_file("a.csv", f"采购单号,x\nCG1,{'y' * 200_000}\n".encode()).intake.numbers == ["CG1"]


def test_the_sheet_is_guessed_and_hidden_ones_come_last():
    notes = ("说明", [["请填写"], ["采购"]])
    old = ("旧", [["采购单号"], ["OLD1"]])
    orders = ("采购", [["采购单列表 2026"], [], ["序号", "采购单号"], [1, "CG1"], [2, "CG2"]])
    reading = read_file("a.xlsx", made.xlsx(notes, old, orders, hidden=["旧"]))
    assert reading.sheets == (Sheet("说明", 2, False), Sheet("旧", 2, True), Sheet("采购", 5, False))
    assert (reading.choice, reading.intake.numbers) == (Choice(2, 1, 4), ["CG1", "CG2"])
    assert read_file("a.xlsx", made.xlsx(notes, old, orders), Choice(1, 0, 2)).intake.numbers == ["OLD1"]


def test_rows_and_columns_count_from_the_sheets_corner():
    reading = read_file("a.xlsm", made.xlsx(("S", [["供应商", "采购单号"], ["甲", "CG1"], ["乙", "CG–2"]]), start="C5"))
    assert reading.choice == Choice(0, 3, 6)
    assert [(column.index, column.letter, column.heading) for column in reading.columns] == [
        (2, "C", "供应商"),
        (3, "D", "采购单号"),
    ]
    assert reading.excerpt[0] == (5, ("供应商", "采购单号"), False)
    assert [(order.number, order.line) for order in reading.intake.orders] == [("CG1", 6)]
    assert [(piece.line, piece.column, piece.character) for piece in reading.intake.rejected] == [(7, "D", "–")]


ODD = {
    202611010001: ("202611010001", Reason.NUMBER),
    123456789012345700: ("123456789012345700", Reason.NUMBER),
    0.5: ("0.5", Reason.NUMBER),
    0: ("0", Reason.NUMBER),
    datetime.date(2026, 11, 1): ("2026-11-01", Reason.DATE),
    datetime.datetime(2026, 11, 1, 10, 5): ("2026-11-01 10:05:00", Reason.DATE),  # noqa: DTZ001 - cells have no zone
    True: ("TRUE", Reason.NOT_TEXT),
    "#N/A": ("#N/A", Reason.NOT_TEXT),
    "#NAME?": ("#NAME?", Reason.NOT_TEXT),
    "#DIV/0!": ("#DIV/0!", Reason.NOT_TEXT),
    "合计": ("合计", Reason.HEADING),
}


@pytest.mark.parametrize("column", [1, None])
def test_cells_that_are_not_text_are_refused_with_their_places(column):
    content = made.xlsx(("S", [["采购单号"], *([value] for value in ODD), ["CG1"]]), start="B3")
    reading = read_file("a.xlsx", content, Choice(0, column, 4))
    assert reading.choice == Choice(0, column, 4)
    assert [(piece.line, piece.column, piece.value, piece.reason) for piece in reading.intake.rejected] == [
        (row, "B", *odd) for row, odd in enumerate(ODD.values(), 4)
    ]
    assert reading.intake.numbers == ["CG1"]


def test_the_error_of_a_formula_is_refused_and_not_overlooked():
    cells = "".join(
        f'<row r="{row}">{cell}</row>'
        for row, cell in enumerate(
            [
                '<c r="A1" t="str"><v>采购单号</v></c>',
                '<c r="A2" t="e"><f>VLOOKUP(1,B:C,2,0)</f><v>#N/A</v></c>',
                '<c r="A3" s="0" t="e"><v>#REF!</v></c>',
                '<c r="A4" t="str"><f>"CG"&amp;1</f><v>CG1</v></c>',
            ],
            1,
        )
    )
    intake = read_file("a.xlsx", made.bare_xlsx(made.sheet_of(cells))).intake
    assert [(piece.line, piece.value, piece.reason) for piece in intake.rejected] == [
        (2, "#N/A", Reason.NOT_TEXT),
        (3, "#REF!", Reason.NOT_TEXT),
    ]
    assert intake.numbers == ["CG1"]


def test_a_column_of_lost_numbers_is_the_one_that_is_shown():
    rows = [["甲", 12.5, 20261101001 + number] for number in range(9)]
    reading = read_file("a.xlsx", made.xlsx(("S", rows)))
    assert (reading.choice, {piece.reason for piece in reading.intake.rejected}) == (Choice(0, 2, 1), {Reason.NUMBER})


def test_an_old_workbook_is_read():
    date = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    rows = [
        ["供应商", "采购单号"],
        ["甲", "CG1"],
        ["乙", 20261101001],
        ["丙", datetime.date(2026, 11, 1)],
        ["丁", True],
    ]
    content = made.xls(rows, lambda value: date if isinstance(value, datetime.date) else xlwt.Style.default_style)
    reading = read_file("a.xls", content)
    assert (reading.sheets, reading.choice) == ((Sheet("采购", 5, False),), Choice(0, 1, 2))
    assert reading.intake.numbers == ["CG1"]
    assert [(piece.line, piece.value, piece.reason) for piece in reading.intake.rejected] == [
        (3, "20261101001", Reason.NUMBER),
        (4, "2026-11-01", Reason.DATE),
        (5, "TRUE", Reason.NOT_TEXT),
    ]


def test_an_open_document_is_read():
    error = 'table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"'
    rows = [
        ["供应商", "采购单号"],
        ["甲", "CG1"],
        ["乙", ('office:value-type="float" office:value="20261101001"', "20261101001")],
        ["丙", ('office:value-type="date" office:date-value="2026-11-01"', "2026-11-01")],
        ["丁", ('office:value-type="boolean" office:boolean-value="true"', "TRUE")],
        ["戊", (error, "#DIV/0!")],
    ]
    reading = read_file("a.ods", made.ods(rows))
    assert (reading.sheets, reading.choice) == ((Sheet("表", 6, False),), Choice(0, 1, 2))
    assert reading.intake.numbers == ["CG1"]
    assert [(piece.line, piece.value, piece.reason) for piece in reading.intake.rejected] == [
        (3, "20261101001", Reason.NUMBER),
        (4, "2026-11-01", Reason.DATE),
        (5, "TRUE", Reason.NOT_TEXT),
        (6, "#DIV/0!", Reason.NOT_TEXT),
    ]


def test_a_chart_is_a_sheet_without_rows_that_nobody_is_offered():
    book = openpyxl.Workbook()
    book.create_chartsheet("图", 0)
    book.active.title = "图"
    book.worksheets[0].append(["CG1"])
    reading = read_file("a.xlsx", made.saved(book))
    assert (reading.sheets[0], reading.choice) == (Sheet("图", 0, True), Choice(1, 0, 1))


def test_no_more_columns_are_offered_than_a_page_can_use():
    reading = read_file("a.csv", (",".join(f"c{n}" for n in range(500)) + "\n").encode() * 3)
    assert len(reading.columns) == 200


def test_a_refusal_says_what_the_file_is():
    with pytest.raises(FileRefused) as refused:
        read_file("a.xlsx", b"%PDF-1.7\n")
    assert (refused.value.reason, refused.value.detail) == (Refusal.NOT_A_TABLE, "pdf")


def test_choosing_only_a_sheet_leaves_the_column_to_the_guess():
    content = made.xlsx(
        ("说明", [["采购单号"], ["CG1"]]), ("明细", [["供应商", "采购单号"], ["明达", "CG2"], ["恒丰", "CG3"]])
    )
    reading = read_file("orders.xlsx", content, Choice(1, 0, 0))
    assert reading.choice == Choice(1, 1, 2)
    assert reading.intake.numbers == ["CG2", "CG3"]


@pytest.mark.slow
def test_a_file_with_too_many_pieces_is_refused_early():
    with pytest.raises(FileRefused) as refused:
        read_file("orders.txt", b"a b " * 1_200_000)
    assert refused.value.reason is Refusal.TOO_MANY_ROWS
