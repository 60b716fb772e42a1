"""Nothing of a table is left unread without a word: hidden rows, further columns, blank and damaged cells."""

import pytest

from cancellations.intake import Choice, Gap, Reason, Unread, read_file, read_paste
from tests.intake import made_files as made
from tests.intake.binary_workbooks import xlsb

ROWS = [["采购单号", "状态"], ["CG1", "未到货"], ["CG2", "已到货"], ["CG3", "未到货"], ["CG4", "已到货"]]
FILTERED = {
    "a.xlsx": made.filtered_xlsx(ROWS, {3, 5}),
    "a.xlsb": xlsb(("采购", ROWS), hidden_rows={3, 5}),
    "a.xls": made.filtered_xls(ROWS, {3, 5}),
    "a.ods": made.filtered_ods(ROWS, {3, 5}),
    "page.xls": (
        "<table>"
        + "".join(
            f"<tr{' style=display:none' if number in (3, 5) else ''}><td>{order}<td>{status}"
            for number, (order, status) in enumerate(ROWS, 1)
        )
    ).encode(),
    "xml.xls": made.xml_spreadsheet(ROWS, {3, 5}),
}


@pytest.mark.parametrize("name", FILTERED)
def test_hidden_rows_are_left_out_named_and_taken_on_demand(name):
    reading = read_file(name, FILTERED[name])
    assert reading.intake.numbers == ["CG1", "CG3"]
    assert [order.number for order in reading.intake.hidden] == ["CG2", "CG4"]
    assert [row.number for row in reading.excerpt if row.hidden] == [3, 5]
    again = read_file(name, FILTERED[name], reading.choice._replace(hidden=True))
    assert again.intake.numbers == ["CG1", "CG2", "CG3", "CG4"]
    assert not again.intake.hidden
    assert again.hidden_taken == 2


def test_hidden_rows_are_named_where_all_numbers_would_have_to_be_checked():
    reading = read_file("a.xlsb", FILTERED["a.xlsb"], shapes=["PO-2026-0000"])
    assert (reading.intake.numbers, len(reading.intake.to_check)) == ([], 2)
    assert [(order.number, order.line) for order in reading.intake.hidden] == [("CG2", 3), ("CG4", 5)]


def test_hidden_rows_are_found_in_parts_with_prefixes_and_odd_names():
    content = made.filtered_xlsx(ROWS, {3, 5})
    assert read_file("a.xlsx", made.changed(content, "xl/worksheets/sheet1.xml", b'hidden="1"', b"hidden='true'"))
    odd = made.renamed(content, lambda name: name.replace("/", "\\") if name.startswith("xl/") else name)
    reading = read_file("a.xlsx", odd)
    assert (reading.intake.numbers, len(reading.intake.hidden)) == (["CG1", "CG3"], 2)


@pytest.mark.parametrize("x", ["", "x:"])
@pytest.mark.parametrize("type_is", ['t="{}"', "t='{}'", 't = "{}"', "t =\n'{}'"])
def test_errors_formulas_and_hidden_rows_are_seen_however_they_are_written(x, type_is):
    text, error = type_is.format("str"), type_is.format("e")
    rows = {
        "": f"<{x}c {text}><{x}v>采购单号</{x}v></{x}c>",
        'hidden="1"': f"<{x}c {text}><{x}v>CG2</{x}v></{x}c>",
        'ht="0"': f"<{x}c {text}><{x}v>CG3</{x}v></{x}c>",
        's="4"': f"<{x}c {error}><{x}f>A9</{x}f><{x}v>#N/A</{x}v></{x}c>",
        's="5"': f'<{x}c s="1"><{x}f>A2</{x}f></{x}c>',
        's="6"': f'<{x}c><{x}f t="shared" si="0"/><{x}v></{x}v></{x}c>',
        's="7"': f"<{x}c {text}><{x}f>A7</{x}f><{x}v>CG7</{x}v></{x}c>",
    }
    lines = "".join(f"<{x}row {marks}>{cell}</{x}row>" for marks, cell in rows.items())
    name = f"xmlns:{x}".rstrip(":") if x else "xmlns"
    sheet = (
        f'<{x}worksheet {name}="{made.MAIN}"><{x}sheetData>{lines}</{x}sheetData>'
        f'<{x}pageMargins right="0.75"/></{x}worksheet>'
    )
    intake = read_file("a.xlsx", made.bare_xlsx(sheet)).intake
    assert (intake.numbers, [order.number for order in intake.hidden]) == (["CG7"], ["CG2", "CG3"])
    assert [(piece.line, piece.value, piece.reason) for piece in intake.rejected] == [
        (4, "#N/A", Reason.NOT_TEXT),
        (5, "=A2", Reason.FORMULA),
        (6, "=", Reason.FORMULA),
    ]


MONTHS = [("1月", [["采购单号"], ["CG1"], ["CG2"]]), ("2月", [["采购单号"], ["CG3"]]), ("说明", [["请勿外传"]])]


