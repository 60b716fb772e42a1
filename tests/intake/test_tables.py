import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancellations.intake import Choice, Column, Duplicate, Order, Reason, Sheet, read_paste, read_text


def lines(*rows):
    return "\r\n".join("\t".join(row) for row in rows)


ORDERS = lines(["日期", "采购单号", "供应商"], ["2026/11/1", "CG1", "甲"], ["2026/11/2", "CG2", "乙"], ["", "CG1", ""])


def test_a_column_is_found_by_its_heading():
    reading = read_paste(ORDERS)
    assert reading.choice == Choice(0, 1, 2)
    assert reading.sheets == (Sheet("", 4, False),)
    assert reading.columns == (
        Column(0, "A", "日期", ("2026/11/1", "2026/11/2")),
        Column(1, "B", "采购单号", ("CG1", "CG2", "CG1")),
        Column(2, "C", "供应商", ("甲", "乙")),
    )
    assert reading.excerpt[0] == (1, ("日期", "采购单号", "供应商"), False)
    assert reading.excerpt[3] == (4, ("", "CG1", ""), False)
    assert reading.intake.orders == [Order("CG1", 2, "CG1"), Order("CG2", 3, "CG2")]
    assert reading.intake.duplicates == [Duplicate("CG1", 4, 2)]


def test_a_choice_is_followed_and_rejections_name_the_cell():
    reading = read_paste(ORDERS, Choice(0, 0, 2))
    assert reading.choice == Choice(0, 0, 2)
    assert [(piece.line, piece.column, piece.reason) for piece in reading.intake.rejected] == [
        (2, "A", Reason.DATE),
        (3, "A", Reason.DATE),
    ]


def test_every_column_is_read_if_that_is_the_choice():
    reading = read_paste(ORDERS, Choice(0, None, 2))
    assert reading.choice == Choice(0, None, 2)
    assert reading.intake.numbers == ["CG1", "CG2"]
    assert [piece.value for piece in reading.intake.to_check] == ["甲", "乙"]


@pytest.mark.parametrize(
    "choice",
    [
        Choice(1, 1, 2),
        Choice(-1, 1, 2),
        Choice(0, 3, 2),
        Choice(0, -1, 2),
        Choice(0, 1, 0),
        Choice(0, 1, -5),
        Choice(0, 1, 9),
    ],
)
def test_a_choice_that_fits_no_more_is_guessed_anew(choice):
    assert read_paste(ORDERS, choice) == read_paste(ORDERS)


HEADINGS = """采购单号,采购单编号,采购订单号,采购单,
单号,单据编号,订单号,订单编号,purchase_no,Purchase No.,PO,PO No.,P.O. Number,
Purchase Order,order no,ＰＯ ＮＯ：,* 采购单号：,采购单号（必填）,ERP采购单号"""


@pytest.mark.parametrize("heading", HEADINGS.replace("\n", "").split(","))
def test_a_heading_is_known_however_it_is_written(heading):
    reading = read_paste(lines(["货号", heading], ["SKU20261101", "A-1"], ["SKU20261102", "A-2"]))
    assert (reading.choice, reading.columns[1].heading) == (Choice(0, 1, 2), heading)
    assert reading.intake.numbers == ["A-1", "A-2"]


def test_a_heading_of_purchase_orders_beats_one_of_any_orders():
    assert read_paste(lines(["订单号", "采购单号"], ["DD1", "CG1"], ["DD2", "CG2"])).intake.numbers == ["CG1", "CG2"]


def test_a_title_above_the_headings_is_no_obstacle():
    rows = [["采购单", "", ""], ["", "", ""], ["序号", "供应商", "订单编号"], ["1", "甲", "CG1"], ["2", "乙", "CG2"]]
    reading = read_paste(lines(*rows))
    assert reading.choice == Choice(0, 2, 4)
    assert [order.line for order in reading.intake.orders] == [4, 5]


NUMBERS = ["CG2026110001", "CG2026110002", "CG2026110002", "CG2026110003"]
OTHERS = {
    "names": ["甲公司", "乙公司", "丙公司", "丁公司"],
    "amounts": ["12.50", "1200.00", "33.10", "8.00"],
    "quantities": ["1", "20", "300", "4000"],
    "SKUs": ["SKU-RED-01", "SKU-BLUE-2", "A17", "B-4-2026"],
    "dates": ["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"],
    "phones": ["13812345678", "13912345679", "18612345670", "13712345671"],
    "bar codes": ["6901234567890", "6901234567891", "6901234567892", "6901234567893"],
    "warehouses": ["WH01", "WH01", "WH02", "WH01"],
    "nothing": ["", "", "x", ""],
}


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("numbers", [NUMBERS, ["202611010001", "202611010002", "202611010003", "202611010004"]])
def test_without_a_heading_the_order_numbers_win_over(kind, numbers):
    for first, second in ((OTHERS[kind], numbers), (numbers, OTHERS[kind])):
        reading = read_paste(lines(*zip(first, second, strict=True)))
        assert reading.intake.numbers == list(dict.fromkeys(numbers))
        assert reading.choice.first_row == 1


