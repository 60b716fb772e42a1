import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancellations.robots.texts import cut, is_link, mentionable, plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<@all>", "＜＠all＞"),
        ('<at id="all"></at>', '＜at id="all"＞＜/at＞'),
        ("[打开](https://example.com)", "［打开］（https：//example.com）"),
        ("**大** _小_ `码`", "＊＊大＊＊ ＿小＿ ｀码｀"),
        ('<font color="warning">', '＜font color="warning"＞'),
        ("&lt;@all&gt;", "＆lt;＠all＆gt;"),
        ("\\*x", "＼＊x"),
        ("一\r\n二\t三\u2028四\x00五\x85六", "一  二 三 四 五 六"),
        ("\u202e倒\u2066\u200f\u061c", "倒"),
        ("# 标题", "＃ 标题"),
        ("- 一项", "－ 一项"),
        ("---", "－－－"),
        ("===", "＝＝＝"),
        ("1. 一项", "1． 一项"),
        ("1.5 元", "1.5 元"),
        ("  缩进  ", "缩进"),
        ("半\ud800个", "半?个"),
        ("金额：至少 ¥1,980,010.50 - CR20261125-0001", "金额：至少 ¥1,980,010.50 - CR20261125-0001"),
    ],
)
def test_foreign_text_is_words_and_nothing_more(text, expected):
    assert plain(text) == expected


@given(st.text())
def test_no_text_keeps_a_mark_or_a_control(text):
    result = plain(text)
    assert not set("<>[]()*_@`") & set(result)
    assert not [sign for sign in result if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp")]
    assert not [sign for sign in result if unicodedata.bidirectional(sign) in ("LRE", "RLE", "LRO", "RLO", "PDF")]
    assert plain(result) == result


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 40))
def test_a_text_is_cut_by_bytes_and_never_inside_a_character(text, size):
    result = cut(text, size)
    assert len(result.encode()) <= size
    assert text.startswith(result.removesuffix("…"))
    assert result == text or len(text.encode()) > size


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/requests/1/", "https://wdt.example.com/r/CR_1?a=b&c=%E4%B8%80#events"]
)
def test_a_link_is_an_address_of_the_web(url):
    assert is_link(url)


@pytest.mark.parametrize(
    "url",
    [
        *("", "javascript:alert(1)", "/requests/1/", "https://", "ftp://example.com", "https://例.com", "HTTPS://a"),
        *("https://a/)", "https://a/(", "https://a/ b", "https://a/\n", "https://a/<", "https://a/]", 'https://a/"'),
        *("https://a@b/", "https://a/*", "https://a/`", "https://a/|", "https://a/\\", "https://a/" + "x" * 1000),
    ],
)
def test_what_would_end_the_markup_is_no_link(url):
    assert not is_link(url)


def test_only_ids_are_mentioned_and_each_once():
    given_ids = [
        "zhangsan",
        "ou_1.a-b",
        "+86-13800000000",
        "zhangsan",
        "",
        "a b",
        "<@all>",
        "张三",
        "a>",
        "x" * 65,
        "a\n",
    ]
    assert mentionable(given_ids) == ["zhangsan", "ou_1.a-b", "+86-13800000000"]


@pytest.mark.parametrize("name", ["all", "ALL", "All"])
def test_nobody_is_called_all(name):
    assert mentionable([name]) == []


def test_mentions_leave_room_for_the_rest():
    assert 20 < len(mentionable([f"{number:064}" for number in range(100)])) < 30