def test_further_sheets_are_offered_and_read_together():
    content = made.xlsx(*MONTHS)
    reading = read_file("a.xlsx", content)
    assert reading.intake.numbers == ["CG1", "CG2"]
    assert [(other.sheet, other.letter, other.numbers) for other in reading.others] == [("2月", "A", 1)]
    again = read_file("a.xlsx", content, reading.choice._replace(together=True))
    assert again.intake.numbers == ["CG1", "CG2", "CG3"]


def test_a_sheet_with_the_same_orders_is_not_offered():
    assert not read_file("a.xlsx", made.xlsx(MONTHS[0], ("副本", MONTHS[0][1]))).others


def test_blocks_side_by_side_are_offered():
    reading = read_paste("采购单号\t数量\t\t采购单号\t数量\nCG1\t5\t\tCG3\t2\nCG2\t6\t\tCG4\t2")
    assert [(other.letter, other.numbers) for other in reading.others] == [("D", 2)]
    assert read_paste("采购单号\t\t采购单号\nCG1\t\tCG3", Choice(0, 0, 2, together=True)).intake.numbers == [
        "CG1",
        "CG3",
    ]


def test_a_second_table_below_is_read_in_its_own_column():
    text = "序号\t采购单号\t供应商\n1\tCG1\t甲公司\n\t\t\n序号\t供应商\t采购单号\n1\t乙公司\tCG2"
    reading = read_paste(text)
    assert reading.intake.numbers == ["CG1", "CG2"]
    assert not reading.intake.to_check


def test_a_row_without_a_number_is_named():
    assert read_paste("采购单号\t供应商\nCG1\t甲\n\t乙\nCG3\t丙\n合计\t3").gaps == (Gap(Unread.BLANK, (3,)),)


def test_the_rows_below_a_merged_cell_lack_no_number():
    book = made.openpyxl.Workbook()
    for row in [["采购单号", "商品"], ["CG1", "A"], [None, "B"], [None, "C"], ["CG2", "D"]]:
        book.active.append(row)
    book.active.merge_cells("A2:A4")
    reading = read_file("a.xlsx", made.saved(book))
    assert (reading.intake.numbers, reading.gaps) == (["CG1", "CG2"], ())


def test_a_formula_without_a_result_is_refused_with_its_cell():
    content = made.xlsx(("S", [["采购单号"], ["CG1"], ['="CG"&B3'], ["CG4"]]))
    [piece] = read_file("a.xlsx", content).intake.rejected
    assert (piece.line, piece.value, piece.reason) == (3, '="CG"&B3', Reason.FORMULA)


def test_a_formula_with_an_empty_text_as_result_is_an_empty_cell():
    text = '<row r="1"><c r="A1" t="str"><v>采购单号</v></c></row><row r="2"><c r="A2" t="str"><v>CG1</v></c></row>'
    empty = '<row r="3"><c r="A3" t="str"><f>IF(B3="","","x")</f><v></v></c></row>'
    reading = read_file("a.xlsx", made.bare_xlsx(made.sheet_of(text + empty)))
    assert (reading.intake.numbers, reading.intake.rejected) == (["CG1"], [])


def test_a_line_break_in_a_cell_of_an_ods_parts_two_numbers():
    content = made.ods([["采购单号"], ["CG2304260001<text:line-break/>CG2304260002"]])
    assert read_file("a.ods", content).intake.numbers == ["CG2304260001", "CG2304260002"]


def test_a_badly_quoted_cell_is_named_and_moves_no_other_row():
    reading = read_file("a.csv", '供应商,采购单号,备注\n"甲,杭州",CG1,好\n乙,CG2,"5" 管"\n丙,CG3,好\n'.encode())
    assert reading.intake.numbers == ["CG1", "CG2", "CG3"]
    assert reading.gaps == (Gap(Unread.BADLY_QUOTED, (3,)),)


def test_a_quote_that_closes_rows_later_swallows_none():
    rows = "".join(f"甲,CG{number},好\n" for number in range(1, 6))
    content = f'供应商,采购单号,备注\n乙,CG0,"5 管\n{rows}丙,CG9,6" 管\n'.encode()
    reading = read_file("a.csv", content)
    assert reading.intake.numbers == ["CG0", "CG1", "CG2", "CG3", "CG4", "CG5", "CG9"]
    assert reading.gaps[0].why is Unread.BADLY_QUOTED


def test_a_cell_with_several_lines_is_one_cell():
    reading = read_file("a.csv", '采购单号,地址\nCG1,"杭州\n西湖"\nCG2,"宁波"\n'.encode())
    assert (reading.intake.numbers, reading.gaps) == (["CG1", "CG2"], ())


@pytest.mark.parametrize("ending", [b"\x1a", b"\0" * 40, b"\r\n\x1a\0\0"])
def test_what_old_systems_end_a_file_with_is_nothing(ending):
    reading = read_file("a.txt", "采购单号\r\nCG1\r\nCG2\r\n".encode("gb18030") + ending)
    assert (reading.intake.numbers, len(reading.intake.rejected)) == (["CG1", "CG2"], 0)


def test_fields_padded_with_nul_are_read():
    assert read_file("a.txt", b"CG1\0\0\0\0\nCG2\0\0\0\0\n").intake.numbers == ["CG1", "CG2"]


