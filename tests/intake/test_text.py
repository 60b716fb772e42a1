import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancellations.intake import Duplicate, Order, Reason, TooMuch, read_text, repaired


def taken_or_offered(intake):
    """Every number that is taken, or that one click takes."""
    return {
        *intake.numbers,
        *(duplicate.number for duplicate in intake.duplicates),
        *(number for piece in intake.to_check for number in piece.offers),
    }


@pytest.mark.parametrize(
    "separator",
    ["\r\n", " ，\t\n ", ",,,", *"\n\r\t ,，、;；\v\f\u0085\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000"],
)
def test_it_takes_every_usual_separator(separator):
    assert read_text(separator.join(["CG1", "CG2", "CG3"])).numbers == ["CG1", "CG2", "CG3"]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("ＣＧ２０２６０１", "CG202601"),
        ("CG１－２．３／４＿５", "CG1-2.3/4_5"),
        ("\ufeffCG1", "CG1"),
        ("CG\u200b1\u200d", "CG1"),
        ("\u202eCG1\u202c", "CG1"),
        ("CG\u00ad1", "CG1"),
        ('"CG1"', "CG1"),
        ("“CG1”", "CG1"),
        ("‘CG1’", "CG1"),
        ("'CG1'", "CG1"),
        ("「采购-1」", "采购-1"),
        ("『CG1』", "CG1"),
        ("＂CG1＂", "CG1"),
    ],
)
def test_it_repairs_the_unmistakable_and_keeps_what_was_typed(typed, number):
    intake = read_text(typed)
    assert intake.orders == [Order(number, 1, typed)]
    assert intake.repaired == intake.orders


@pytest.mark.parametrize(
    "number",
    ["CG202601010001", "cg1", "1", "采购-2026-001", "A_B.C/D-E", "单", "x" * 40, "㐀𠀀〇", "-1", "a--"],
)
def test_it_takes_or_offers_every_number_that_a_seller_may_choose(number):
    intake = read_text(number)
    assert number in taken_or_offered(intake)
    assert not intake.repaired


def test_it_offers_what_only_resembles_a_date_or_a_number():
    text = """2026-001-1 2026-11-0001 2026-13-01 2026-11 2026-11-32 202611010001 2E11 1.5 2026.1 MAY-001 Nov-26-1
        13/13/2026 100-Nov NOV26 PO1 TOTAL1 TRUE1 11月1 采购-2026年 0123456789012345678"""
    intake = read_text(text)
    assert set(text.split()) <= taken_or_offered(intake)
    assert not intake.rejected


@pytest.mark.parametrize(
    ("value", "reason", "character"),
    [
        ("CG–1", Reason.FORBIDDEN_CHARACTER, "U+2013 EN DASH"),
        ("CG—1", Reason.FORBIDDEN_CHARACTER, "U+2014 EM DASH"),
        ("CG−1", Reason.FORBIDDEN_CHARACTER, "U+2212 MINUS SIGN"),
        ("CG‐1", Reason.FORBIDDEN_CHARACTER, "U+2010 HYPHEN"),
        ("CG1\x00", Reason.FORBIDDEN_CHARACTER, "U+0000"),
        ("CG1\x1cCG2", Reason.FORBIDDEN_CHARACTER, "U+001C"),
        ("CG1\x1fCG2", Reason.FORBIDDEN_CHARACTER, "U+001F"),
        ("CG1\ud800", Reason.FORBIDDEN_CHARACTER, "U+D800"),
        ("①", Reason.FORBIDDEN_CHARACTER, "U+2460 CIRCLED DIGIT ONE"),
        ("«CG1»", Reason.FORBIDDEN_CHARACTER, "U+00AB LEFT-POINTING DOUBLE ANGLE QUOTATION MARK"),
        ("CG'1", Reason.FORBIDDEN_CHARACTER, "U+0027 APOSTROPHE"),
        ("CG#1", Reason.FORBIDDEN_CHARACTER, "U+0023 NUMBER SIGN"),
        ("<img/onerror=x>", Reason.FORBIDDEN_CHARACTER, "U+003C LESS-THAN SIGN"),
        ("Ж1", Reason.FORBIDDEN_CHARACTER, "U+0416 CYRILLIC CAPITAL LETTER ZHE"),
        ("CG1😀", Reason.FORBIDDEN_CHARACTER, "U+1F600 GRINNING FACE"),
        ("x" * 41, Reason.TOO_LONG, ""),
        ("---", Reason.NO_LETTER_OR_DIGIT, ""),
        ("./", Reason.NO_LETTER_OR_DIGIT, ""),
    ],
)
def test_it_rejects_the_rest_with_line_value_and_reason(value, reason, character):
    intake = read_text(f"CG1\nCG2\n{value}\nCG3")
    [piece] = intake.rejected
    assert (piece.line, piece.value, piece.reason, piece.character_name) == (3, value, reason, character)
    assert intake.numbers == ["CG1", "CG2", "CG3"]


