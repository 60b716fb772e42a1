"""The ERP's words without their numbers: the same in Python and in the database, and what a search by them finds."""

import re

import pytest
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cancellations.figures.reasons import SPACES, WORDS_KEPT, Normalised, normalised, quoted
from cancellations.models import OrderLine
from tests.made_calls import call_of
from tests.people import approved

HOSTILE = (
    "采购单 CG2026-0001 状态不正确，不能取消",
    "采购单 CG2026-0002 状态不正确，不能取消",
    "采购单 CG2026-0002 状态不正确，不能取消 2",
    "100% _ \\ # ' \" %s {} 采购",
    "7% _ \\ # ' \" %s {} 采购",
    "_% _ \\ # ' \" %s {} 采购",
    "#",
    "##",
    "1２",  # a digit of ours, and one that is none
    " \u3000\t1  2\n3 ",
    "",
    "   ",
    '"',
    '""',
    "E1001 A-b.c/d_e",
    "E1001 A-b.c/d_e9",
    "e1001 a-b.c/d_e",
    "字" * 500,
    "字" * 199 + "a1",
    "字" * 199 + "a b",
    "字" * 199 + " b",
)
pytestmark = pytest.mark.django_db


@pytest.fixture
def line(shop, cast):
    return approved(shop, cast.lina, cast.wangqiang, ["CG1"]).lines.get()


@pytest.fixture
def lines(shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, [f"CG{number}" for number in range(len(HOSTILE))])
    lines = list(cancellation.lines.all())
    for line, message in zip(lines, HOSTILE, strict=True):
        line.message, line.outcome, line.known_by, line.sent_in = message, "REFUSED", "reported", call_of(cancellation)
        line.save()
    return lines


def saying(text):
    return set(OrderLine.objects.filter(message__says=text).values_list("message", flat=True))


MESSAGES = st.lists(
    st.sampled_from([*"aZ09_./-#%'\"\\ \t\n\x1c\x85\xa0\u3000\u200a１٣采é", "CG2026-1 "]), max_size=260
).map(lambda parts: "".join(parts)[:500])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(MESSAGES)
def test_the_database_makes_of_a_message_what_python_does(line, message):
    OrderLine.objects.filter(pk=line.pk).update(message=message)
    words = OrderLine.objects.values_list(Normalised(F("message")), flat=True).get(pk=line.pk)
    assert words == normalised(message)
    assert OrderLine.objects.filter(message__says=quoted(words)).exists()


@given(MESSAGES)
def test_words_are_at_most_so_long_and_their_own_words(message):
    words = normalised(message)
    assert len(words) <= WORDS_KEPT
    assert normalised(words) == words
    assert not re.search("[0-9]", words)


def test_every_space_of_python_is_one():
    assert all(bool(re.fullmatch(SPACES, chr(code))) == chr(code).isspace() for code in range(0x11000))


@pytest.mark.parametrize("message", HOSTILE)
def test_quoted_words_find_exactly_those_messages(message, lines):
    assert saying(quoted(normalised(message))) == {
        other for other in HOSTILE if normalised(other) == normalised(message)
    }


def test_unquoted_words_are_found_anywhere(lines):
    assert saying("状态不正确") == set(HOSTILE[:3])
    assert saying("采购单 # 状态") == set(HOSTILE[:3])
    assert saying("CG2026-0001") == {HOSTILE[0]}
    assert saying("E1001") == {"E1001 A-b.c/d_e", "E1001 A-b.c/d_e9"}
    assert saying("# %") == set()
    assert saying("%") == set(HOSTILE[3:6])
    assert saying('"') == {*HOSTILE[3:6], '"', '""'}


def test_quotes_of_a_chinese_keyboard_are_quotes(lines):
    assert saying("“采购单 # 状态不正确，不能取消”") == set(HOSTILE[:2])
    assert saying("“”") == {"", "   "}
