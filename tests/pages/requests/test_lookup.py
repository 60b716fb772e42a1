"""What the ERP shows of the orders: on the page of a request, in its list of orders, and on the page of one order."""

import html
import re
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from cancellations.models import AccountProblem, Lookup
from cancellations.models.problems import Effect
from cancellations.workflow import lookups
from tests.made_lookups import show
from tests.people import approved, draft_of, submitted

pytestmark = pytest.mark.django_db
ORDERS = ["CG1", "CG2", "CG3", "CG4"]


def url(verb, cancellation):
    return reverse(f"cancellation-{verb}", args=[cancellation.number])


def show_each(cancellation, end=True, **by_position):
    """As if the ERP had been asked: {"p1": fields of the snapshot}"""
    lookup = cancellation.lookups.last()
    for position, fields in by_position.items():
        known = {"found": True, "verdict": "will", "because": "editing", "status": 20, "stockin_status": 0}
        known |= {"at_stake": fields.get("total_fee")}
        show(cancellation.lines.get(position=int(position[1:])), **(known | fields))
    if end:
        Lookup.objects.filter(pk=lookup.pk).update(ended_at=timezone.now())


FORECAST = {
    "p1": {"provider_name": "明达<b>", "warehouse_name": "主仓", "total_fee": Decimal("12345.6"), "goods_count": 30},
    "p2": {"provider_name": "恒丰", "warehouse_name": "主仓", "total_fee": Decimal(100), "verdict": "refused",
           "because": "arrived", "status": 60},
    "p3": {"provider_name": "恒丰", "warehouse_name": "分仓", "total_fee": Decimal(50), "verdict": "may",
           "because": "finance_option", "status": 35},
    "p4": {"found": False, "verdict": "not_visible", "because": "not_visible", "status": None, "stockin_status": None},
}  # fmt: skip


def page_of(person, cancellation, browser_of, query=""):
    return browser_of(person).get(cancellation.get_absolute_url() + query).content.decode()


def rows(page):
    return re.findall(r'<a class="order-no" href="[^"]*/orders/\d+/">([^<]*)</a>', page)


def test_a_draft_shows_amounts_forecast_and_what_can_be_left_out(shop, cast, browser_of):
    cancellation = draft_of(shop, cast.lina, ORDERS)
    show_each(cancellation, **FORECAST)
    page = page_of(cast.lina, cancellation, browser_of)
    assert "¥12,345.60" in page  # of the one that will be cancelled; not of what is refused
    assert "12,495.60" not in page
    assert "明达&lt;b&gt;" in page
    assert "Will be refused: goods have arrived." in page
    assert "May succeed or be refused" in page
    assert "Not found in the ERP" in page
    assert "Remove the 1 order that will be refused" in page
    assert "Remove the 1 order not found in the ERP" in page


def test_what_is_hopeless_is_left_out_by_one_click(shop, cast, browser_of):
    cancellation = draft_of(shop, cast.lina, ORDERS)
    show_each(cancellation, **FORECAST)
    clerk = browser_of(cast.lina)
    answer = clerk.post(url("drop", cancellation), {"what": "refused"}, follow=True)
    page = re.sub(r"\s+", " ", answer.content.decode())
    assert "1 order was removed from this draft." in page
    assert "1 order · Will be refused" in page
    assert rows(answer.content.decode()) == ["CG1", "CG3", "CG4"]
    assert clerk.post(url("drop", cancellation), {"what": "refused"}).status_code == 422
    assert clerk.post(url("drop", cancellation), {"what": "all"}).status_code == 400


