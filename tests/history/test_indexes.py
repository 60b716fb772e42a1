"""Each search uses the index that was made for it: asked of the database, with some thousand rows in it."""

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from cancellations.history import search
from cancellations.history.search import Filters, Reader
from cancellations.history.selection import Key
from cancellations.models import CancellationRequest, KnownName, OrderLine
from tests.made_calls import call_of
from tests.people import approved

REQUESTS, LINES = 60, 60
BY_POSITION = {"sqlite": "sqlite_autoindex_cancellations_orderline_1", "postgresql": "a_position_is_once_in_a_request"}
PLANS = {
    "a number": ({"order_no": "N000010-0005"}, "lines_by_order_no"),
    "a beginning": ({"order_no": "N0000"}, "lines_by_order_no"),
    "an outcome of a shop": ({"outcome": "REFUSED", "shop": 1}, "lines_by_outcome"),
    "the orders behind a reason": (
        {"outcome": "REFUSED", "known_by": "reported", "words": '"不能取消"'},
        "lines_by_outcome",
    ),
    "words that nobody wrote": ({"words": "没有这样的话"}, "lines_with_a_message"),
    "words in a shop": ({"words": "取消", "shop": 1}, "lines_with_a_message"),
    "what is unknown": ({"outcome": "UNKNOWN"}, "lines_that_are_unknown"),
    "what was decided by hand": ({"known_by": "by_hand"}, "lines_decided_by_hand"),
    "a supplier": ({"supplier": "宁波海通日化"}, "lines_by_supplier"),
    "a supplier of a shop": ({"supplier": "宁波海通日化", "shop": 1}, "lines_by_supplier"),
    "a supplier's large orders": ({"supplier": "宁波海通日化", "amount": Decimal(100)}, "lines_by_supplier"),
    "the largest amounts": ({"amount": Decimal(900)}, "lines_by_amount"),
}


@pytest.fixture
def many(shop, cast):
    """60 requests of 60 orders: nearly all done, one of each refused, some unknown, some decided by hand."""
    first = approved(shop, cast.lina, cast.wangqiang, ["X"])
    call = call_of(first)
    made = CancellationRequest.objects.bulk_create(_request(first, number) for number in range(REQUESTS))
    OrderLine.objects.bulk_create(
        _line(request, call, number, position)
        for number, request in enumerate(made)
        for position in range(1, LINES + 1)
    )
    KnownName.objects.create(shop=shop, kind="supplier", name="宁波海通日化")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return shop


def _request(like, number):
    fields = {field.attname: getattr(like, field.attname) for field in like._meta.concrete_fields}
    kept = {name: value for name, value in fields.items() if name not in ("id", "number", "form_token", "line_count")}
    return CancellationRequest(number=f"N{number:06}", form_token=uuid.uuid4(), line_count=LINES, **kept)


def _line(request, call, number, position):
    outcome, known_by, message = "DONE", "verified", ""
    if position == 7:
        outcome, known_by, message = "REFUSED", "reported", "不能取消"
    elif position == 8 and number % 10 == 0:
        outcome, known_by = "UNKNOWN", ""
    elif position == 9 and number % 20 == 0:
        known_by = "by_hand"
    return OrderLine(
        cancellation=request,
        shop_id=request.shop_id,
        operation=0,
        position=position,
        source_line=position,
        order_no=f"N{number:06}-{position:04}",
        outcome=outcome,
        known_by=known_by,
        message=message,
        outcome_at=timezone.now(),
        sent_in=call,
        supplier="宁波海通日化" if position % 20 == 3 else "杭州明达纺织",
        amount=number * position,
    )


def plan(filters, person, key=None):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # a table of this size may be read as a whole
        text, parameters = search.select(filters, Reader(person)).statement("line.order_no", 101, key=key)
        cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + text, parameters)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


@pytest.mark.django_db
def test_each_search_reads_its_index(many, cast):
    for what, (filters, index) in PLANS.items():
        if "shop" in filters:
            filters = filters | {"shop": many.pk}
        assert index in plan(Filters(**filters), cast.chenjing), what


@pytest.mark.django_db
@pytest.mark.parametrize("sort", ["", "oldest"])
def test_a_page_in_the_middle_reads_only_its_own_lines(sort, many, cast):
    middle = CancellationRequest.objects.order_by("pk")[REQUESTS // 2]
    shown = plan(Filters(sort=sort), cast.chenjing, key=Key(middle.pk, 30))
    assert any(index in shown for index in (BY_POSITION[connection.vendor], "lines_by_outcome"))
    assert "SCAN line\n" not in shown + "\n"
    assert "Seq Scan on cancellations_orderline" not in shown


@pytest.mark.django_db
def test_numbers_are_compared_by_bytes_in_any_locale():
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT collation_name FROM information_schema.columns "
                "WHERE table_name = 'cancellations_orderline' AND column_name = 'order_no'"
            )
            assert cursor.fetchone() == ("C",)
    else:
        assert OrderLine._meta.get_field("order_no").db_parameters(connection)["collation"] is None


@pytest.mark.django_db
@pytest.mark.parametrize("outcome", ["", "REFUSED"])
def test_the_lines_of_many_days_are_not_sorted_to_show_the_first(outcome, many, cast):
    if connection.vendor == "postgresql":
        return  # it knows how many days and lines there are, and plans for a table of this size
    shown = plan(Filters(since=date(2026, 1, 1), until=date(2026, 12, 31), outcome=outcome), cast.chenjing)
    assert "TEMP B-TREE" not in shown
    assert "requests_by_submission" not in shown
