"""Workbooks that are made in the background, by real workers and their second processes, which die in every way."""

import io
import os
import signal
import tempfile
from pathlib import Path

import pytest
from django_tasks_db.models import DBTaskResult
from python_calamine import CalamineWorkbook

from bench import history_rows
from cancellations import tasks
from cancellations.exports import verbs as exports
from cancellations.exports.workbook import FOLDER
from cancellations.models import CancellationRequest, Export, ExportPart, OrderLine, Worker
from tests import processes
from tests.people import approved, numbers

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
LONG_AGO = "2026-01-01T00:00Z"


@pytest.fixture
def many():
    """So many orders take long enough to be disturbed."""
    return 15_000


@pytest.fixture
def auditor(many):
    return history_rows.make(many)


@pytest.fixture
def asked(auditor, many):
    return exports.ask({}, by=auditor, language="en", orders=many, shops={}, enqueue=tasks.enqueue_export)


@pytest.fixture
def worker():
    """`worker()` starts one; whoever is left at the end is killed."""
    born = []

    def start(**settings):
        usual = {"WORKER_QUEUES": "default,exports", "SWEEP_SECONDS": "0.5", "LOG_LEVEL": "CRITICAL"}
        environment = processes.SERVED | usual | settings
        born.append(processes.start("manage.py", "worker", "--interval", "0.1", **environment))
        return born[-1]

    yield start
    for process in born:
        kill_with_child(process)


def kill_with_child(worker):
    worker.send_signal(signal.SIGSTOP)  # it begins no other child meanwhile
    for pid in children_of(worker):
        os.kill(pid, signal.SIGKILL)
    processes.end(worker, signal.SIGKILL)


def children_of(worker):
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [pid for pid in pids if _parent(pid) == worker.pid]


def _parent(pid):
    """The parent of a process, if that is alive."""
    try:
        state, parent, *_ = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state == "Z" else int(parent)


def child_of(worker):
    return processes.wait_until(lambda: children_of(worker), "the worker has begun")[0]


def wait_for_the_end_of(pid, seconds):
    processes.wait_until(lambda: _parent(pid) is None, "the child is gone", seconds)
    assert not list(Path(tempfile.gettempdir()).glob(f"{FOLDER}{pid}-*"))


def wait_until_half_way(export):
    processes.wait_until(Export.objects.filter(pk=export.pk, written__gt=0).exists, "some orders are written")
    assert Export.objects.get(pk=export.pk).state == Export.State.MAKING


def wait_for(export, state):
    processes.wait_until(Export.objects.filter(pk=export.pk, state=state).exists, f"it is {state}", seconds=60)
    export.refresh_from_db()


def orders_in(export):
    """The order numbers in the file, as another program reads them."""
    content = b"".join(bytes(part.content) for part in export.parts.order_by("number"))
    assert len(content) == export.size
    _heading, *rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    return [row[0] for row in rows]


def is_complete(export):
    wait_for(export, Export.State.READY)
    everything = OrderLine.objects.order_by("-cancellation_id", "-position").values_list("order_no", flat=True)
    assert orders_in(export) == list(everything)
    return export.written == len(everything) == export.orders


def tries_of(export):
    return DBTaskResult.objects.get(pk=Export.objects.get(pk=export.pk).task_id).args_kwargs["kwargs"]["tries"]


def test_a_workbook_is_whole_after_two_kills_of_its_process(asked, worker):
    first = worker()
    for _ in range(2):
        wait_until_half_way(asked)
        before = Export.objects.get().task_id
        os.kill(child_of(first), signal.SIGKILL)
        processes.wait_until(Export.objects.exclude(task_id=before).exists, "it is enqueued again")
    asked.parts.create(number=0, content=b"what somebody left who was killed in the middle of storing")
    assert is_complete(asked)
    assert tries_of(asked) == 3


def test_after_three_kills_it_has_failed(asked, worker):
    first = worker()
    for _ in range(tasks.MAX_TRIES):
        wait_until_half_way(asked)
        before = Export.objects.get().task_id
        os.kill(child_of(first), signal.SIGKILL)
        moved_on = Export.objects.exclude(task_id=before, state="making")
        processes.wait_until(moved_on.exists, "the kill is found")
    wait_for(asked, Export.State.FAILED)
    assert asked.why == Export.Why.GAVE_UP


def test_the_child_of_a_killed_worker_hands_its_export_over(asked, worker):
    first = worker()
    child = child_of(first)
    wait_until_half_way(asked)
    first.kill()
    wait_for_the_end_of(child, seconds=15)
    asked.refresh_from_db()
    assert (asked.state, tries_of(asked)) == (Export.State.WAITING, 1)  # nobody's fault
    worker()
    assert is_complete(asked)


def test_the_sweep_finds_an_export_whose_workers_were_killed(asked, worker):
    first = worker()
    wait_until_half_way(asked)
    kill_with_child(first)
    assert Export.objects.get().state == Export.State.MAKING
    Worker.objects.update(beat_at=LONG_AGO)  # time is moved, not waited for
    DBTaskResult.objects.filter(status="RUNNING").update(started_at=LONG_AGO)
    worker()
    assert is_complete(asked)
    assert tries_of(asked) == 2


def test_a_worker_that_is_asked_to_end_leaves_no_child(asked, worker):
    first = worker()
    child = child_of(first)
    wait_until_half_way(asked)
    code, printed = processes.end(first)
    assert code == 0, printed
    wait_for_the_end_of(child, seconds=5)
    asked.refresh_from_db()
    assert (asked.state, tries_of(asked)) == (Export.State.WAITING, 1)


def test_a_cancelled_export_leaves_nothing(asked, auditor, worker):
    first = worker()
    wait_until_half_way(asked)
    exports.delete(asked, by=auditor)
    done = DBTaskResult.objects.filter(pk=asked.task_id, status="SUCCESSFUL")
    processes.wait_until(done.exists, "its task ends")
    assert not ExportPart.objects.exists()
    assert not list(Path(tempfile.gettempdir()).glob(f"{FOLDER}{child_of(first)}-*"))


@pytest.mark.parametrize("many", [2_000])
def test_a_worker_of_the_queue_alone_makes_it_and_sends_nothing(asked, worker):
    only = worker(WORKER_QUEUES="exports")
    assert is_complete(asked)
    assert not children_of(only)


@pytest.mark.parametrize("many", [25_000])
def test_meanwhile_an_account_is_sent_for(asked, worker, cast, shop):
    with processes.erp("--orders", "60", "--calls-per-minute", "0", "--latency", "0.05") as erp:
        worker(ERP_ADDRESSES=f"sandbox={erp.address}", APPROVAL_HOLD_SECONDS="0")
        wait_until_half_way(asked)
        cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(20))
        processes.wait_until(CancellationRequest.objects.filter(
            pk=cancellation.pk, lines__outcome__in=["DONE", "REFUSED"]).exists, "it is sent")  # fmt: skip
        asked.refresh_from_db()
        assert asked.state == Export.State.MAKING
        wait_for(asked, Export.State.READY)