def test_a_joined_number_that_is_not_found_is_named_and_stays(shop, cast, browser_of):
    cancellation = draft_of(shop, cast.lina, ["CG1", "CG2", "CG2304260001/CG2304260002", "CG4"])
    unseen = {"found": False, "verdict": "not_visible", "because": "not_visible", "status": None}
    show_each(cancellation, p1={}, p2={}, p3=unseen | {"stockin_status": None}, p4=unseen | {"stockin_status": None})
    clerk = browser_of(cast.lina)
    page = page_of(cast.lina, cancellation, browser_of)
    assert "may be joined or cut; check it in your list: CG2304260001/CG2304260002" in page
    assert "Remove the 1 order not found in the ERP" in page
    answer = clerk.post(url("drop", cancellation), {"what": "not_visible"}, follow=True).content.decode()
    assert rows(answer) == ["CG1", "CG2", "CG2304260001/CG2304260002"]
    answer = clerk.post(url("drop", cancellation), {"what": "joined"}, follow=True).content.decode()
    assert rows(answer) == ["CG1", "CG2"]
    assert "1 order · joined or cut number" in " ".join(answer.split())


def test_a_manager_sees_the_same_and_cannot_drop_anything(shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina, ORDERS)
    show_each(cancellation, **FORECAST)
    page = page_of(cast.wangqiang, cancellation, browser_of)
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page))
    assert "Expected to be cancelled: ¥12,345.60 (1)" in words
    assert "May be cancelled: ¥50.00 (1)" in words
    assert "Will be refused: ¥100.00 (1)" in words
    assert "Remove the" not in page
    assert "1 order is expected to be refused." in page
    assert "1 order was not found in the ERP." in page
    assert "Lookup in progress" not in page
    assert browser_of(cast.wangqiang).post(url("drop", cancellation), {"what": "refused"}).status_code in (403, 409)


def test_the_page_shows_the_progress_of_the_look_up(shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina, ORDERS)
    show_each(cancellation, end=False, p1={})
    page = page_of(cast.wangqiang, cancellation, browser_of)
    assert "1 of 4 orders looked up." in page
    assert "Lookup in progress: 1 of 4 orders. You can still decide; the audit trail will note it." in page
    assert 'hx-trigger="every 2s"' in page
    assert "Not looked up yet" in page
    answer = browser_of(cast.wangqiang).post(
        url("approve", cancellation), {"seen_hash": cancellation.content_hash}, follow=True
    )
    assert "only 1 orders were known from the ERP" in re.sub(r"\s+", " ", answer.content.decode())


def test_the_live_part_updates_the_note_beside_the_button(shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina, ORDERS)
    boss = browser_of(cast.wangqiang)
    version = re.search(r"version=([0-9a-f]+)", boss.get(cancellation.get_absolute_url()).content.decode())[1]
    assert boss.get(url("progress", cancellation), {"version": version}).status_code == 204
    show_each(cancellation, **FORECAST)
    part = boss.get(url("progress", cancellation), {"version": version}).content.decode()
    note = re.search(r'<div id="lookup-note" hx-swap-oob="calm">(.*)', part, re.DOTALL)[1]
    assert "1 order is expected to be refused." in note


@pytest.mark.parametrize("failure", [code for code, _ in AccountProblem.that(Effect.ENDS_LOOKUP)])
def test_a_look_up_that_failed_says_why_and_blocks_nothing(failure, shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina, ORDERS)
    cancellation.lookups.filter(ended_at=None).update(
        ended_at=timezone.now(), failure=failure, message="<b>权限不足</b>"
    )
    page = page_of(cast.wangqiang, cancellation, browser_of)
    problem = AccountProblem(failure)
    assert html.escape(f"Lookup stopped after 0 of 4 orders. {problem.label}") in page
    assert html.escape(str(problem.advice)) in page
    assert "&lt;b&gt;权限不足&lt;/b&gt;" in page
    assert "Lookup failed after 0 of 4 orders. You can still decide" in page
    assert "Refresh from ERP" in page


def test_a_sample_is_called_one(shop, cast, browser_of):
    shop.lookup_limit = 2
    shop.save()
    cancellation = submitted(shop, cast.lina, ORDERS)
    page = page_of(cast.wangqiang, cancellation, browser_of)
    assert "an evenly spread sample of 2 of 4 orders is looked up" in page


