"""One search for orders, requests and suppliers, from every page."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse

from cancellations.pages import search as searching
from tests.made_lookups import show
from tests.people import draft_of, submitted

pytestmark = pytest.mark.django_db
SEARCH = reverse("search")
ORDERS = ["CG2304260001", "CG2304260002", "采购-2023-007"]


@pytest.fixture
def asked(shop, cast, browser_of):
    """A request of Li Na's; what the page answers to a search of hers or of somebody else."""
    cancellation = submitted(shop, cast.lina, ORDERS)

    def page(text, person=cast.lina):
        return browser_of(person).get(f"{SEARCH}?{urlencode({'q': text})}")

    return cancellation, page


def orders(answer):
    context = answer.context
    groups = [line for group in context.get("found", ()) for line in group.lines]
    return [line.order_no for line in (*groups, *context.get("beginning", ()), *context.get("ending", ()))]


@pytest.mark.parametrize("typed", ["CG2304260001", "cg2304260001", " ＣＧ2304260001 ", "\u200bCG2304260001"])
def test_an_order_is_found_in_any_case_and_width(asked, typed):
    _, page = asked
    assert orders(page(typed)) == ["CG2304260001"]


def test_many_orders_are_found_at_once_and_the_missing_are_named(asked):
    _, page = asked
    answer = page("CG2304260002\nCG9999999999，采购-2023-007")
    assert orders(answer) == ["CG2304260002", "采购-2023-007"]
    assert answer.context["missing"] == ["CG9999999999"]
    assert "Not found in any request" in answer.content.decode()


def test_an_order_of_many_requests_leads_to_all_of_them(asked, shop, cast):
    _, page = asked
    for _ in range(5):
        draft_of(shop, cast.lina, ORDERS[:1])
    answer = page(ORDERS[0])
    assert len(orders(answer)) == 5
    assert "All 6 requests with" in answer.text


def test_no_more_than_a_hundred_are_looked_for_and_that_is_said(asked):
    _, page = asked
    answer = page(" ".join(f"CG{number:010}" for number in range(120)))
    assert len(answer.context["missing"]) == searching.MAX_NUMBERS
    assert "Only the first 100 numbers were looked for." in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "found"), [("cg23042", ORDERS[:2]), ("0002", ORDERS[1:2]), ("-007", []), ("007", ORDERS[2:])]
)
def test_the_beginning_or_the_last_digits_are_enough(asked, typed, found):
    _, page = asked
    assert orders(page(typed)) == found


def test_a_request_number_leads_to_the_request(asked, cast):
    cancellation, page = asked
    assert page(cancellation.number.lower()).url == cancellation.get_absolute_url()
    assert page(cancellation.number, cast.heping).status_code == 200  # of another seller account


def test_a_supplier_is_found_among_the_latest_orders(asked):
    cancellation, page = asked
    line = cancellation.lines.first()
    show(line, provider_name="杭州明达纺织")
    assert [line.order_no for line in page("明达").context["of_supplier"]] == [ORDERS[0]]


def test_nobody_finds_what_they_may_not_read(asked, shop, cast):
    _, page = asked
    draft_of(shop, cast.lina, ["CG7777777777"])
    assert orders(page("CG2304260001", cast.heping)) == []
    assert orders(page("CG7777777777", cast.sunyue)) == []
    assert orders(page("CG7777777777")) == ["CG7777777777"]


@pytest.mark.parametrize("typed", ["", " ", "'; --", "%", "_", "\0", "x" * 7_000, "<b>", "CR20261126-9999"])
def test_any_text_gets_an_answer(asked, typed):
    _, page = asked
    answer = page(typed)
    assert answer.status_code == 200
    assert "<b>" not in answer.content.decode()


def test_the_field_is_on_every_page(cast, shop, browser_of):
    page = browser_of(cast.chenjing).get(reverse("history")).content.decode()
    assert page.count("data-search") == 1
    assert f'action="{SEARCH}"' in page


def test_a_search_costs_the_same_queries_however_many_are_asked(asked, cast, browser_of, django_assert_max_num_queries):
    browser = browser_of(cast.lina)
    browser.get(SEARCH)
    with django_assert_max_num_queries(8):
        browser.get(SEARCH, {"q": " ".join([*ORDERS, *(f"CG{number:010}" for number in range(90))])})
