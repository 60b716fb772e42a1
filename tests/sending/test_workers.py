"""Workers show themselves, and what the engine leaves undone is done: with real processes."""

import signal
import time
from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from cancellations import tasks
from cancellations.models import Worker
from cancellations.sending import heartbeat
from tests import processes
from tests.people import approved, numbers

LONG_AGO = "2026-01-01T00:00Z"


def a_task(status, *, started_at=LONG_AGO):
    return DBTaskResult.objects.create(
        status=status,
        started_at=started_at,
        args_kwargs={"args": [1], "kwargs": {}},
        task_path="cancellations.tasks.run_account",
        backend_name="default",
    )


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_shows_itself_and_leaves_or_falls_silent():
    first = processes.start("manage.py", "worker", "--interval", "0.1", SWEEP_SECONDS="0.2")
    second = processes.start("manage.py", "worker", "--interval", "0.1", SWEEP_SECONDS="0.2")
    processes.wait_until(lambda: heartbeat.alive().count() == 2, "both are there")
    assert set(Worker.objects.values_list("process", flat=True)) == {first.pid, second.pid}
    code, printed = processes.end(first)
    assert code == 0, printed
    assert Worker.objects.get().process == second.pid
    processes.end(second, signal.SIGKILL)
    Worker.objects.update(beat_at=timezone.now() - timedelta(seconds=31))  # time is moved, not waited for
    assert not heartbeat.alive().exists()
    assert Worker.objects.exists()


@pytest.mark.django_db
def test_who_has_been_silent_for_a_day_is_forgotten():
    heartbeat.beat("old")
    Worker.objects.update(beat_at=timezone.now() - timedelta(hours=25))
    heartbeat.beat("new")
    heartbeat.beat("new")
    assert Worker.objects.get().name == "new"
    heartbeat.leave("new")
    assert not Worker.objects.exists()


@pytest.mark.django_db
def test_only_the_task_of_a_killed_worker_is_marked_lost():
    lost, young = a_task("RUNNING"), a_task("RUNNING", started_at=timezone.now())
    waiting, done = a_task("READY", started_at=None), a_task("SUCCESSFUL")
    assert tasks.mark_lost() == 1
    statuses = {task.pk: task.status for task in DBTaskResult.objects.all()}
    assert statuses == {lost.pk: "FAILED", young.pk: "RUNNING", waiting.pk: "READY", done.pk: "SUCCESSFUL"}
    assert tasks.mark_lost() == 0
    assert tasks.queue()[:2] == (1, 1)


@pytest.mark.django_db
def test_a_lost_task_says_why_and_living_workers_keep_theirs():
    heartbeat.beat("alive")
    kept, lost = a_task("RUNNING"), a_task("RUNNING")
    DBTaskResult.objects.filter(pk=kept.pk).update(worker_ids=["alive"])
    DBTaskResult.objects.filter(pk=lost.pk).update(worker_ids=["killed"])
    assert tasks.mark_lost() == 1
    kept.refresh_from_db()
    lost.refresh_from_db()
    assert kept.status == "RUNNING"
    [error] = lost.task_result.errors
    assert error.exception_class is tasks.WorkerGone


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_terminated_worker_is_shown_until_its_call_ends(shop, cast):
    settings = {"SWEEP_SECONDS": "0.3", "APPROVAL_HOLD_SECONDS": "0"}
    with processes.erp("--orders", "60", "--calls-per-minute", "0", "--latency", "0.05") as erp:
        approved(shop, cast.lina, cast.wangqiang, numbers(20))
        erp.misbehave("slow", method="cancelByType", seconds=3.0)
        worker = processes.start(
            "manage.py", "worker", "--interval", "0.1", ERP_ADDRESSES=f"sandbox={erp.address}", **settings
        )
        processes.wait_until(lambda: erp.calls("cancelByType"), "the call is under way")
        worker.send_signal(signal.SIGTERM)
        time.sleep(1.5)  # the sweeping thread has noticed
        assert worker.poll() is None
        assert heartbeat.alive().exists()
        code, printed = processes.end(worker)
    assert code == 0, printed
    assert not Worker.objects.exists()