def test_without_a_known_heading_rows_start_at_a_digit():
    reading = read_paste(lines(["姓名", "号"], ["甲", "CG1-2026"], ["乙", "CG2-2026"]))
    assert (reading.choice, reading.columns[1].heading) == (Choice(0, 1, 2), "号")


def test_columns_that_all_hold_order_numbers_are_all_read():
    reading = read_paste("CG2026001\tCG2026002\tCG2026003\nCG2026004\tCG2026005\t")
    assert reading.choice == Choice(0, None, 1)
    assert reading.intake.numbers == [f"CG202600{number}" for number in range(1, 6)]


def test_a_single_row_of_order_numbers_is_read_across():
    reading = read_paste("CG1\tCG2\tPO-3\n")
    assert (reading.choice, reading.intake.numbers) == (Choice(0, None, 1), ["CG1", "CG2", "PO-3"])


def test_a_table_without_a_usable_column_still_shows_itself():
    reading = read_paste("\t甲\t红\n\t乙\t蓝")
    assert (reading.choice, [column.letter for column in reading.columns]) == (Choice(0, 1, 1), ["B", "C"])


@pytest.mark.parametrize("text", ["", "CG1", "CG1\nCG2\nCG3\tCG4", "请取消：CG1，CG2", "\t\n\t\t", "CG1;CG2"])
def test_free_text_is_read_as_before(text):
    reading = read_paste(text)
    assert (reading.sheets, reading.columns, reading.choice, reading.excerpt) == ((), (), None, ())
    assert reading.intake == read_text(text)


def test_cells_over_several_lines_are_quoted_as_excel_does_it():
    reading = read_paste('采购单号\t备注\nCG1\t"two\nlines ""quoted"""\nCG2\tx')
    assert reading.columns[1].samples == ('two lines "quoted"', "x")
    assert [(order.number, order.line) for order in reading.intake.orders] == [("CG1", 2), ("CG2", 3)]


def test_a_stray_quote_swallows_nothing():
    reading = read_paste('采购单号\t尺寸\nCG1\t"5 inch\nCG2\t6" x\nCG3\tx')
    assert reading.intake.numbers == ["CG1", "CG2", "CG3"]


def test_a_cell_with_several_numbers_gives_them_all():
    assert read_paste("采购单号\t供应商\nCG1，CG2 CG3\t甲\n").intake.numbers == ["CG1", "CG2", "CG3"]


def test_headings_and_totals_among_the_numbers_are_refused():
    pieces = read_paste("采购单号\t金额\nCG1\t1\n采购单号\t金额\nCG2\t1\n合计：\t2").intake.rejected
    assert [(piece.line, piece.value, piece.reason) for piece in pieces] == [
        (3, "采购单号", Reason.HEADING),
        (5, "合计：", Reason.HEADING),
    ]


def test_long_cells_are_cut_where_they_are_shown():
    reading = read_paste(f"采购单号\t备注\n{'x' * 5000}\t{'y' * 5000}\nCG1\t")
    assert len(reading.columns[1].samples[0]) == 41
    [piece] = reading.intake.rejected
    assert (piece.reason, piece.length, len(piece.value)) == (Reason.TOO_LONG, 5000, 201)


CELLS = st.lists(st.lists(st.text(st.sampled_from(list("CG12\"'\n\r,; 采购单号\u200b\x00"))), max_size=4), max_size=6)
CHOICES = st.none() | st.builds(Choice, st.integers(-1, 1), st.none() | st.integers(-1, 4), st.integers(-1, 7))


@given(st.one_of(st.text(), CELLS.map(lambda rows: lines(*rows))), CHOICES)
def test_read_never_raises_and_orders_stand_in_real_rows(text, choice):
    reading = read_paste(text, choice)
    if reading.choice:
        rows = reading.sheets[reading.choice.sheet].rows
        pieces = [*reading.intake.orders, *reading.intake.duplicates, *reading.intake.rejected]
        assert all(reading.choice.first_row <= piece.line <= rows for piece in pieces)
        assert read_paste(text, reading.choice) == reading


PLAIN = st.lists(
    st.lists(st.sampled_from(["CG1", "CG2", "–", "1.0", ""]), min_size=3, max_size=3), min_size=2, max_size=9
)


@given(PLAIN)
def test_every_cell_of_a_table_is_in_exactly_one_list(rows):
    reading = read_paste(lines(*rows), Choice(0, None, 1))
    if reading.choice == Choice(0, None, 1):
        assert reading.intake.read == sum(bool(cell) for row in rows for cell in row)
