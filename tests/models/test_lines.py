from random import Random

import pytest
from django.db import connection
from django.utils import timezone

from cancellations.models import OrderLine
from tests import made_requests
from tests.people import draft_of, numbers

pytestmark = pytest.mark.django_db
Outcome = OrderLine.Outcome


@pytest.fixture
def parameters():
    """How many parameters each query has."""
    seen = []

    def look(execute, sql, params, many, context):
        seen.append(len(params or ()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield seen


def test_an_order_is_found_however_its_number_is_spelled(shop, cast):
    draft_of(shop, cast.lina, ["CG1", "cg2", "采购-3", "CG4"])
    found = OrderLine.objects.numbered(["cg1", "CG2", "采购-3", 'CG"', "CG\\"])
    assert set(found.values_list("order_no", flat=True)) == {"CG1", "cg2", "采购-3"}


def test_ten_thousand_numbers_are_one_parameter(shop, cast, parameters):
    draft_of(shop, cast.lina, ["CG1"])
    del parameters[:]
    assert not OrderLine.objects.numbered(numbers(10_000)).exists()
    assert max(parameters) < 10


def test_without_a_number_nothing_is_asked(shop, cast, parameters):
    assert list(OrderLine.objects.numbered([])) == []
    assert not parameters


def test_orders_in_the_way_are_those_taken_and_those_perhaps_done(shop, cast):
    made_requests.make([shop], [cast.lina], cast.wangqiang, count=60, around=timezone.now(), random=Random(20))
    unknown = OrderLine.objects.filter(outcome=Outcome.UNKNOWN).first()
    OrderLine.objects.filter(pk=unknown.pk).update(settle_at=timezone.now())
    told = dict(OrderLine.objects.in_the_way().values_list("pk", "is_taken"))
    taken = dict.fromkeys(OrderLine.objects.taken().values_list("pk", flat=True), True)
    done = dict.fromkeys(OrderLine.objects.perhaps_done().values_list("pk", flat=True), False)
    assert unknown.pk in taken
    assert done
    assert told == taken | done
