"""A real worker process is killed with -9 in the middle of a request; the ERP's own memory says what was done."""

import random
import signal
import time
from collections import Counter

import pytest

from cancellations.models import ApiCall, CancellationRequest, Credential, OrderLine
from cancellations.tasks import wake_shop
from tests import processes
from tests.people import approved, numbers

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Status = CancellationRequest.Status
QUICK = {
    "ERP_CONNECT_TIMEOUT": "0.3",
    "ERP_READ_TIMEOUT": "1.4",
    "LEASE_SECONDS": "7",
    "SETTLE_GRACE_SECONDS": "1",
    "SWEEP_SECONDS": "0.3",
}


@pytest.fixture
def erp():
    with processes.erp("--orders", "120", "--calls-per-minute", "0", "--latency", "0.08") as control:
        yield control


# Where calls may follow each other faster, several are written ahead together.
ONE_AT_A_TIME = "0.26"  # seconds between calls


def start_worker(erp):
    return processes.start("manage.py", "worker", "--interval", "0.1", ERP_ADDRESSES=f"sandbox={erp.address}", **QUICK)


def is_finished(cancellation):
    return CancellationRequest.objects.filter(pk=cancellation.pk, status=Status.FINISHED).exists()


def let_time_pass():
    """What a killed worker held becomes free, without waiting for it."""
    Credential.objects.update(lease_until="2026-01-01T00:00Z", next_call_at=None)


def test_killing_it_again_and_again_loses_nothing_and_sends_nothing_twice(erp, shop, cast):
    chance = random.Random(20261123)
    shop.orders_per_call, shop.seconds_between_calls = 2, ONE_AT_A_TIME
    shop.save()
    cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(60))
    kills = 0
    while kills < 5 and not is_finished(cancellation):
        before = len(erp.calls("cancelByType"))
        worker = start_worker(erp)
        processes.wait_until(lambda: len(erp.calls("cancelByType")) > before or is_finished(cancellation), "it sends")  # noqa: B023
        time.sleep(chance.random() * 0.3)
        processes.end(worker, signal.SIGKILL)
        kills += 1
        let_time_pass()
    assert kills == 5
    last = start_worker(erp)
    try:
        processes.wait_until(lambda: is_finished(cancellation), "everything has its outcome")
    finally:
        code, printed = processes.end(last)
    assert code == 0, printed
    agree_with_the_erp(cancellation, erp)


def test_a_killed_workers_account_is_taken_over_when_its_lease_has_run_out(erp, shop, cast):
    shop.orders_per_call, shop.seconds_between_calls = 10, ONE_AT_A_TIME
    shop.save()
    cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(40))
    wake_shop(shop)
    erp.misbehave("slow", method="cancelByType", seconds=1.5)
    worker = start_worker(erp)
    processes.wait_until(lambda: erp.calls("cancelByType"), "the call is under way")
    processes.end(worker, signal.SIGKILL)
    assert ApiCall.objects.filter(state=ApiCall.State.IN_FLIGHT).count() == 1
    killed_at = time.monotonic()
    with processes.running("manage.py", "worker", "--interval", "0.1", ERP_ADDRESSES=f"sandbox={erp.address}", **QUICK):
        processes.wait_until(lambda: is_finished(cancellation), "another worker has carried on")
    assert time.monotonic() - killed_at < 60
    assert cancellation.events.filter(kind="interrupted").count() == 1
    agree_with_the_erp(cancellation, erp)


def test_a_worker_that_is_asked_to_end_lets_the_call_in_flight_finish(erp, shop, cast):
    shop.orders_per_call, shop.seconds_between_calls = 10, ONE_AT_A_TIME
    shop.save()
    cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(40))
    erp.misbehave("slow", method="cancelByType", seconds=1.0)
    worker = start_worker(erp)
    processes.wait_until(lambda: erp.calls("cancelByType"), "the call is under way")
    code, printed = processes.end(worker, signal.SIGTERM, seconds=30)
    assert code == 0, printed
    assert not ApiCall.objects.filter(state=ApiCall.State.IN_FLIGHT).exists()
    assert not cancellation.lines.filter(outcome__in=["SENDING", "UNKNOWN"]).exists()
    assert Credential.objects.get().lease_until is None
    assert len(erp.calls("cancelByType")) == 1


def agree_with_the_erp(cancellation, erp):
    """Every order has an outcome that is true, and the ERP never saw one twice."""
    times_sent = Counter(number for call in erp.calls("cancelByType") for number in call["numbers"])
    assert max(times_sent.values()) == 1
    executed = {number for call in erp.calls("cancelByType") for number in call["executed"]}
    cancelled = {number for number, order in erp.orders().items() if order["status"] == 10}
    recorded = dict(cancellation.lines.values_list("order_no", "outcome"))
    done = {number for number, outcome in recorded.items() if outcome == OrderLine.Outcome.DONE}
    refused = {number for number, outcome in recorded.items() if outcome == OrderLine.Outcome.REFUSED}
    assert done | refused == set(recorded)
    assert len(recorded) == cancellation.line_count
    assert executed <= done <= cancelled
