import csv
import io
import zipfile

import pytest
from django.http import QueryDict
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cancellations.history import search
from cancellations.models import Event, OrderLine, SavedFilter
from cancellations.views import history_export
from cancellations.views.downloads import TRIGGERS
from cancellations.workflow import manager, reading
from tests.history.made import call_of
from tests.people import approved, draft_of, make_shop, submitted

pytestmark = pytest.mark.django_db
HISTORY = reverse("history")
CSV, XLSX = reverse("history-csv"), reverse("history-xlsx")
# Session, person, whether the session is over, and for the navigation: roles, and of managers what awaits a decision.
AROUND = 4


def orders(page):
    return [row["order_no"] for row in page.context["rows"]]


def text_of(answer):
    return b"".join(answer.streaming_content).decode()


def cells_of(answer):
    return list(csv.reader(io.StringIO(text_of(answer).removeprefix("\ufeff"))))


def test_everybody_who_signs_in_finds_the_history_in_the_navigation(shop, cast, browser_of):
    for person in (cast.lina, cast.wangqiang, cast.chenjing, cast.zhaolei):
        page = browser_of(person).get(HISTORY)
        assert page.status_code == 200
        assert f'href="{HISTORY}" aria-current="page"' in page.content.decode()


def test_what_is_asked_for_stands_in_the_address_and_comes_back_into_the_form(shop, cast, browser_of):
    submitted(shop, cast.lina, ["CG1", "CG2"])
    asked = {
        "order_no": "CG1",
        "shop": str(shop.pk),
        "outcome": "WAITING",
        "since": "2020-01-01",
        "until": "2099-01-01",
        "operation": "0",
        "requester": "李娜",
    }
    page = browser_of(cast.chenjing).get(HISTORY, asked)
    assert orders(page) == ["CG1"]
    assert QueryDict(page.context["query"]).dict() == asked
    for name, value in asked.items():
        assert page.context["form"][name].value() == value


def test_each_applied_filter_is_a_chip_that_takes_off_itself_only(shop, cast, browser_of):
    page = browser_of(cast.chenjing).get(HISTORY, {"order_no": "CG", "operation": "0", "shop": shop.pk})
    chips = dict(page.context["chips"])
    assert set(chips) == {"Order number: CG", "What is to happen: Cancel", f"Shop account: {shop.name}"}
    left = QueryDict(chips["What is to happen: Cancel"].partition("?")[2]).dict()
    assert left == {"order_no": "CG", "shop": str(shop.pk)}


def test_a_number_is_found_however_it_was_typed(shop, cast, browser_of):
    submitted(shop, cast.lina, ["CG1"])
    assert orders(browser_of(cast.chenjing).get(HISTORY, {"order_no": "\u200b ＣＧ１\u00a0"})) == ["CG1"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"since": "yesterday"}, "since"),
        ({"since": "0001-01-01"}, "since"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "until"),
        ({"outcome": "WORSE"}, "outcome"),
        ({"operation": "9"}, "operation"),
        ({"shop": "x"}, "shop"),
        ({"order_no": "A\x00"}, "order_no"),
        ({"sort": "shuffled"}, "sort"),
    ],
)
def test_nonsense_gives_the_form_back_with_the_reason_at_its_field(asked, field, shop, cast, browser_of):
    page = browser_of(cast.chenjing).get(HISTORY, asked)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert f'href="#id_{field}"' in page.content.decode()


def test_nobody_can_ask_for_a_shop_of_others(shop, shop_of_others, cast, browser_of):
    submitted(shop_of_others, cast.heping, ["CG1"])
    page = browser_of(cast.chenjing).get(HISTORY, {"shop": shop_of_others.pk})
    assert page.status_code == 422
    assert shop_of_others.name not in page.content.decode()


def test_pages_lead_to_the_next_and_back_in_every_order(shop, cast, browser_of, monkeypatch):
    monkeypatch.setattr(search, "PAGE_SIZE", 2)
    submitted(shop, cast.lina, [f"采购/{number}" for number in range(5)])
    auditor = browser_of(cast.chenjing)
    for asked, names in (
        ({}, ("Newer", "Older")),
        ({"sort": "oldest"}, ("Older", "Newer")),
        ({"order_no": "采"}, ("Previous page", "Next page")),
    ):
        first = auditor.get(HISTORY, asked)
        second = auditor.get(first.context["after_url"])
        assert (second.context["before_label"], second.context["after_label"]) == names
        last = auditor.get(second.context["after_url"])
        seen = [*orders(first), *orders(second), *orders(last)]
        assert sorted(seen) == [f"采购/{number}" for number in range(5)]
        assert last.context["after_url"] is None
        assert orders(auditor.get(last.context["before_url"])) == orders(second)


