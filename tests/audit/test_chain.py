"""Events get into the chain soon after they were committed, all of them, once, in one order."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cancellations.audit import chain, verification
from cancellations.models import ChainLink, Event, marks
from tests.people import approved


@pytest.mark.django_db
def test_it_takes_what_is_new_once(five, write):
    assert chain.extend() == 0
    write()
    assert chain.extend() == 1
    assert list(ChainLink.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert not verification.verify().fault


@pytest.mark.django_db
def test_it_costs_two_queries_and_no_lock_if_there_is_nothing(five):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        chain.extend()
    assert len(captured) == 2


@pytest.mark.django_db
def test_everything_that_the_verbs_write_gets_into_it(shop, cast):
    approved(shop, cast.lina, cast.wangqiang)
    written = Event.objects.count()
    assert written >= 3
    assert chain.extend() == written
    assert verification.verify().last.number == written


@pytest.mark.django_db
def test_a_lower_id_that_is_committed_later_is_chained_later(five, write, shop, cast, an_hour_ago):
    for ahead in (50, 20):
        event = Event.compose("shop_changed", by=cast.zhaolei, shop=shop, at=an_hour_ago)
        event.pk = five[-1].pk + ahead
        event.save(force_insert=True)
        assert chain.extend() == 1
    assert ChainLink.objects.latest("number").event_id == five[-1].pk + 20
    assert not verification.verify().fault


@pytest.mark.django_db
def test_an_event_committed_very_late_is_found_once_a_day(five, shop, cast, an_hour_ago, monkeypatch):
    monkeypatch.setattr(chain, "BEHIND", 1)
    event = Event.compose("shop_changed", by=cast.zhaolei, shop=shop, at=an_hour_ago)
    event.pk = five[0].pk - 1
    event.save(force_insert=True)
    assert chain.extend() == 0
    assert verification.check().fault == ""
    assert ChainLink.objects.latest("number").event_id == event.pk


@pytest.mark.django_db
def test_a_sweep_chains_a_part_and_the_next_ones_the_rest(write, monkeypatch):
    monkeypatch.setattr(chain, "AT_ONCE", 3)
    monkeypatch.setattr(chain, "ROUNDS", 2)
    for _ in range(10):
        write()
    assert [chain.extend() for _ in range(3)] == [6, 4, 0]
    assert verification.verify().last.number == 10


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_chain(write):
    for _ in range(30):
        write()
    together = Barrier(4)

    def extend(_):
        together.wait(10)
        try:
            return chain.extend()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(extend, range(4))) == 30
    assert verification.verify().last.number == 30


@pytest.mark.django_db
def test_the_workers_see_to_it(write):
    from cancellations.housekeeping import run_housekeeping

    write()
    run_housekeeping()
    assert ChainLink.objects.count() == 1


AWKWARD = {
    "a": {"b": 1.0, "c": 1e20, "d": 1e-7, "e": 0.1, "f": 12345.678, "g": -0.0},
    "whole": 10**30,
    "texts": ["采购单", 'quo"te', "\\", "🚚", "é", "\t", "", "1.0"],
    "nothing": None,
    "yes": [True, False, []],
    "z": {"10": 1, "9": 2},
}


@pytest.mark.django_db
@pytest.mark.parametrize("microsecond", [0, 1, 123000, 999999])
def test_an_event_read_back_has_the_mark_it_was_written_with(write, shop, microsecond):
    at = datetime(2026, 11, 1, 16, 30, 0, microsecond, tzinfo=UTC)
    Event.write("sent", by=None, at=timezone.localtime(at), shop=shop, note="一 'note' \n", **AWKWARD)
    Event.write("sent", by=None, at=at, numbers={2: "two", 10: "ten"})
    assert chain.extend() == 2
    for event in Event.objects.all():
        assert event.made_mac() == event.mac


def test_a_mark_is_of_everything_and_of_nothing_else():
    about = ["0" * 32, datetime(2026, 1, 1, tzinfo=UTC), "sent", 1, "李娜", 2, 3, 4, "note", '{"a": 1, "b": 2}']
    mark = marks.of_event(*about)
    assert marks.fits_event(mark, *about[:-1], json.dumps({"b": 2.0, "a": 1}))
    for place, other in enumerate(["1" * 32, datetime(2026, 1, 2, tzinfo=UTC), "x", 2, "x", None, 1, 1, "x", "{}"]):
        assert not marks.fits_event(mark, *about[:place], other, *about[place + 1 :])


def test_without_a_key_no_event_is_written(settings):
    settings.AUDIT_KEYS = []
    with pytest.raises(Exception, match="AUDIT_KEYS"):
        Event.compose("sent", by=None, at=timezone.now())
