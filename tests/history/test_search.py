"""Who finds what; a page by key never skips a line and never shows one twice."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from cancellations.history import search, selection
from cancellations.history.search import Filters, Reader
from cancellations.history.selection import after_prefix
from cancellations.models import KnownName, Shop
from cancellations.workflow import clerk, control, manager
from tests.made_calls import call_of
from tests.people import approved, draft_of, submitted


def find(filters, reader, **place):
    return search.find(search.select(filters, reader), **place)


def found(person, **filters):
    return [row.order_no for row in find(Filters(**filters), Reader(person)).rows]


def walk(person, *, backwards=False, between=lambda: None, **filters):
    """The order numbers of all pages, one page after the other; `between` is called between two of them."""
    filters, reader, pages = Filters(**filters), Reader(person), []
    page = find(filters, reader)
    pages.append(page)
    while page.after:
        between()
        page = find(filters, reader, after=page.after)
        pages.append(page)
    if backwards:
        pages = [page]
        while page.before:
            page = find(filters, reader, before=page.before)
            pages.insert(0, page)
    return [row.order_no for page in pages for row in page.rows]


@pytest.mark.django_db
def test_everybody_finds_the_orders_of_their_own_shops_only(shop, shop_of_others, cast):
    submitted(shop, cast.lina, ["CG1"])
    submitted(shop_of_others, cast.heping, ["CG2"])
    assert found(cast.chenjing) == ["CG1"]
    assert found(cast.heping) == ["CG2"]
    assert found(cast.root) == ["CG2", "CG1"]
    assert found(cast.gone) == []
    for filters in ({"order_no": "CG"}, {"shop": shop_of_others.pk}, {"order_no": "CG", "shop": shop_of_others.pk}):
        assert "CG2" not in found(cast.chenjing, **filters)


@pytest.mark.django_db
def test_a_draft_is_found_by_its_clerk_only(shop, cast):
    draft_of(shop, cast.lina, ["CG1"])
    for filters in ({}, {"order_no": "CG1"}, {"outcome": "LISTED"}):
        assert found(cast.lina, **filters) == ["CG1"]
        assert found(cast.wangqiang, **filters) == []


@pytest.mark.django_db
def test_the_newest_request_comes_first_or_last(shop, cast):
    submitted(shop, cast.lina, ["CG1", "CG2"])
    submitted(shop, cast.sunyue, ["CG3"])
    assert found(cast.chenjing) == ["CG3", "CG2", "CG1"]
    assert found(cast.chenjing, sort="oldest") == ["CG1", "CG2", "CG3"]


@pytest.mark.django_db
def test_the_exact_number_comes_first_and_newest_first(shop, cast):
    first = submitted(shop, cast.lina, ["CG12", "CG1", "CG2"])
    manager.reject(first, by=cast.wangqiang, seen_hash=first.content_hash, note="no")
    second = submitted(shop, cast.lina, ["CG1", "CG11", "cg3"])
    rows = find(Filters(order_no="CG1"), Reader(cast.chenjing)).rows
    assert [row.order_no for row in rows] == ["CG1", "CG1", "CG11", "CG12"]
    assert [row.number for row in rows[:2]] == [second.number, first.number]


@pytest.mark.django_db
def test_a_beginning_means_its_characters_and_nothing_else(shop, cast):
    submitted(shop, cast.lina, ["A_1", "AB1", "A%1", "采购1", "采购2", "采集"])
    assert found(cast.chenjing, order_no="A_") == ["A_1"]
    assert found(cast.chenjing, order_no="A%") == ["A%1"]
    assert found(cast.chenjing, order_no="%") == []
    assert found(cast.chenjing, order_no="采购") == ["采购1", "采购2"]
    assert found(cast.chenjing, order_no="采") == ["采购1", "采购2", "采集"]


@given(st.text(min_size=1, max_size=5), st.text(max_size=5))
def test_the_end_of_a_prefix_sorts_after_all_that_has_it(prefix, rest):
    end = after_prefix(prefix)
    assert end is None or prefix + rest < end
    assert end is None or end[:-1] == prefix[: len(end) - 1]


def test_a_beginning_of_the_last_characters_has_no_end():
    assert after_prefix("\U0010ffff") is None
    assert after_prefix("A\U0010ffff") == "B"
    assert after_prefix("\ud7ff") == "\ue000"


@pytest.mark.django_db
def test_each_filter_finds_what_it_says(shop, cast):
    with time_machine.travel("2026-11-23T15:59:00Z", tick=False):  # 23:59 in Shanghai
        stop = submitted(shop, cast.lina, ["CG1"], operation=1)
    with time_machine.travel("2026-11-23T16:01:00Z", tick=False):
        rejected = submitted(shop, cast.zhoulan, ["CG2"])
        manager.reject(rejected, by=cast.wangqiang, seen_hash=rejected.content_hash, note="no")
    auditor = cast.chenjing
    assert found(auditor, operation=1) == ["CG1"]
    assert found(auditor, outcome="SKIPPED") == ["CG2"]
    assert found(auditor, requester="李娜") == found(auditor, requester="lina") == ["CG1"]
    assert found(auditor, decider="王强") == ["CG2"]
    assert found(auditor, number=stop.number) == ["CG1"]
    assert found(auditor, until=date(2026, 11, 23)) == ["CG1"]
    assert found(auditor, since=date(2026, 11, 24), until=date(2026, 11, 24)) == ["CG2"]
    assert found(auditor, shop=shop.pk, requester="何平") == []


@pytest.mark.django_db
def test_unknown_and_decided_by_hand_have_their_own_index(shop, cast):
    first, second = (unknown(shop, cast, numbers) for numbers in (["CG1", "CG2"], ["CG3"]))
    assert found(cast.chenjing, outcome="UNKNOWN") == ["CG3", "CG2", "CG1"]
    assert found(cast.chenjing, outcome="UNKNOWN", sort="oldest") == ["CG1", "CG2", "CG3"]
    control.decide_by_hand(
        first, by=cast.wangqiang, lines=first.lines.filter(order_no="CG2"), done=True, note="gesehen"
    )
    assert found(cast.chenjing, known_by="by_hand") == ["CG2"]
    assert found(cast.chenjing, outcome="UNKNOWN", number=second.number) == ["CG3"]
    assert found(cast.heping, outcome="UNKNOWN") == []


def unknown(shop, cast, numbers):
    """An approved request whose only call had no answer that could be used."""
    cancellation = approved(shop, cast.lina, cast.wangqiang, numbers)
    cancellation.lines.update(outcome="UNKNOWN", why="no_answer", sent_in=call_of(cancellation))
    return cancellation


@pytest.mark.django_db
@pytest.mark.parametrize("filters", [{}, {"sort": "oldest"}, {"order_no": "CG"}, {"outcome": "WAITING"}])
def test_pages_neither_skip_nor_repeat_as_requests_come_in(filters, shop, cast, monkeypatch):
    monkeypatch.setattr(search, "PAGE_SIZE", 4)
    old = [f"CG{number:03}" for number in range(0, 30, 2)]
    submitted(shop, cast.lina, old[:7])
    submitted(shop, cast.sunyue, old[7:])
    new = iter(range(1, 1000, 2))
    seen = walk(cast.chenjing, between=lambda: submitted(shop, cast.lina, [f"CG{next(new):03}"]), **filters)
    assert [number for number in seen if number in old] == [x for x in found_all(cast, filters) if x in old]
    assert len(seen) == len(set(seen))


def found_all(cast, filters):
    """Without pages, in the order of the list."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "PAGE_SIZE", 1000)
        return found(cast.chenjing, **filters)


