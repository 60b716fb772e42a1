import re

import pytest
from django.http import QueryDict
from django.urls import reverse

from cancellations.history import search
from cancellations.models import KnownName, SavedFilter
from cancellations.workflow import saved_filters
from tests.people import submitted

pytestmark = pytest.mark.django_db
HISTORY = reverse("history")
AROUND = 3  # queries of any page: session; person, with roles and whether the session is over; unread notices


def orders(page):
    return [row.order_no for row in page.context["rows"]]


def test_everybody_finds_the_history_in_the_navigation(shop, cast, browser_of):
    for person in (cast.lina, cast.wangqiang, cast.chenjing, cast.zhaolei):
        page = browser_of(person).get(HISTORY)
        assert page.status_code == 200
        assert re.search(rf'href="{HISTORY}"\s+aria-current="page"', page.content.decode())


def test_a_search_stands_in_the_address_and_in_the_form(shop, cast, browser_of):
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


@pytest.mark.parametrize(
    ("count", "language", "heading"),
    [(1, "en", "Found 1 order"), (2, "en", "Found 2 orders"), (2, "zh-hans", "找到 2 张采购单")],
)
def test_the_heading_says_how_many_were_found_and_of_what_once(count, language, heading, shop, cast, browser_of):
    submitted(shop, cast.lina, [f"CG{number}" for number in range(count)])
    page = browser_of(cast.chenjing, headers={"Accept-Language": language}).get(HISTORY).content.decode()
    [title] = re.findall(r'<h2 id="found-title">(.*?)</h2>', page)
    assert re.sub(r"<[^>]*>", "", title) == heading


def test_each_filter_is_a_chip_that_removes_only_itself(shop, cast, browser_of):
    page = browser_of(cast.chenjing).get(HISTORY, {"order_no": "CG", "operation": "0", "shop": shop.pk})
    chips = dict(page.context["chips"])
    assert set(chips) == {"Order number: CG", "Operation: Cancel", f"Seller account: {shop.name}"}
    left = QueryDict(chips["Operation: Cancel"].partition("?")[2]).dict()
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
def test_nonsense_comes_back_with_the_reason_at_its_field(asked, field, shop, cast, browser_of):
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
    assert "will appear here" in auditor.get(HISTORY).content.decode()
    assert "Remove a filter above" in auditor.get(HISTORY, {"order_no": "X"}).content.decode()


def test_a_row_leads_to_the_orders_story_and_its_request(shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina, ["采购/1"])
    auditor = browser_of(cast.chenjing)
    page = auditor.get(HISTORY)
    story = page.context["rows"][0].story_url
    assert f'href="{story}"' in page.content.decode()
    assert f'href="{cancellation.get_absolute_url()}"' in page.content.decode()
    assert auditor.get(story).context["order_no"] == "采购/1"


@pytest.mark.parametrize("asked", [{}, {"order_no": "CG"}, {"outcome": "WAITING", "requester": "lina"}])
def test_a_page_takes_five_queries_of_its_own_at_most(asked, shop, cast, browser_of, django_assert_max_num_queries):
    submitted(shop, cast.lina, [f"CG{number}" for number in range(250)])
    submitted(shop, cast.lina, ["X1"])
    auditor = browser_of(cast.chenjing)
    page = auditor.get(HISTORY, asked)
    with django_assert_max_num_queries(AROUND + 5):
        auditor.get(page.context["after_url"])


def test_names_are_offered_of_ones_own_shops_only(shop, shop_of_others, cast, browser_of):
    for where, name in ((shop, "宁波海通<日化>"), (shop_of_others, "别家")):
        KnownName.objects.create(shop=where, kind="supplier", name=name)
    page = browser_of(cast.chenjing).get(reverse("history-names", args=["supplier"])).content.decode()
    assert page == '<option value="宁波海通&lt;日化&gt;"></option>'
    assert browser_of(cast.chenjing).get(reverse("history-names", args=["x"])).status_code == 404


# --- saved filters ---------------------------------------------------------------------------------


def save(browser, name, **asked):
    query = QueryDict(mutable=True)
    query.update(asked)
    return browser.post(f"{reverse('history-filter-save')}?{query.urlencode()}", {"name": name})


def test_a_filter_is_saved_opened_replaced_and_deleted(shop, cast, browser_of):
    auditor = browser_of(cast.chenjing)
    answer = save(auditor, " Unknown  ones ", outcome="UNKNOWN", page="7")
    assert answer.url == f"{HISTORY}?outcome=UNKNOWN"
    assert f'href="{HISTORY}?outcome=UNKNOWN">Unknown ones</a>' in auditor.get(answer.url).content.decode()
    save(auditor, "Unknown ones", outcome="UNKNOWN", shop=shop.pk)
    saved = SavedFilter.objects.get()
    assert saved.query == f"shop={shop.pk}&outcome=UNKNOWN"
    assert auditor.post(reverse("filter-delete", args=[saved.pk])).url == HISTORY
    assert not SavedFilter.objects.exists()


def test_nobody_sees_or_deletes_the_filters_of_others(shop, cast, browser_of):
    save(browser_of(cast.chenjing), "Mine", outcome="UNKNOWN")
    other = browser_of(cast.wangqiang)
    assert "Mine" not in other.get(HISTORY).content.decode()
    assert other.post(reverse("filter-delete", args=[SavedFilter.objects.get().pk])).status_code == 404
    assert SavedFilter.objects.exists()


def test_save_filter_refuses_no_name_and_too_many(shop, cast, browser_of, monkeypatch):
    auditor = browser_of(cast.chenjing)
    answer = save(auditor, "  ", outcome="UNKNOWN")
    assert answer.status_code == 422
    assert "Enter a name for the filter." in answer.content.decode()
    monkeypatch.setattr(saved_filters, "MAX_FILTERS", 1)
    save(auditor, "One", outcome="UNKNOWN")
    answer = save(auditor, "Two", outcome="UNKNOWN")
    assert answer.status_code == 422
    assert 'value="Two"' in answer.content.decode()
    assert save(auditor, "Three", outcome="WORSE").status_code == 422
    assert SavedFilter.objects.count() == 1


PART = {"HX-Request": "true", "HX-Target": "found"}


def test_a_search_in_the_page_brings_only_the_results(shop, cast, browser_of):
    submitted(shop, cast.lina, ["CG1", "CG2"])
    auditor = browser_of(cast.chenjing)
    part = auditor.get(f"{HISTORY}?order_no=CG1&shop=", headers=PART)
    assert orders(part) == ["CG1"]
    text = part.content.decode()
    assert text.startswith('<div id="found">')
    assert "Order number: CG1" in text
    assert re.search(r'hx-swap-oob="innerHTML">\s*Found 1 order\s*</p>', text)
    assert "<html" not in text
    assert 'role="search"' not in text


def test_a_wrong_search_in_the_page_loads_the_whole_page(cast, browser_of):
    asked = f"{HISTORY}?since=2026-02-02&until=2026-02-01"
    part = browser_of(cast.chenjing).get(asked, headers=PART)
    assert (part.status_code, part.headers["HX-Redirect"]) == (204, asked)
    assert browser_of(cast.chenjing).get(asked).status_code == 422


def test_a_search_in_the_page_when_signed_out_asks_to_sign_in(client):
    part = client.get(f"{HISTORY}?order_no=CG1", headers=PART)
    assert (part.status_code, part.headers["HX-Refresh"]) == (204, "true")
    assert client.get(HISTORY).status_code == 302
