"""During maintenance workers end what they do after the call in flight, and begin nothing."""

import pytest
from django_tasks_db.models import DBTaskResult

from cancellations import sending, tasks
from cancellations.management.commands.worker import Worker
from cancellations.models import CancellationRequest, Maintenance, Notice
from cancellations.notices import delivery, webhooks
from cancellations.sending import heartbeat
from cancellations.workflow import maintenance
from tests import processes
from tests.people import approved, numbers, submitted
from tests.sending.conftest import sent
from tests.workflow.test_maintenance import IN_AN_HOUR

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker():
    about = {"interval": 0.01, "batch": False, "backend_name": "default", "startup_delay": False, "max_tasks": None}
    return Worker(queue_names=["default"], worker_id="one", excluded_queue_names=[], **about)


def test_a_worker_takes_no_task_until_it_ends(worker, shop):
    tasks.wake(shop.credentials.get().pk)
    waiting = DBTaskResult.objects.ready()
    assert not worker.excluded_queue_names
    maintenance.begin(until=IN_AN_HOUR())
    assert not waiting.exclude(queue_name__in=worker.excluded_queue_names)
    assert sending.stopping.is_set()
    maintenance.end()
    assert not worker.excluded_queue_names
    assert not sending.stopping.is_set()
    assert waiting.exists()


def test_a_worker_that_was_asked_to_end_does_not_begin_again(worker):
    worker.shutdown(15, None)
    assert not worker.rests()
    assert sending.stopping.is_set()


def test_a_slice_ends_after_the_call_in_flight(worker, account, erp, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(20))
    shop.orders_per_call = 5
    shop.save()
    maintenance.begin(until=IN_AN_HOUR())
    worker.rests()
    account.work()
    assert not sent(erp)
    maintenance.end()
    worker.rests()
    account.work()
    assert sorted(sent(erp)) == numbers(20)
    cancellation.refresh_from_db()
    assert cancellation.status == CancellationRequest.Status.FINISHED


@pytest.mark.parametrize("deliver_due", [delivery.deliver_due, webhooks.deliver_due])
def test_nobody_is_told_by_a_process_that_stops(deliver_due, shop, cast, settings):
    settings.PUBLIC_URL = "https://wdtadmin.example.com"
    submitted(shop, cast.lina)
    before = list(Notice.objects.order_by("pk").values())
    assert deliver_due(lambda: True) == 0
    assert list(Notice.objects.order_by("pk").values()) == before


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_finishes_its_call_rests_and_goes_on(shop, cast):
    """One order a call, and calls that last: when maintenance begins, one is in flight."""
    shop.orders_per_call = 1
    shop.save()
    with processes.erp("--orders", "60", "--calls-per-minute", "0", "--latency", "0.3") as erp:
        cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(12))
        started = ("manage.py", "worker", "--interval", "0.1")
        environment = {"SWEEP_SECONDS": "0.2", "APPROVAL_HOLD_SECONDS": "0", "SETTLE_GRACE_SECONDS": "0"}
        with processes.running(*started, ERP_ADDRESSES=f"sandbox={erp.address}", **environment):
            processes.wait_until(lambda: erp.calls("cancelByType"), "it sends")
            maintenance.begin(until=IN_AN_HOUR())
            processes.wait_until(
                lambda: (
                    [one.is_stopping for one in heartbeat.alive()] == [True] and not shop.credentials.get().lease_token
                ),
                "it rests",
            )
            half = len(sent(erp))
            assert 1 <= half < 12
            maintenance.end()
            processes.wait_until(
                lambda: CancellationRequest.objects.get().status == CancellationRequest.Status.FINISHED, "it is over"
            )
            assert not Maintenance.objects.exists()
        assert sorted(sent(erp)) == numbers(12)
    assert not cancellation.lines.exclude(outcome__in=["DONE", "REFUSED"])