def test_one_odd_byte_is_named_with_its_row_and_the_rest_is_read():
    reading = read_file("a.csv", "采购单号,备注\nCG1,好\nCG2,".encode() + b"\xff\n" + "CG3,好\n".encode())
    assert reading.intake.numbers == ["CG1", "CG2", "CG3"]
    assert reading.gaps == (Gap(Unread.ODD_CHARACTERS, (3,)),)


def test_an_odd_byte_within_a_number_refuses_the_number():
    reading = read_file("a.csv", "采购单号,备注\n".encode() + b"CG23\xff1,x\nCG2,y\n")
    assert reading.intake.numbers == ["CG2"]
    assert reading.intake.rejected[0].line == 2


def test_the_euro_of_a_chinese_windows_spoils_nothing():
    content = "采购单号,币种\r\nCG1,".encode("gb18030") + b"\x80\r\n" + "CG2,元\r\n".encode("gb18030")
    assert read_file("a.csv", content).intake.numbers == ["CG1", "CG2"]


@pytest.mark.parametrize(
    "text",
    [
        "采购单号,供应商\nCG1,甲公司\nCG2,乙公司",
        "采购单号;供应商\nCG1;甲公司\nCG2;乙公司",
        "| 采购单号 | 供应商 |\n|---|:--|\n| CG1 | 甲公司 |\n| CG2 | 乙公司 |",
        "采购单号    供应商\nCG1         甲公司\nCG2         乙公司",
        "采购单号 供应商\nCG1 甲公司\nCG2 乙公司",
        '"采购单号,供应商"\n"CG1,甲公司"\n"CG2,乙公司"',
        "采购\t\t\n供应商\t采购单号 PO No.\t金额\n甲公司\tCG1\t5\n乙公司\tCG2\t6",
        "采购单\t\t\t入库\n序号\t单号\t日期\t数量\n1\tCG1\t2023-04-26\t5\n2\tCG2\t2023-04-26\t6",
    ],
)
def test_a_table_in_a_paste_is_read_by_its_heading(text):
    reading = read_paste(text) if not text.startswith('"') else read_file("a.csv", text.encode())
    assert reading.intake.numbers == ["CG1", "CG2"]


@pytest.mark.parametrize("other", ["快递单号", "物料号", "发票号码", "采购员工号", "手机号", "Tracking No."])
def test_a_heading_that_says_something_else_speaks_against_its_column(other):
    reading = read_paste(f"外部号\t{other}\n4500012345\t773012345678901\n4500012346\t773012345678902")
    assert reading.intake.numbers == ["4500012345", "4500012346"]


@pytest.mark.parametrize("heading", ["PO号", "采购单#", "采购订单(PO)编号", "Purchase Order Code", "关联采购单号"])
def test_a_heading_outside_the_usual_ones_is_understood(heading):
    text = f"{heading}\t序列\n4500012345\t773012345678901\n4500012346\t773012345678902"
    assert read_paste(text).intake.numbers == ["4500012345", "4500012346"]


def test_a_list_of_field_names_is_not_the_table():
    fields = ("填写说明", [["字段", "说明"], ["采购单号", "必填"], ["供应商", "选填"], ["备注", "选填"]])
    content = made.xlsx(fields, ("数据", [["采购单号", "供应商"], ["CG1", "甲"], ["CG2", "乙"]]))
    assert read_file("a.xlsx", content).intake.numbers == ["CG1", "CG2"]


def test_a_short_table_in_a_long_report_is_seen():
    above = "采购明细\n起始：[2023-04-01]\n共2笔\n----\n"
    report = f"{above}供应商 ,采购单号 ,金额,\n甲,CG1\t,12.5,\n乙,CG2\t,8,\n----\n仅供核对\n"
    assert read_file("a.csv", report.encode()).intake.numbers == ["CG1", "CG2"]


def test_headings_in_a_column_are_read_across():
    reading = read_paste("采购单号\tCG2304260001\tCG2304260002\n供应商\t甲\t乙")
    assert reading.intake.numbers == ["CG2304260001", "CG2304260002"]


def test_a_column_without_a_heading_that_looks_alike_is_offered():
    reading = read_paste("CG2304260001\t5\tCG2304260003\t6\nCG2304260002\t7\tCG2304260004\t8")
    assert reading.intake.numbers == ["CG2304260001", "CG2304260002"]
    assert [(other.letter, other.numbers) for other in reading.others] == [("C", 2)]


def test_a_workbook_of_strict_ooxml_is_read_with_its_hidden_rows():
    content = made.filtered_xlsx(ROWS, {3, 5})
    usual, strict = b"http://schemas.openxmlformats.org/", b"http://purl.oclc.org/ooxml/"
    names = {
        usual + b"spreadsheetml/2006/main": strict + b"spreadsheetml/main",
        usual + b"officeDocument/2006": strict + b"officeDocument",
    }
    reading = read_file("a.xlsx", made.rewritten(content, names))
    assert (reading.intake.numbers, len(reading.intake.hidden)) == (["CG1", "CG3"], 2)
