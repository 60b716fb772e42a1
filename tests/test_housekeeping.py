"""What is done again and again is done by every sweep, or by one of the workers once a day."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from cancellations import housekeeping
from cancellations.housekeeping import By, Every, Work, once_a_day, run_housekeeping
from cancellations.models import Chore

pytestmark = pytest.mark.django_db


def a_task(finished_at):
    return DBTaskResult.objects.create(
        status="SUCCESSFUL",
        started_at=finished_at,
        finished_at=finished_at,
        args_kwargs={"args": [1], "kwargs": {}},
        task_path="cancellations.tasks.run_account",
        backend_name="default",
    )


def test_one_of_all_workers_does_the_work_of_a_day(time_machine):
    done = []
    work = Work("some work", Every.DAY, By.SENDERS, lambda: done.append(timezone.localdate()))
    for _ in range(3):
        once_a_day(work)
    time_machine.move_to(timezone.now() + timedelta(days=1))
    for _ in range(2):
        once_a_day(work)
    assert len(done) == len(set(done)) == 2
    assert Chore.objects.get().done_on == timezone.localdate()


def test_work_that_failed_is_tried_again_on_the_same_day():
    done = []

    def fail():
        raise OperationalError("away")

    with pytest.raises(OperationalError):
        once_a_day(Work("some work", Every.DAY, By.SENDERS, fail))
    once_a_day(Work("some work", Every.DAY, By.SENDERS, lambda: done.append(1)))
    assert done


def test_run_housekeeping_does_the_whole_table(monkeypatch):
    done = []
    table = [Work(every.name, every, By.SENDERS, lambda every=every: done.append(every)) for every in Every]
    monkeypatch.setattr(housekeeping, "PERIODIC", table)
    run_housekeeping()
    run_housekeeping()
    assert done == [Every.SWEEP, Every.DAY, Every.SWEEP]


def test_run_housekeeping_of_exports_only_leaves_the_rest(monkeypatch):
    done = []
    table = [Work(by.name, Every.SWEEP, by, lambda by=by: done.append(by)) for by in By]
    monkeypatch.setattr(housekeeping, "PERIODIC", table)
    run_housekeeping(is_sending=False)
    assert done == [By.ALL]


def test_two_rows_of_the_table_never_share_a_name():
    names = [work.name for work in housekeeping.PERIODIC]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= Chore._meta.get_field("name").max_length


def test_run_housekeeping_removes_old_tasks_and_ended_sessions(client, cast):
    client.force_login(cast.lina)
    Session.objects.update(expire_date="2026-01-01T00:00Z")
    a_task(finished_at=timezone.now() - timedelta(days=15))
    new = a_task(finished_at=timezone.now())
    run_housekeeping()
    left = DBTaskResult.objects.exclude(task_path="cancellations.tasks.check_history")  # begun by the same sweep
    assert list(left) == [new]
    assert not Session.objects.exists()
