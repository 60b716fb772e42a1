"""The page on which auditors see who took copies of what."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cancellations.exports import verbs as exports
from cancellations.models import Event
from cancellations.pages.audit import export_log as copies
from tests.people import submitted

pytestmark = pytest.mark.django_db
PAGE, CSV, XLSX = reverse("audit-copies"), reverse("history-csv"), reverse("history-xlsx")
HISTORY = reverse("history")


def text(answer):
    return answer.content.decode()


def filters_of(page):
    """The words of each copy on the page, the newest first."""
    return [copy.words for copy in page.context["copies"]]


def take(person, *shops, kind="csv", orders=1, **filters):
    names = {shop.pk: shop.name for shop in shops}
    exports.record_copy(kind, filters, by=person, shops=names, orders=orders)


@pytest.mark.parametrize(
    ("person", "status"),
    [("chenjing", 200), ("zhaolei", 200), ("root", 200), ("lina", 403), ("wangqiang", 403), ("heping", 403)],
)
def test_it_is_for_those_who_may_verify_the_history(person, status, shop, cast, browser_of):
    assert browser_of(getattr(cast, person)).get(PAGE).status_code == status


def test_the_page_of_the_verification_leads_there(cast, browser_of):
    assert f'href="{PAGE}"' in text(browser_of(cast.chenjing).get(reverse("audit")))


def test_it_says_who_took_what_and_leads_to_the_same_search(shop, cast, browser_of):
    submitted(shop, cast.lina, ["CG1", "CG2"])
    browser_of(cast.lina).post(f"{CSV}?order_no=CG&shop={shop.pk}&outcome=WAITING")
    page = browser_of(cast.chenjing).get(PAGE)
    assert filters_of(page) == [["Order number: CG", f"Seller account: {shop.name}", "Outcome: Waiting"]]
    assert f'href="{HISTORY}?order_no=CG&amp;shop={shop.pk}&amp;outcome=WAITING"' in text(page)
    for words in ("李娜", "CSV", ">2</td>"):
        assert words in text(page)


def test_a_copy_of_everything_says_so(shop, cast, browser_of):
    submitted(shop, cast.lina, ["CG1"])
    browser_of(cast.wangqiang).post(XLSX)
    page = text(browser_of(cast.chenjing).get(PAGE))
    assert "all orders this person could read" in page
    assert "Excel" in page


def test_a_list_too_long_to_count_says_how_long_at_least(shop, cast, browser_of):
    take(cast.lina, shop, orders=None)
    assert "more than 50,000" in text(browser_of(cast.chenjing).get(PAGE))


def test_an_unknown_filter_is_shown_as_it_was_recorded(shop, cast, browser_of):
    take(cast.lina, shop, outcome="FORGOTTEN")
    assert filters_of(browser_of(cast.chenjing).get(PAGE)) == [["outcome: FORGOTTEN"]]


def test_the_export_log_shows_only_what_concerns_ones_shops(shop, shop_of_others, cast, browser_of):
    take(cast.lina, shop, requester="mine")
    take(cast.heping, shop_of_others, requester="of others")
    take(cast.root, shop, shop_of_others, requester="both")
    take(cast.gone, requester="nothing")
    assert filters_of(browser_of(cast.chenjing).get(PAGE)) == [["Requester: both"], ["Requester: mine"]]
    assert filters_of(browser_of(cast.root).get(PAGE)) == [
        ["Requester: nothing"],
        ["Requester: both"],
        ["Requester: of others"],
        ["Requester: mine"],
    ]


def test_who_has_left_the_shop_since_is_still_seen(shop, cast, browser_of):
    submitted(shop, cast.lina, ["CG1"])
    browser_of(cast.lina).post(CSV)
    shop.members.remove(cast.lina)
    assert "李娜" in text(browser_of(cast.chenjing).get(PAGE))


def test_before_the_first_copy_there_is_something_to_read(shop, cast, browser_of):
    assert "No exports yet" in text(browser_of(cast.chenjing).get(PAGE))


def test_pages_lead_to_the_older_ones_and_back(shop, cast, browser_of, monkeypatch):
    monkeypatch.setattr(copies, "COPIES_OF_A_PAGE", 2)
    for number in range(5):
        take(cast.lina, shop, order_no=f"CG{number}")
    auditor = browser_of(cast.chenjing)
    first = auditor.get(PAGE)
    second = auditor.get(PAGE + first.context["older_url"])
    last = auditor.get(PAGE + second.context["older_url"])
    seen = [words for page in (first, second, last) for words in filters_of(page)]
    assert seen == [[f"Order number: CG{number}"] for number in (4, 3, 2, 1, 0)]
    assert last.context["older_url"] is None
    assert filters_of(auditor.get(PAGE + last.context["newer_url"])) == filters_of(second)


def test_it_costs_the_same_queries_however_many_were_taken(shop, cast, browser_of):
    auditor = browser_of(cast.chenjing)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            auditor.get(PAGE)
        return len(captured)

    take(cast.lina, shop)
    before = queries()
    for _ in range(5):
        take(cast.wangqiang, shop, shop="1")
    assert queries() == before


@pytest.mark.parametrize(("kind", "index"), [("exported", "copies_that_were_taken"), ("pruned", "emptied_calls")])
def test_the_few_among_many_events_have_an_index_of_their_own(kind, index, db):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # an empty table is read as a whole
        else:
            cursor.execute("ANALYZE")  # whatever the connection knew of tables that other tests had filled
        assert index in Event.objects.filter(kind=kind).order_by("-pk")[:51].explain()
