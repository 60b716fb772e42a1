"""The history by the ERP's words and by why an outcome is what it is."""

import csv
import io
import zipfile

import pytest
from django.http import QueryDict
from django.urls import reverse

from cancellations.models import Event, OrderLine, SavedFilter
from tests.made_calls import call_of
from tests.people import approved

pytestmark = pytest.mark.django_db
HISTORY = reverse("history")
MESSAGES = {
    "CG1": "采购单 CG1 已入库 12 件",
    "CG2": "采购单 CG2 已入库 3 件",
    "CG3": "采购单 CG3 已入库 3 件，不能取消",
    "CG4": "",
    "CG5": "100% _ \\ # ' \" 采购",
}


@pytest.fixture
def refused(shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, [*MESSAGES, "CG6"])
    lines = {line.order_no: line for line in cancellation.lines.all()}
    for order_no, message in MESSAGES.items():
        settle(lines[order_no], cancellation, "reported", message=message)
    settle(lines["CG6"], cancellation, "verified", why=OrderLine.Why.CONTRADICTED)
    return cancellation


def settle(line, cancellation, known_by, **fields):
    OrderLine.objects.filter(pk=line.pk).update(
        outcome="REFUSED", known_by=known_by, sent_in=call_of(cancellation), **fields
    )


def orders(page):
    return [row.order_no for row in page.context["rows"]]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"words": "已入库"}, ["CG3", "CG2", "CG1"]),
        ({"words": "CG2 已"}, ["CG2"]),
        ({"words": '"采购单 # 已入库 # 件"'}, ["CG2", "CG1"]),
        ({"words": '""', "known_by": "reported"}, ["CG4"]),
        ({"words": "% _ \\"}, ["CG5"]),
        ({"words": "采%"}, []),
        ({"why": "contradicted"}, ["CG6"]),
        ({"why": "contradicted", "words": "已入库"}, []),
        ({"words": "已入库", "order_no": "CG"}, ["CG1", "CG2", "CG3"]),
        ({"words": "已入库", "outcome": "UNKNOWN"}, []),
    ],
)
def test_orders_are_found_by_the_erps_words_and_by_why(asked, found, refused, cast, browser_of):
    page = browser_of(cast.chenjing).get(HISTORY, asked)
    assert sorted(orders(page)) == sorted(found)
    assert page.context["total"].split()[0] == str(len(found))


def test_what_was_typed_comes_back_as_a_removable_chip(refused, cast, browser_of):
    asked = {"outcome": "REFUSED", "why": "contradicted", "words": '"<b># \'"'}
    page = browser_of(cast.chenjing).get(HISTORY, asked)
    text = page.content.decode()
    assert 'value="&quot;&lt;b&gt;# &#x27;&quot;"' in text
    assert "<details open>" in text
    assert "<b>#" not in text
    chips = dict(page.context["chips"])
    assert list(chips)[1:] == [
        "Explanation: The ERP reported success, but its data shows otherwise.",
        'ERP message: "<b># \'"',
    ]
    left = QueryDict(chips['ERP message: "<b># \'"'].partition("?")[2]).dict()
    assert left == {"outcome": "REFUSED", "why": "contradicted"}


@pytest.mark.parametrize("asked", [{"why": "because"}, {"words": "x" * 203}, {"words": "x\x00"}])
def test_nonsense_comes_back_with_its_error(asked, refused, cast, browser_of):
    page = browser_of(cast.chenjing).get(HISTORY, asked)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == list(asked)


def test_an_export_holds_the_orders_with_these_words(refused, cast, browser_of):
    auditor, asked = browser_of(cast.chenjing), "?words=%22采购单+%23+已入库+%23+件%22"
    text = b"".join(auditor.post(reverse("history-csv") + asked).streaming_content).decode("utf-8-sig")
    assert {row[0] for row in csv.reader(io.StringIO(text))} == {"Order number", "CG1", "CG2"}
    assert Event.objects.get(kind="exported").data["filters"] == {"words": '"采购单 # 已入库 # 件"'}
    with zipfile.ZipFile(io.BytesIO(auditor.post(reverse("history-xlsx") + asked).content)) as workbook:
        sheet = workbook.read("xl/worksheets/sheet1.xml")
    assert b">CG2<" in sheet
    assert b">CG3<" not in sheet


def test_the_longest_words_can_be_kept_as_a_filter(refused, cast, browser_of):
    auditor, words = browser_of(cast.chenjing), f'"{"字" * 200}"'
    query = QueryDict(mutable=True)
    query["words"] = words
    answer = auditor.post(f"{reverse('history-filter-save')}?{query.urlencode()}", {"name": "long"})
    assert answer.url == f"{HISTORY}?{SavedFilter.objects.get().query}"
    assert auditor.get(answer.url).context["filters"].words == words