@pytest.mark.parametrize(
    ("reason", "values"),
    [
        (Reason.NUMBER, "20261101001.0 20261101001.00 -5.0"),
        (Reason.SCIENTIFIC, "2.02611E+11 2.02611E11 2.02611e+11 2E+11 -2.0E+11"),
        (
            Reason.DATE,
            "2026-11-01 2026/11/1 2026-11-1 2026.11.01 11/1/2026 1/11/2026 31-12-2026 11/1/26 2026年11月1日 11月1日",
        ),
        (
            Reason.DATE,
            "2026年11月 11月1号 1-Nov 01-Nov-26 1-nov-2026 Nov-26 Nov-2026 10:30 10:30:00 2026-11-01T10:30:00",
        ),
        (Reason.NOT_TEXT, "#N/A #NAME? #REF! #DIV/0! #VALUE! TRUE FALSE"),
        (
            Reason.HEADING,
            "采购单号 采购单号： *采购单号 采购单号（必填） 单号 合计 合计: 总计 小计 total PO PO#",
        ),
        (Reason.HEADING, "ＰＯ 原采购单号 供应商 订单编号 purchase_no"),
    ],
)
def test_it_refuses_numbers_that_a_spreadsheet_garbled(reason, values):
    pieces = read_text(values).rejected
    assert [(piece.value, piece.reason) for piece in pieces] == [(value, reason) for value in values.split()]
    assert not read_text(values).orders


def test_a_heading_of_several_words_is_one_piece():
    intake = read_text("Purchase Order No.\nCG1\nGrand Total:\n")
    assert [(piece.line, piece.value, piece.reason) for piece in intake.rejected] == [
        (1, "Purchase Order No.", Reason.HEADING),
        (3, "Grand Total:", Reason.HEADING),
    ]


def test_quotes_alone_are_rejected_as_they_stand_there():
    [piece] = read_text('""').rejected
    assert piece.value == '""'


def test_the_same_number_in_another_case_is_a_duplicate():
    intake = read_text("CG202611010007\ncg202611010007\nCg202611010007")
    assert intake.numbers == ["CG202611010007"]
    assert [duplicate.number for duplicate in intake.duplicates] == ["cg202611010007", "Cg202611010007"]


def test_a_duplicate_names_the_line_of_the_first():
    intake = read_text("CG1\nCG2，ＣＧ1\n\nCG1")
    assert intake.numbers == ["CG1", "CG2"]
    assert intake.duplicates == [Duplicate("CG1", 2, 1), Duplicate("CG1", 4, 1)]


def test_lines_are_counted_as_an_editor_counts_them():
    intake = read_text("CG1\r\nCG2\rCG3\n\nCG5 CG5b\x0cCG5c")
    assert [order.line for order in intake.orders] == [1, 2, 3, 5, 5, 5]


def test_what_nobody_can_see_is_cut_where_it_is_shown():
    [order] = read_text("CG1" + "\u200b" * 1_000_000).orders
    assert (order.number, len(order.typed)) == ("CG1", 201)


def test_what_nobody_can_see_is_not_a_piece():
    assert read_text("\ufeff\n\u200b \n").read == 0


def test_a_long_piece_is_cut_and_its_length_is_kept():
    [piece] = read_text("好#" * 500_000).rejected
    assert len(piece.value) == 201
    assert piece.value.endswith("…")
    assert piece.length == 1_000_000