@pytest.mark.parametrize("place", ["x", "1", ".", "1.x", "-1.5", "1." + "9" * 40, "٣.٣"])
def test_a_place_that_is_none_is_not_found(place, shop, cast, browser_of):
    assert browser_of(cast.chenjing).get(HISTORY, {"after": place}).status_code == 404


def test_an_empty_history_and_an_empty_search_say_what_to_do(shop, cast, browser_of):
    auditor = browser_of(cast.chenjing)
    assert "as soon as there is one" in auditor.get(HISTORY).content.decode()
    assert "Take off a filter above" in auditor.get(HISTORY, {"order_no": "X"}).content.decode()


def test_a_row_leads_to_the_story_of_the_order_and_to_its_request(shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina, ["采购/1"])
    auditor = browser_of(cast.chenjing)
    page = auditor.get(HISTORY)
    story = page.context["rows"][0]["url"]
    assert f'href="{story}"' in page.content.decode()
    assert f'href="{cancellation.get_absolute_url()}"' in page.content.decode()
    assert auditor.get(story).context["order_no"] == "采购/1"


@pytest.mark.parametrize("asked", [{}, {"order_no": "CG"}, {"outcome": "WAITING", "requester": "lina"}])
def test_a_page_takes_four_queries_of_its_own_at_most(asked, shop, cast, browser_of, django_assert_max_num_queries):
    submitted(shop, cast.lina, [f"CG{number}" for number in range(250)])
    submitted(shop, cast.lina, ["X1"])
    auditor = browser_of(cast.chenjing)
    page = auditor.get(HISTORY, asked)
    with django_assert_max_num_queries(AROUND + 4):
        auditor.get(page.context["after_url"])


# --- saved filters ---------------------------------------------------------------------------------


def save(browser, name, **asked):
    query = QueryDict(mutable=True)
    query.update(asked)
    return browser.post(f"{reverse('history-filter-save')}?{query.urlencode()}", {"name": name})


def test_a_filter_is_saved_opened_replaced_and_deleted(shop, cast, browser_of):
    auditor = browser_of(cast.chenjing)
    answer = save(auditor, " Unknown  ones ", outcome="UNKNOWN", page="7")
    assert answer.url == f"{HISTORY}?outcome=UNKNOWN"
    assert (
        f'href="{HISTORY}?outcome=UNKNOWN" aria-current="true">Unknown ones</a>'
        in auditor.get(answer.url).content.decode()
    )
    save(auditor, "Unknown ones", outcome="UNKNOWN", shop=shop.pk)
    saved = SavedFilter.objects.get()
    assert saved.query == f"shop={shop.pk}&outcome=UNKNOWN"
    assert auditor.post(reverse("history-filter-delete", args=[saved.pk])).url == HISTORY
    assert not SavedFilter.objects.exists()


def test_nobody_sees_or_deletes_the_filters_of_others(shop, cast, browser_of):
    save(browser_of(cast.chenjing), "Mine", outcome="UNKNOWN")
    other = browser_of(cast.wangqiang)
    assert "Mine" not in other.get(HISTORY).content.decode()
    assert other.post(reverse("history-filter-delete", args=[SavedFilter.objects.get().pk])).status_code == 404
    assert SavedFilter.objects.exists()


def test_a_filter_without_a_name_or_beyond_the_limit_is_refused_with_a_sentence(shop, cast, browser_of, monkeypatch):
    auditor = browser_of(cast.chenjing)
    answer = save(auditor, "  ", outcome="UNKNOWN")
    assert answer.status_code == 422
    assert "Give the filter a name." in answer.content.decode()
    monkeypatch.setattr(reading, "MOST_FILTERS", 1)
    save(auditor, "One", outcome="UNKNOWN")
    answer = save(auditor, "Two", outcome="UNKNOWN")
    assert answer.status_code == 422
    assert 'value="Two"' in answer.content.decode()
    assert save(auditor, "Three", outcome="WORSE").status_code == 422
    assert SavedFilter.objects.count() == 1


# --- export ----------------------------------------------------------------------------------------