def test_a_sample_is_extrapolated_and_the_rest_can_be_looked_up(shop, cast, browser_of):
    shop.lookup_limit = 2
    shop.save()
    cancellation = submitted(shop, cast.lina, ORDERS)
    show_each(cancellation, p1=FORECAST["p1"], p3=FORECAST["p3"])
    page = " ".join(page_of(cast.wangqiang, cancellation, browser_of).split())
    assert page.count("Extrapolated to all 4 orders: about ¥24,791.00 (estimate).") == 2  # in the decision, too
    assert "Look up 2 more orders" in page
    answer = browser_of(cast.wangqiang).post(url("look-again", cancellation), {"is_rest": 1}, follow=True)
    assert "2 of 4 orders looked up." in answer.content.decode()
    assert [*cancellation.lookups.last().snapshots.values_list("line__position", flat=True)] == [2, 4]
    show_each(cancellation, p2=FORECAST["p2"], p4=FORECAST["p4"])
    page = page_of(cast.wangqiang, cancellation, browser_of)
    assert "sample" not in page
    assert "Extrapolated" not in page
    assert "Look up 2 more" not in page


def test_with_nothing_left_the_rest_is_all_of_them(shop, cast):
    cancellation = submitted(shop, cast.lina, ORDERS)
    show_each(cancellation, **FORECAST)
    lookups.look_again(cancellation, by=cast.wangqiang, is_rest=True)
    assert cancellation.lookups.last().wanted == 4


def test_without_any_look_up_the_manager_is_told(shop, cast, browser_of):
    shop.lookup_limit = 0
    shop.save()
    page = page_of(cast.wangqiang, submitted(shop, cast.lina, ORDERS), browser_of)
    assert "The orders were not looked up" in page


def test_asking_again_wakes_the_account(shop, cast, browser_of):
    from django_tasks_db.models import DBTaskResult

    cancellation = submitted(shop, cast.lina, ORDERS)
    show_each(cancellation)
    DBTaskResult.objects.all().delete()
    answer = browser_of(cast.wangqiang).post(url("look-again", cancellation), follow=True)
    assert "0 of 4 orders looked up." in answer.content.decode()
    assert DBTaskResult.objects.count() == 1
    assert browser_of(cast.wangqiang).post(url("look-again", cancellation)).status_code == 422
    assert browser_of(cast.chenjing).post(url("look-again", cancellation)).status_code == 403


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["CG1", "CG2", "CG3", "CG4"]),
        ("?sort=-amount", ["CG1", "CG2", "CG3", "CG4"]),
        ("?sort=amount", ["CG3", "CG2", "CG1", "CG4"]),
        ("?sort=supplier", ["CG4", "CG2", "CG3", "CG1"]),
        ("?sort=status", ["CG1", "CG3", "CG2", "CG4"]),
        ("?forecast=refused", ["CG2"]),
        ("?forecast=none", []),
        ("?supplier=恒丰", ["CG2", "CG3"]),
        ("?warehouse=主仓&sort=amount", ["CG2", "CG1"]),
        ("?supplier=恒丰&warehouse=分仓", ["CG3"]),
        ("?supplier=nobody", []),
        ("?is_changed=1", []),
        ("?sort=rubbish&forecast=rubbish&page=x", ["CG1", "CG2", "CG3", "CG4"]),
    ],
)
def test_the_orders_are_filtered_and_sorted_as_the_address_says(query, shown, shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina, ORDERS)
    show_each(cancellation, **FORECAST)
    assert rows(page_of(cast.wangqiang, cancellation, browser_of, query)) == shown


def test_filters_stand_above_the_list_and_can_be_removed(shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina, ORDERS)
    show_each(cancellation, **FORECAST)
    page = page_of(cast.wangqiang, cancellation, browser_of, "?supplier=恒丰&forecast=refused&sort=amount")
    assert "Supplier: 恒丰" in page
    assert "Forecast: Will be refused" in page
    away = re.search(r'href="([^"]*)"\s+aria-label="Remove filter: Supplier', page)[1].replace("&amp;", "&")
    assert away.endswith("?forecast=refused&sort=amount#orders-title")
    assert rows(browser_of(cast.wangqiang).get(away).content.decode()) == ["CG2"]