@pytest.mark.django_db
@pytest.mark.parametrize("filters", [{}, {"sort": "oldest"}, {"order_no": "CG"}])
def test_going_back_shows_the_same_pages(filters, shop, shop_of_others, cast, monkeypatch):
    monkeypatch.setattr(search, "PAGE_SIZE", 4)
    for place, person in ((shop, cast.lina), (shop_of_others, cast.heping)):
        submitted(place, person, [f"CG{number:03}" for number in range(9)])
    there, back = walk(cast.root, **filters), walk(cast.root, backwards=True, **filters)
    assert there == back
    assert len(there) == 18


@pytest.mark.django_db
def test_the_total_stops_counting_and_says_so(shop, cast, monkeypatch):
    submitted(shop, cast.lina, ["CG1", "CG2", "CG3"])
    submitted(shop, cast.lina, ["CG4", "CG5"])
    reader = Reader(cast.chenjing)
    assert search.select(Filters(), reader).total()[:2] == (5, True)
    assert search.select(Filters(outcome="WAITING"), reader).total()[:2] == (5, True)
    monkeypatch.setattr(selection, "MAX_COUNTED", 3)
    monkeypatch.setattr(selection, "MAX_SUMMED", 1)
    assert search.select(Filters(outcome="WAITING"), reader).total()[:2] == (3, False)
    assert search.select(Filters(), reader).total()[1] is False


