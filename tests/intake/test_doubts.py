"""What a list as people write it holds besides order numbers: nothing of it is taken for one, nothing is lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancellations.intake import Doubt, Reason, read_paste, read_text

FIVE = [f"CG230426{number:04}" for number in range(1, 6)]
LIST = "\n".join(FIVE) + "\n"


def in_doubt(intake):
    return [(piece.value, piece.doubt, piece.offers) for piece in intake.to_check]


@pytest.mark.parametrize("word", ["小王", "不要了", "谢谢", "ok", "5箱", "12.50", "38", "2023-04", "13800138000"])
def test_a_word_an_amount_or_a_phone_number_is_to_be_checked(word):
    intake = read_text(f"{LIST}{word}\n")
    assert intake.numbers == FIVE
    assert [piece.value for piece in intake.to_check] == [word]
    assert intake.to_check[0].offers == (word,)


@pytest.mark.parametrize("placeholder", ["N/A", "NULL", "null", "无", "暂无", "待定", "None"])
def test_a_placeholder_is_none(placeholder):
    [piece] = read_text(f"{LIST}{placeholder}").rejected
    assert (piece.line, piece.reason) == (6, Reason.PLACEHOLDER)


@pytest.mark.parametrize("total", ["本页小计", "本页合计", "累计", "合计数量", "Subtotal"])
def test_the_word_before_a_total_is_no_order(total):
    [piece] = read_text(f"{LIST}{total}").rejected
    assert piece.reason is Reason.HEADING


@pytest.mark.parametrize(
    "mark", ["1. ", "1.", "2、", "3) ", "(4) ", "（5）", "①", "#6 ", "No.7 ", "- ", "* ", "• ", "> ", ">> "]
)
def test_the_mark_of_a_list_item_is_no_order(mark):
    intake = read_text(f"{mark}{FIVE[0]}\n{mark}{FIVE[1]}")
    assert intake.numbers == FIVE[:2]
    assert not intake.to_check


LABELS = ["采购单号：{}", "采购单号:{}", "单号： {}", "PO#{}", "小王:{}"]
AROUND = ["【{}】", "({})", "「{}」", "{}。", "{}，", '="{}"', "@{}", "{}!"]


@pytest.mark.parametrize("around", LABELS + AROUND)
def test_a_label_or_a_mark_around_a_number_is_removed(around):
    assert read_text(around.format("CG2304260001")).numbers == ["CG2304260001"]


@pytest.mark.parametrize("joint", ["/", "和", "、", "，", "与", "+", "&", ";", "及"])
def test_several_numbers_joined_are_taken_apart(joint):
    assert read_text(f"{FIVE[0]}{joint}{FIVE[1]}").numbers == FIVE[:2]


@pytest.mark.parametrize("joint", ["~", "-", "至", "到", "—", " 至 ", "～"])
def test_a_range_is_not_expanded_but_its_ends_are_offered(joint):
    intake = read_text(f"{FIVE[0]}{joint}{FIVE[4]}")
    assert not intake.numbers
    [(_, doubt, offers)] = in_doubt(intake)
    assert doubt is Doubt.RANGE
    assert offers[:2] == (FIVE[0], FIVE[4])


def test_the_end_of_a_range_may_be_written_short():
    assert in_doubt(read_text("CG2304260001~05"))[0][2] == ("CG2304260001", "CG2304260005")


@pytest.mark.parametrize(
    ("typed", "joined"),
    [("CG 2304260009", "CG2304260009"), ("CG23042 60009", "CG2304260009"), ("CG:2304260009", "CG2304260009")],
)
def test_a_number_with_a_blank_in_it_is_offered_whole(typed, joined):
    intake = read_text(LIST + typed)
    taken = [*intake.numbers, *(piece.offers[0] for piece in intake.to_check)]
    assert taken == [*FIVE, joined]


def test_thousands_separators_within_a_number_are_not_cut_at():
    assert in_doubt(read_text("2,304,260,001"))[0][2][0] == "2304260001"
    assert read_text("4500012345,4500012346").numbers == ["4500012345", "4500012346"]


def test_a_cut_number_is_offered_and_not_taken():
    for typed in ("CG230426000*", "CG23042600…", "CG2304260..."):
        intake = read_text(LIST + typed)
        assert intake.numbers == FIVE
        assert intake.to_check[0].doubt is Doubt.CUT


def test_lower_case_is_offered_in_the_case_of_the_others():
    for text in (LIST + "cg2304260009", "CG2304260001 cg2304260009"):
        [(value, doubt, offers)] = in_doubt(read_text(text))
        assert (value, doubt, offers[0]) == ("cg2304260009", Doubt.CASE, "CG2304260009")


def test_a_list_in_lower_case_is_taken_as_it_is():
    assert read_text("cg2304260001\ncg2304260002").numbers == ["cg2304260001", "cg2304260002"]


def test_what_looks_different_from_nearly_all_others_is_to_be_checked():
    assert in_doubt(read_text(LIST + "SF1234567890123")) == [("SF1234567890123", Doubt.SHAPE, ("SF1234567890123",))]


def test_a_list_of_several_shapes_is_taken_as_it_is():
    numbers = ["CG2304260001", "采购-2023-007", "PO-88", "4500012345", "CG2304260002"]
    assert read_text("\n".join(numbers)).numbers == numbers


@pytest.mark.parametrize(
    "numbers",
    [
        ["1001", "1002", "1003"],
        ["4500012345", "4500012346"],
        ["采购-2023-007", "采购-2023-008"],
        ["CG-2023/0001", "CG-2023/0002"],
        ["PO_2023.01", "PO_2023.02"],
        ["PO-9", "PO-10", "PO-100", "PO-1000", "PO-11", "PO-12"],
        ["采购2023001", "采购2023002"],
    ],
)
def test_a_list_of_numbers_of_any_habit_is_taken(numbers):
    assert read_text("\n".join(numbers)).numbers == numbers


def test_a_chat_yields_its_orders_and_nothing_else():
    chat = "小王 2023/4/26 10:32:01\n{} 不要了\n小李 10:35\n{}、{} 也取消\n好的\n".format(*FIVE[:3])
    intake = read_text(chat)
    assert intake.numbers == FIVE[:3]
    assert [piece.value for piece in intake.to_check] == ["小王", "不要了", "小李", "也取消", "好的"]


@pytest.mark.parametrize(
    ("text", "taken", "doubtful"),
    [
        ("CG2304260001 iPhone15 A4 Q3", "CG2304260001", "iPhone15 A4 Q3"),
        ("单号CG2304260001\n采购单号4500012345", "CG2304260001 4500012345", ""),
        ("No.CG2304260001\nNO：CG2304260002", "CG2304260001 CG2304260002", ""),
        ("CG2304260001CG2304260002", "CG2304260001 CG2304260002", ""),
        ("小王(13800138000): CG2304260001", "CG2304260001", "小王(13800138000):"),
        ("CG2304260001 CG2304260002（5箱）", "CG2304260001 CG2304260002", ""),
        ("以下取消CG2304260001,CG2304260002谢谢", "CG2304260001 CG2304260002", ""),
        ('{"orderNo":"CG2304260001","qty":5}', "CG2304260001", ""),
        ("<td>CG2304260001</td>\n<td>CG2304260002</td>", "CG2304260001 CG2304260002", ""),
        ("https://erp.example/po/CG2304260001?x=1", "", "https://erp.example/po/CG2304260001?x=1"),
        ("CG2304260001 - CG2304260003", "", "CG2304260001 - CG2304260003"),
        ("采购CG2304260001\n采购CG2304260002", "", "采购CG2304260001 采购CG2304260002"),
    ],
)
def test_what_stands_around_numbers_of_all_kinds(text, taken, doubtful):
    intake = read_text(text)
    assert intake.numbers == taken.split()
    assert " ".join(piece.value for piece in intake.to_check) == doubtful


def test_a_mail_with_quotes_yields_its_orders():
    mail = "Hi Wang,\nplease cancel:\n> - CG2304260001\n> - CG2304260002 (urgent)\n\nBest regards\n"
    assert read_text(mail).numbers == FIVE[:2]


def test_chosen_numbers_are_taken_and_others_stay_in_doubt():
    intake = read_text(LIST + "PO-88\n谢谢").with_taken({"PO-88", "NEVER-OFFERED"})
    assert intake.numbers == [*FIVE, "PO-88"]
    assert [piece.value for piece in intake.to_check] == ["谢谢"]


KNOWN = ["CG##########", "45########"]


def test_with_known_shapes_everything_else_is_to_be_checked():
    intake = read_text("CG2304260001 PO-2023-0001 4500012345 4600012345 取消CG2304260002谢谢", KNOWN)
    assert intake.numbers == ["CG2304260001", "4500012345", "CG2304260002"]
    assert [piece.value for piece in intake.to_check] == ["PO-2023-0001", "4600012345"]


def test_what_is_glued_to_a_number_of_a_known_shape_is_offered_both_ways():
    assert in_doubt(read_text("CG2304260001-02", KNOWN)) == [
        ("CG2304260001-02", Doubt.JOINED, ("CG2304260001", "CG2304260001-02"))
    ]


BETWEEN = st.text(st.sampled_from(list(" \n\t,，。、：:()（）【】！?*#@~+=&|-_./取消和至")), min_size=1, max_size=4)
NUMBER = st.integers(0, 9_999_999_999).map("CG{:010}".format)


@given(st.lists(st.tuples(BETWEEN, NUMBER), min_size=1, max_size=8), BETWEEN)
def test_each_number_of_a_known_shape_is_taken_or_named(parts, end):
    text = "".join(between + number for between, number in parts) + end
    intake = read_text(text, KNOWN)
    named = "\n".join(
        [
            *(duplicate.number for duplicate in intake.duplicates),
            *(number for piece in intake.to_check for number in (*piece.offers, piece.value)),
            *(piece.value for piece in intake.rejected),
        ]
    )
    for _, number in parts:
        assert number in intake.numbers or number in named


@given(st.text())
def test_a_paste_of_anything_ends_in_an_answer(text):
    reading = read_paste(text)
    assert len(set(map(str.upper, reading.intake.numbers))) == len(reading.intake.numbers)
    for number in reading.intake.numbers:
        assert re.search("[0-9]", number)