def test_changes_since_the_submission_are_marked_and_listed(shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina, ORDERS)
    changes = {"status": [20, 40], "total_fee": ["100.0000", "90.5000"], "found": [True, True]}
    show_each(cancellation, p1={"is_changed": True, "changes": changes, "status": 40}, p2={}, p3={}, p4={})
    page = page_of(cast.wangqiang, cancellation, browser_of, "?is_changed=1")
    assert rows(page) == ["CG1"]
    assert "1 order has changed in the ERP since submission." in page
    page = browser_of(cast.wangqiang).get(reverse("order", args=[cancellation.number, 1])).content.decode()
    page = re.sub("</?bdi>", "", page)
    assert "ERP status changed: being edited → checked" in page
    assert "Amount changed: ¥100.00 → ¥90.50" in page


def test_the_page_of_an_order_shows_its_goods_and_every_look(shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina, ORDERS)
    goods = [
        {"name": "T恤<b>", "spec_no": "S1", "ordered": "30.0000", "arrived": None, "stocked_in": "7.5", "price": "12"}
    ]
    show_each(cancellation, p1={"goods": goods, "total_fee": Decimal(360)})
    lookups.look_again(cancellation, by=cast.wangqiang)
    show_each(cancellation, p1={"goods": goods, "total_fee": Decimal(360)})
    page = browser_of(cast.chenjing).get(reverse("order", args=[cancellation.number, 1])).content.decode()
    assert "T恤&lt;b&gt;" in page
    assert "12.00" in page
    assert "7.5" in page
    assert " ".join(page.split()).count("being edited, not stocked in, ¥360.00") == 2
    assert "looked up (manual refresh)" in page


def test_an_order_that_was_not_looked_up_says_so(shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina, ORDERS)
    page = browser_of(cast.lina).get(reverse("order", args=[cancellation.number, 2])).content.decode()
    assert "Not looked up yet." in page


def test_an_order_of_another_shop_or_draft_or_place_is_not_there(shop, shop_of_others, cast, browser_of):
    mine = draft_of(shop, cast.lina)
    theirs = submitted(shop_of_others, cast.heping)
    assert browser_of(cast.wangqiang).get(reverse("order", args=[mine.number, 1])).status_code == 404
    assert browser_of(cast.lina).get(reverse("order", args=[theirs.number, 1])).status_code == 404
    assert browser_of(cast.lina).get(reverse("order", args=[mine.number, 99])).status_code == 404
    for verb in ("drop", "look-again"):
        assert browser_of(cast.lina).post(url(verb, theirs), {"what": "refused"}).status_code == 404
        assert browser_of(cast.lina).get(url(verb, mine)).status_code == 405


def test_after_the_decision_nobody_looks_up_again(shop, cast, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang, ORDERS)
    page = page_of(cast.wangqiang, cancellation, browser_of)
    assert "The request moved on after 0 of 4 orders had been looked up." in page
    assert "Refresh from ERP" not in page


def test_links_lead_to_the_list_after_a_refused_decision(shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina, ORDERS)
    show_each(cancellation, **FORECAST)
    page = browser_of(cast.wangqiang).post(url("reject", cancellation), {"seen_hash": "x"}).content.decode()
    assert not re.findall(r'href="\?', page)


def test_many_suppliers_become_one_row(shop, cast, browser_of):
    order_nos = [f"CG{number}" for number in range(1, 13)]
    cancellation = submitted(shop, cast.lina, order_nos)
    shots = {f"p{n}": {"provider_name": f"供应商{n:02}", "total_fee": Decimal(n)} for n in range(1, 13)}
    show_each(cancellation, **shots)
    page = page_of(cast.wangqiang, cancellation, browser_of)
    assert "供应商12" in page
    assert re.search(r"All others.*?10\.00", page, re.DOTALL)  # 1 + 2 + 3 + 4


def test_the_live_part_of_a_draft_keeps_the_submit_button(shop, cast, browser_of):
    cancellation = draft_of(shop, cast.lina, ORDERS)
    part = browser_of(cast.lina).get(url("progress", cancellation), {"version": "x"}).content.decode()
    assert 'id="decision"' not in part