@pytest.mark.django_db
def test_a_reader_of_many_shops_needs_one_query_for_them(shop, cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        reader = Reader(cast.root)
    with django_assert_num_queries(2):
        find(Filters(order_no="CG"), reader)
        search.select(Filters(order_no="CG"), reader).total()
    assert set(reader.shops) == set(Shop.objects.values_list("pk", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize("few", [0, 100])
def test_a_prefix_is_found_among_many_requests(few, shop, cast, monkeypatch):
    monkeypatch.setattr(search, "FEW", few)
    with time_machine.travel("2026-11-20T04:00:00Z", tick=False):
        submitted(shop, cast.lina, ["CG5", "CG1", "X1"])
    with time_machine.travel("2026-11-22T04:00:00Z", tick=False):
        last = submitted(shop, cast.sunyue, ["CG3", "CG4"])
    auditor = cast.chenjing
    assert found(auditor, order_no="CG", requester="lina") == ["CG1", "CG5"]
    assert found(auditor, order_no="CG", since=date(2026, 11, 21)) == ["CG3", "CG4"]
    assert found(auditor, order_no="CG", number=last.number) == ["CG3", "CG4"]
    assert found(auditor, order_no="CG", requester="nobody") == []
    assert found(auditor, order_no="CG", requester="lina", since=date(2026, 11, 21)) == []


@pytest.mark.django_db
def test_days_are_those_of_the_submission(shop, cast):
    with time_machine.travel("2026-11-20T04:00:00Z", tick=False):
        first = draft_of(shop, cast.lina, ["CG1"])
        submitted(shop, cast.sunyue, ["CG2"])
    with time_machine.travel("2026-11-23T04:00:00Z", tick=False):
        clerk.submit(first, by=cast.lina)
    assert found(cast.chenjing, until=date(2026, 11, 20)) == ["CG2"]
    assert found(cast.chenjing, since=date(2026, 11, 21)) == ["CG1"]
    assert found(cast.chenjing, since=date(2026, 11, 20), until=date(2026, 11, 23)) == ["CG2", "CG1"]
    assert found(cast.chenjing, since=date(2026, 11, 24)) == []


def shown(cancellation, **suppliers):
    """As if the ERP had shown: {supplier: {position: yuan}}"""
    for supplier, amounts in suppliers.items():
        KnownName.objects.get_or_create(shop=cancellation.shop, kind="supplier", name=supplier)
        for position, yuan in amounts.items():
            cancellation.lines.filter(position=position).update(supplier=supplier, amount=yuan)


@pytest.mark.django_db
def test_a_suppliers_orders_are_found_newest_request_first(shop, shop_of_others, cast):
    first = submitted(shop, cast.lina, ["CG1", "CG2", "CG3"])
    second = submitted(shop, cast.sunyue, ["CG4", "CG5"])
    others = submitted(shop_of_others, cast.heping, ["CG6"])
    shown(first, 海通={1: 10, 3: 30}, 明达={2: 20})
    shown(second, 海通={2: 50})
    shown(others, 海通={1: 60})
    assert found(cast.chenjing, supplier="海通") == ["CG5", "CG3", "CG1"]
    assert found(cast.chenjing, supplier="海通", sort="oldest") == ["CG1", "CG3", "CG5"]
    assert found(cast.chenjing, supplier="海通", amount=Decimal(20)) == ["CG5", "CG3"]
    assert found(cast.chenjing, supplier="海通", requester="lina") == ["CG3", "CG1"]
    assert found(cast.chenjing, supplier="海") == []
    assert found(cast.chenjing, warehouse="没有") == []


@pytest.mark.django_db
def test_amounts_are_found_the_largest_first(shop, cast):
    first = submitted(shop, cast.lina, ["CG1", "CG2", "CG3"])
    second = submitted(shop, cast.sunyue, ["CG4", "CG5"])
    shown(first, 海通={1: "10.5", 2: 700, 3: "52356.1"})
    shown(second, 明达={1: 700, 2: 5})
    assert found(cast.chenjing, amount=Decimal("10.5")) == ["CG3", "CG4", "CG2", "CG1"]
    assert found(cast.chenjing, amount=Decimal("10.51")) == ["CG3", "CG4", "CG2"]
    assert found(cast.chenjing, amount=Decimal(10), shop=shop.pk, requester="sunyue") == ["CG4"]


@pytest.mark.django_db
@pytest.mark.parametrize("filters", [{"amount": Decimal(1)}, {"supplier": "海通"}])
def test_pages_of_suppliers_and_amounts_skip_nothing(filters, shop, cast, monkeypatch):
    monkeypatch.setattr(search, "PAGE_SIZE", 3)
    for start in (0, 10):
        cancellation = submitted(shop, cast.lina, [f"CG{start + number}" for number in range(8)])
        shown(cancellation, 海通={position: f"{(position * 7 % 5) + 1}.25" for position in range(1, 9)})
    forwards = walk(cast.chenjing, **filters)
    assert len(forwards) == len(set(forwards)) == 16
    assert walk(cast.chenjing, backwards=True, **filters) == forwards


@pytest.mark.django_db
def test_a_reason_is_found_by_kind_and_by_part(shop, cast):
    usual = submitted(shop, cast.lina, ["CG1"])
    type(usual).objects.filter(pk=usual.pk).update(reason_kind="discontinued", reason="秋款 100% 停产")
    submitted(shop, cast.lina, ["CG2"], reason="单价错了")
    assert found(cast.chenjing, reason_kind="discontinued") == ["CG1"]
    assert found(cast.chenjing, reason="单价") == ["CG2"]
    assert found(cast.chenjing, reason="100%") == ["CG1"]
    assert found(cast.chenjing, reason="1%0") == []


@pytest.mark.django_db
def test_the_sums_are_of_what_was_found_and_done(shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, ["CG1", "CG2", "CG3"])
    shown(cancellation, 海通={1: "10.5", 2: 20})
    cancellation.lines.filter(position=1).update(outcome="DONE", known_by="reported", sent_in=call_of(cancellation))
    total = search.select(Filters(shop=shop.pk), Reader(cast.chenjing)).total()
    assert (total.orders, total.is_all, total.amount, total.amount_done) == (3, True, Decimal("30.5"), Decimal("10.5"))