@pytest.mark.parametrize(
    "text", ["-" * 3_000_000, '"' * 3_000_000, "," * 3_000_000, "\u200b" * 3_000_000, "a-" * 1_500_000]
)
def test_hostile_text_ends_in_an_answer(text):
    assert len(read_text(text).rejected) <= 1


UNSEEN = {"\u00ad", "\u061c", "\u180e", "\ufeff"} | {
    chr(code) for start, end in ((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F)) for code in range(start, end + 1)
}


TROUBLE = st.text(st.sampled_from(list('CG12-_./ \t\r\n,，；、“"ＣＧ–#采\u200b\ufeff\x00\x1c\u2028')))


@given(st.one_of(st.text(), TROUBLE))
def test_it_never_raises_and_no_digit_is_lost(text):
    intake = read_text(text)
    assert len(set(intake.numbers)) == len(intake.numbers)
    shown = [order.typed for order in intake.orders] + [piece.value for piece in [*intake.rejected, *intake.to_check]]
    listed = repaired("\n".join([*shown, *intake.numbers, *(duplicate.number for duplicate in intake.duplicates)]))
    for digits in re.findall("[0-9]+", repaired(text)):
        assert digits in listed
    assert {duplicate.number.upper() for duplicate in intake.duplicates} <= {
        number.upper() for number in intake.numbers
    }
    lines = text.count("\n") + text.count("\r") + 1
    for piece in [*intake.orders, *intake.duplicates, *intake.rejected, *intake.to_check]:
        assert 1 <= piece.line <= lines


CLEAN = st.lists(st.sampled_from(["CG1", "CG2", "采购-1", "---", "x" * 41, ""])).map("\n".join)


@given(st.one_of(st.text(), TROUBLE, CLEAN))
def test_a_line_without_separators_reads_like_one_with_them(text):
    slow = re.sub(r"\r\n|\r|\n|$", r" \g<0>", text)  # a space before each line end: no line is a number as it is
    assert read_text(text) == read_text(slow)


@given(st.one_of(st.text(), TROUBLE))
def test_what_it_read_reads_as_itself(text):
    numbers = read_text(text).numbers
    again = read_text("\n".join(numbers))
    assert set(numbers) <= taken_or_offered(again)
    assert not again.repaired
    assert not again.rejected
    assert not again.duplicates


NUMBERS = st.text(string.ascii_letters + string.digits, max_size=37).map("CG1{}".format)


@given(st.lists(NUMBERS, min_size=1), st.data())
def test_any_mix_of_separators_gives_the_same_orders(numbers, data):
    separators = st.text(st.sampled_from("\n\t ,，、;；\u3000"), min_size=1, max_size=3)
    text = "".join(number + data.draw(separators) for number in numbers)
    # Of another case than the list's, a number is offered in the list's: the ERP tells no case apart.
    assert {number.upper() for number in numbers} <= {number.upper() for number in taken_or_offered(read_text(text))}


@pytest.mark.parametrize("text", ["CG1 " * 300_001, "! " * 300_001, " ".join(map(str, range(300_001)))])
def test_far_too_many_pieces_are_not_read_to_their_end(text):
    with pytest.raises(TooMuch):
        read_text(text)


@pytest.mark.parametrize(
    "line",
    [
        "1.CG2026110001、2.CG2026110002、3.CG2026110003",
        "1.CG2026110001 2.CG2026110002；3.CG2026110003",
        "(1)CG2026110001 (2)CG2026110002 (3)CG2026110003",
        "清单：，1.CG2026110001，2.CG2026110002，3.CG2026110003",
    ],
)
@pytest.mark.parametrize("shapes", [(), ("CG##########",)])
def test_a_list_in_one_line_is_numbered_like_one_on_lines(line, shapes):
    assert read_text(line, shapes).numbers == ["CG2026110001", "CG2026110002", "CG2026110003"]


def test_an_ordinal_out_of_its_order_is_asked_about():
    read = read_text("CG2026110001、7.CG2026110002")
    assert read.numbers == ["CG2026110001"]
    assert taken_or_offered(read) >= {"7.CG2026110002", "CG2026110002"}
