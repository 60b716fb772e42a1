"""docs/tour.md is true: whoever follows an order number passes what each of its steps names."""

import re
import sys
import threading
import uuid
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.urls import reverse
from django_tasks_db.management.commands.db_worker import Worker

from cancellations import housekeeping
from cancellations.models import CancellationRequest, Credential, OrderLine
from cancellations.sending import pace
from cancellations.wdt.sandbox import Sandbox
from cancellations.wdt.sandbox.api import Settings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROOT = Path(__file__).resolve().parent.parent
ROOMS = f"{ROOT}/cancellations/"
NUMBER = "CG202611010001"
# What the tour tells beside the way: what a file, a long list, a killed worker, doubt or a long export would take, the
# process that runs the tasks, tables and types.
BESIDE = {
    "intake/files.py::read_file",
    "intake/child.py::have_read",
    "workflow/manager.py::extend",
    "management/commands/worker.py::Command",
    "sending/calls.py::take_over",
    "workflow/control.py::decide_by_hand",
    "exports/verbs.py::ask",
    "tasks.py::make_export",
    "models/cancellations.py::CancellationRequest",
    "models/lines.py::OrderLine",
    "models/lookups.py::OrderSnapshot",
    "history/search.py::Filters",
}


def steps():
    """title -> what the step names"""
    parts = re.split(r"(?m)^## \d+\. ", (ROOT / "docs/tour.md").read_text())[1:]
    return {part.partition("\n")[0]: re.findall(r"`([\w/]+\.py::[\w.]+)`", part) for part in parts}


@contextmanager
def seen(passed):
    """Collects every function of the rooms that is called meanwhile in whatever thread, and its class."""

    def note(frame, event, _):
        if event == "call" and frame.f_code.co_filename.startswith(ROOMS):
            owner, _, name = frame.f_code.co_qualname.rpartition(".")
            file = frame.f_code.co_filename.removeprefix(ROOMS)
            passed.update((f"{file}::{owner}.{name}", f"{file}::{owner}") if owner else (f"{file}::{name}",))

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


@pytest.fixture
def erp(settings, monkeypatch):
    with Sandbox(orders=60, settings=Settings(0, 1, 0)) as sandbox:
        settings.ERP_ADDRESSES = {"sandbox": sandbox.address}
        monkeypatch.setattr(pace, "LONGEST_WAIT_IN_TURN", 0.5)
        yield sandbox


def work():
    """Runs what was enqueued, as a worker's process does, with all that is waited for over."""
    Credential.objects.update(next_call_at=None)
    OrderLine.objects.filter(settle_at__isnull=False).update(settle_at="2026-01-01T00:00Z")
    options = {"queue_names": ["*"], "excluded_queue_names": [], "backend_name": "default", "worker_id": "w"}
    Worker(interval=0, batch=True, startup_delay=False, max_tasks=None, **options).run()


def walk(shop, cast, browser_of):
    """One generator step for each step of the tour."""
    clerk, manager, auditor = (browser_of(person) for person in (cast.lina, cast.wangqiang, cast.chenjing))
    form = {"shop": shop.pk, "operation": 0, "orders": f"{NUMBER} 停产", "reason": "停产", "token": uuid.uuid4()}
    assert NUMBER in clerk.post(reverse("cancellation-new"), form | {"step": "preview"}).content.decode()
    yield
    page = clerk.post(reverse("cancellation-new"), form | {"step": "draft"}).url
    request = CancellationRequest.objects.get()
    yield
    work()
    assert request.lines.get().snapshot.provider_name in clerk.get(page).content.decode()
    yield
    clerk.post(reverse("cancellation-submit", args=[request.number]))
    yield
    assert request.number in manager.get(reverse("cancellation-list"), {"view": "decide"}).content.decode()
    request.refresh_from_db()
    manager.post(reverse("cancellation-approve", args=[request.number]), {"seen_hash": request.content_hash})
    yield
    work()
    assert request.lines.get().outcome == "DONE"
    yield
    work()
    assert (request.lines.get().known_by, CancellationRequest.objects.get().status) == ("verified", "FINISHED")
    yield
    housekeeping.run_housekeeping()
    work()
    yield
    assert NUMBER in auditor.get(reverse("history"), {"order_no": NUMBER}).content.decode()
    assert NUMBER in auditor.get(reverse("order-story", args=[shop.pk, NUMBER])).content.decode()
    yield
    assert b"".join(auditor.post(reverse("history-xlsx"))).startswith(b"PK")
    yield


def test_each_step_passes_what_the_tour_names(erp, shop, cast, browser_of):
    way, before, missed = walk(shop, cast, browser_of), set(), {}
    for title, named in steps().items():
        passed = set()
        with seen(passed):
            next(way)
        # What is sent is verified in the same breath: a step may have been taken with the one before.
        missed[title] = set(named) - BESIDE - passed - before
        before = passed
    assert not {title: names for title, names in missed.items() if names}
