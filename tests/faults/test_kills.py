"""kill -9 at every step of a call, and at any moment; an orderly end; several workers for one account."""

import itertools
import os
import random
import signal
import time

import pytest

from cancellations.models import ApiCall, CancellationRequest, Credential
from tests import processes
from tests.faults import invariants
from tests.faults.conftest import (
    in_the_erp,
    is_alive,
    kill,
    settled_without_waiting,
    wait_for_the_end_of,
    wait_for_the_outcomes,
    what_the_dead_held_becomes_free,
)
from tests.faults.nursery import POINTS
from tests.people import approved

KILLS = int(os.environ.get("FAULT_KILLS", "8"))


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("pace", ["0.26", "0"], ids=["one call at a time", "several calls ahead"])
def test_kill_at_each_step_loses_and_repeats_nothing(point, pace, nursery, erp, report, shop, cast):
    shop.seconds_between_calls = pace
    shop.save()
    cancellation = approved(shop, cast.lina, cast.wangqiang, in_the_erp(erp, 10))
    wait_for_the_end_of(nursery(die_at=point, nth=1 if pace == "0" and "call" not in point else 2))
    what_the_dead_held_becomes_free()
    nursery()
    wait_for_the_outcomes(cancellation)
    assert cancellation.status == "FINISHED"
    report(cancellation, kills=1)


def test_kill_at_any_moment_loses_and_repeats_nothing(nursery, erp, report, shop, cast):
    chance = random.Random(20261124)
    cancellation = approved(shop, cast.lina, cast.wangqiang, in_the_erp(erp, max(60, 5 * KILLS)))
    kills = 0
    while kills < KILLS and not settled_without_waiting(cancellation):
        worker = nursery()
        time.sleep(0.25 + chance.random() * 0.7)
        assert is_alive(worker)
        kill(worker)
        kills += 1
        what_the_dead_held_becomes_free()
    assert kills == KILLS
    nursery()
    wait_for_the_outcomes(cancellation, seconds=300)
    report(cancellation, kills=kills)


def test_terminate_lets_the_call_in_flight_finish(nursery, erp, report, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, in_the_erp(erp, 40))
    for _ in range(4):
        worker, before = nursery(), len(erp.calls("cancelByType"))
        processes.wait_until(lambda: len(erp.calls("cancelByType")) > before, "it sends")  # noqa: B023
        started = time.monotonic()
        kill(worker, number=signal.SIGTERM)
        assert time.monotonic() - started < 30
        assert not ApiCall.objects.filter(state=ApiCall.State.IN_FLIGHT).exists()
        assert not cancellation.lines.filter(outcome__in=["SENDING", "UNKNOWN"]).exists()
        assert Credential.objects.get().lease_until is None
    nursery()
    wait_for_the_outcomes(cancellation)
    invariants.one_call_at_a_time(erp)
    report(cancellation, terminations=4)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("pace", ["0.26", "0"], ids=["one call at a time", "several calls ahead"])
def test_terminate_at_each_step_leaves_nothing_half_done(point, pace, nursery, erp, report, shop, cast):
    shop.seconds_between_calls = pace
    shop.save()
    cancellation = approved(shop, cast.lina, cast.wangqiang, in_the_erp(erp, 10))
    wait_for_the_end_of(nursery(die_at=point, by=signal.SIGTERM))
    assert not ApiCall.objects.filter(state=ApiCall.State.IN_FLIGHT).exists()
    assert not cancellation.lines.filter(outcome__in=["SENDING", "UNKNOWN"]).exists()
    assert Credential.objects.get().lease_until is None
    nursery()
    wait_for_the_outcomes(cancellation)
    invariants.one_call_at_a_time(erp)
    report(cancellation, terminations=1)


def test_a_dead_workers_account_is_taken_over_within_a_minute(nursery, erp, report, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, in_the_erp(erp, 6))
    wait_for_the_end_of(nursery(die_at="during the call", nth=2))
    killed_at = time.monotonic()
    nursery()
    wait_for_the_outcomes(cancellation)  # moves no lease: it runs out by itself
    assert time.monotonic() - killed_at < 60
    assert cancellation.events.filter(kind="interrupted").count() == 1
    report(cancellation, kills=1)


def test_of_several_workers_one_at_a_time_uses_an_account(nursery, erp, report, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, in_the_erp(erp, 40))
    for _ in range(4):
        nursery()
    # Not by moving time: that would take the pace away.
    processes.wait_until(lambda: CancellationRequest.objects.filter(status="FINISHED").exists(), "it is finished")
    invariants.one_call_at_a_time(erp)
    sent = sorted(call["at"] for call in erp.calls())
    assert min(later - earlier for earlier, later in itertools.pairwise(sent)) > 0.2
    report(cancellation)