def test_an_export_holds_what_the_search_finds_and_nothing_of_other_shops(shop, shop_of_others, cast, browser_of):
    with_time = approved(shop, cast.lina, cast.wangqiang, ["CG1", "CG2"])
    submitted(shop_of_others, cast.heping, ["CG3"])
    answer = browser_of(cast.chenjing).post(f"{CSV}?order_no=CG")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert 'attachment; filename="orders.csv"' in answer["Content-Disposition"]
    heading, *rows = cells_of(answer)
    assert [row[0] for row in rows] == ["CG1", "CG2"]
    shown = dict(zip(heading, rows[0], strict=True))
    assert (shown["Request"], shown["Shop account"]) == (with_time.number, shop.name)
    assert (shown["Requester"], shown["Decided by"]) == ("李娜", "王强")
    assert shown["Submitted"].endswith("+0800")


def test_times_in_an_export_are_those_of_shanghai(shop, cast, browser_of, clock):
    submitted(shop, cast.lina, ["CG1"])
    assert "2026-11-24 09:00:05+0800" in text_of(browser_of(cast.chenjing).post(CSV))


def test_an_export_of_several_chunks_is_complete_and_in_order(shop, cast, browser_of, monkeypatch):
    monkeypatch.setattr("cancellations.history.export.CHUNK", 3)
    for start in (0, 5, 10):
        submitted(shop, cast.lina, [f"CG{number:02}" for number in range(start, start + 5)])
    auditor = browser_of(cast.chenjing)
    for asked in ("", "?sort=oldest", "?order_no=CG", "?outcome=WAITING"):
        seen = [row[0] for row in cells_of(auditor.post(CSV + asked))[1:]]
        assert seen == orders(auditor.get(HISTORY + asked))
        assert len(seen) == 15


def test_taking_a_copy_is_an_event_with_its_filters_and_their_count(shop, cast, browser_of):
    submitted(shop, cast.lina, ["CG1", "CG2"])
    answer = browser_of(cast.chenjing).post(f"{CSV}?order_no=CG1&shop={shop.pk}")
    event = Event.objects.get(kind=Event.Kind.EXPORTED)  # before the first byte is read
    assert (event.actor, event.shop) == (cast.chenjing, shop)
    assert event.data == {"format": "csv", "filters": {"order_no": "CG1", "shop": str(shop.pk)}, "orders": 1}
    answer.close()


def test_looking_at_the_address_of_an_export_exports_nothing(shop, cast, browser_of):
    auditor = browser_of(cast.chenjing)
    assert {auditor.get(CSV).status_code, auditor.get(XLSX).status_code} == {405}
    assert auditor.post(f"{CSV}?outcome=WORSE").status_code == 422
    assert not Event.objects.filter(kind=Event.Kind.EXPORTED).exists()


def test_exports_are_limited_by_the_hour(shop, cast, browser_of, settings):
    settings.HEAVY_WORK_PER_HOUR = settings.HEAVY_WORK_PER_HOUR | {"export": 1}
    auditor = browser_of(cast.chenjing)
    assert auditor.post(CSV).status_code == 200
    answer = auditor.post(XLSX)
    assert answer.status_code == 429
    assert "that is the limit" in answer.content.decode()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.text(
        alphabet=st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠", "a", '"', ",", "'"]), max_size=6
    )
)
def test_no_cell_of_an_export_is_a_formula(words, shop, cast, browser_of):
    if not OrderLine.objects.exists():
        submitted(shop, cast.lina, ["-CG1"])
    OrderLine.objects.update(message=words)
    cells = [cell for row in cells_of(browser_of(cast.root).post(CSV)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(TRIGGERS)]
    assert "'-CG1" in cells


def test_a_workbook_holds_texts_only(shop, cast, browser_of):
    submitted(shop, cast.lina, ["CG1", "-CG2"], reason="=HYPERLINK(1)")
    OrderLine.objects.update(message="http://example.com/ =1+1")
    answer = browser_of(cast.chenjing).post(XLSX)
    book = zipfile.ZipFile(io.BytesIO(answer.content))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "=HYPERLINK(1)" in sheet
    assert "<f>" not in sheet
    assert "hyperlink " not in sheet
    assert Event.objects.get(kind=Event.Kind.EXPORTED).data["format"] == "xlsx"


def test_a_workbook_that_would_be_too_long_is_refused_and_says_what_to_take(shop, cast, browser_of, monkeypatch):
    monkeypatch.setattr(history_export, "MOST_ROWS_OF_A_WORKBOOK", 2)
    submitted(shop, cast.lina, ["CG1", "CG2", "CG3"])
    auditor = browser_of(cast.chenjing)
    answer = auditor.post(XLSX)
    assert answer.status_code == 422
    assert "Take the CSV." in answer.content.decode()
    assert auditor.post(f"{XLSX}?order_no=CG1").status_code == 200


# --- the story of an order, and the calls of a request ----------------------------------------------


def story(shop, order_no="CG1"):
    return reverse("order-story", args=[shop.pk, order_no])


def test_a_story_tells_of_every_request_who_asked_who_decided_and_what_the_erp_said(shop, cast, browser_of):
    first = submitted(shop, cast.lina, ["CG1"], reason="供应商停产")
    manager.reject(first, by=cast.wangqiang, seen_hash=first.content_hash, note="再等一周")
    second = approved(shop, cast.sunyue, cast.zhoulan, ["CG1", "CG2"])
    call = call_of(
        second, body='[["CG1","CG2"],0]', answer='{"status":0,"data":{"code":1,"message":"采购单CG1已审核"}}'
    )
    second.lines.update(outcome="REFUSED", known_by="reported", message="采购单CG1已审核", sent_in=call)
    chapters = browser_of(cast.chenjing).get(story(shop)).context["chapters"]
    assert [chapter.line.cancellation for chapter in chapters] == [second, first]
    assert [(step.what, step.who) for step in chapters[1].steps] == [
        ("drafted", cast.lina),
        ("submitted", cast.lina),
        ("rejected", cast.wangqiang),
    ]
    assert [step.what for step in chapters[0].steps] == ["drafted", "submitted", "approved", "called"]
    page = browser_of(cast.chenjing).get(story(shop)).content.decode()
    for words in (
        "供应商停产",
        "再等一周",
        "It was sent to the ERP",
        "[[&quot;CG1&quot;,&quot;CG2&quot;],0]",
        "已审核&quot;}}",
    ):
        assert words in page


def test_a_story_holds_the_attempts_that_were_not_executed_and_no_calls_of_other_orders(shop, cast, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang, ["CG1", "CG12"])
    tried = call_of(cancellation, state="not_executed", body='[["CG1"]]', problem_message="超过频率")
    other = call_of(cancellation, body='[["CG12"]]')
    steps = browser_of(cast.chenjing).get(story(shop)).context["chapters"][0].steps
    called = [step.call for step in steps if step.call]
    assert called == [tried]
    assert other not in called


def test_a_story_is_read_only_by_whom_it_concerns(shop, shop_of_others, cast, browser_of):
    submitted(shop, cast.lina, ["CG1"])
    draft_of(shop, cast.lina, ["CG2"])
    auditor = browser_of(cast.chenjing)
    assert auditor.get(story(shop)).status_code == 200
    assert browser_of(cast.lina).get(story(shop, "CG2")).status_code == 200
    assert auditor.get(story(shop, "CG2")).status_code == 404
    assert auditor.get(story(shop, "CG9")).status_code == 404
    assert auditor.get(story(shop_of_others)).status_code == 404
    assert browser_of(cast.heping).get(story(shop)).status_code == 404


def test_a_story_shows_no_order_of_the_same_number_in_another_shop(shop, cast, browser_of):
    twin = make_shop("北京旗舰店", sid="twin", members=[cast.chenjing, cast.lina])
    submitted(shop, cast.lina, ["CG1"])
    elsewhere = submitted(twin, cast.lina, ["CG1"])
    page = browser_of(cast.chenjing).get(story(shop))
    assert elsewhere.number not in page.content.decode()


def test_a_story_costs_the_same_queries_however_often_the_order_was_asked_for(
    shop, cast, browser_of, django_assert_max_num_queries
):
    for _ in range(4):
        again = submitted(shop, cast.lina, ["CG1"])
        manager.reject(again, by=cast.wangqiang, seen_hash=again.content_hash, note="no")
    auditor = browser_of(cast.chenjing)
    with django_assert_max_num_queries(AROUND + 5):
        auditor.get(story(shop))


def test_the_calls_of_a_request_show_what_was_sent_and_what_came_back(shop, cast, browser_of, monkeypatch):
    monkeypatch.setattr("cancellations.views.history_story.CALLS_OF_A_PAGE", 2)
    cancellation = approved(shop, cast.lina, cast.wangqiang, ["CG1"])
    made = [call_of(cancellation, body=f'[["CG{number}"]]', answer=f"<b>{number}</b>") for number in range(3)]
    url = reverse("cancellation-calls", args=[cancellation.number])
    auditor = browser_of(cast.chenjing)
    page = auditor.get(url)
    assert page.context["calls"] == made[:0:-1]
    assert "&lt;b&gt;2&lt;/b&gt;" in page.content.decode()
    assert "cancelByType" in page.content.decode()
    assert auditor.get(url + page.context["older_url"]).context["calls"] == made[:1]
    assert f'href="{url}"' in auditor.get(cancellation.get_absolute_url()).content.decode()
    assert browser_of(cast.heping).get(url).status_code == 404
