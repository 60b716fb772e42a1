"""Not dead, only frozen: a worker or the ERP goes on when everybody else has drawn the conclusions."""

import os
import signal
import time
from pathlib import Path

import pytest

from cancellations.models import ApiCall, OrderLine
from tests import processes
from tests.faults.conftest import in_the_erp, kill, wait_for_the_outcomes, what_the_dead_held_becomes_free
from tests.people import approved

MAX_SKEW = 120  # seconds; what is older is refused by the ERP (reference section 2)


@pytest.fixture
def erp():
    """The stand-in with its process, so that it can be frozen too."""
    with processes.running("-m", "cancellations.wdt.sandbox", "--orders", "0", "--fast") as process:
        control = processes.SandboxControl(process.stdout.readline().strip().rpartition(" ")[2])
        control.process = process
        yield control


def freeze(nursery, point, **how):
    worker = nursery(die_at=point, by=signal.SIGSTOP, **how)
    processes.wait_until(lambda: _state(worker) == "T", "the worker is frozen")
    return worker


def thaw(worker):
    os.kill(worker, signal.SIGCONT)
    time.sleep(1.5)  # whatever it does now, it does


def _state(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_the_erp_refuses_a_call_signed_too_long_ago(nursery, erp, report, shop, cast):
    """Its orders were found not to be carried out: were it carried out now, that would have become a lie.

    The ERP refuses what was signed more than two minutes ago, so the worker's clock is nearly that much behind.
    """
    cancellation = approved(shop, cast.lina, cast.wangqiang, in_the_erp(erp, 2))
    frozen = freeze(nursery, "after the write-ahead", clock_off=4 - MAX_SKEW)
    what_the_dead_held_becomes_free()
    nursery()
    wait_for_the_outcomes(cancellation)
    assert set(cancellation.lines.values_list("why", flat=True)) == {OrderLine.Why.NOT_CARRIED_OUT}
    processes.wait_until(lambda: _seconds_since(ApiCall.objects.earliest("pk")) > 5, "the signature is too old")
    thaw(frozen)
    assert len(erp.calls("cancelByType")) == 1  # it did call
    report(cancellation, outages=1)


def _seconds_since(call):
    return time.time() - call.started_at.timestamp()


def test_a_worker_frozen_with_its_answer_overwrites_nothing(nursery, erp, report, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, in_the_erp(erp, 8))
    frozen = freeze(nursery, "after the answer", nth=2)
    what_the_dead_held_becomes_free()
    nursery()
    wait_for_the_outcomes(cancellation)
    thaw(frozen)
    assert set(cancellation.lines.values_list("outcome", "known_by")) == {("DONE", "verified")}
    report(cancellation, outages=1)


@pytest.mark.alone  # on SQLite it is frozen with the only write lock
def test_a_worker_frozen_in_a_transaction_holds_others_up(nursery, erp, report, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, in_the_erp(erp, 8))
    frozen = freeze(nursery, "while it is recorded")
    nursery()
    time.sleep(2)
    assert len(erp.calls("cancelByType")) == 1
    thaw(frozen)
    wait_for_the_outcomes(cancellation)
    assert not cancellation.events.filter(kind="interrupted").exists()
    report(cancellation, outages=1)


def test_an_erp_that_acts_late_is_believed_in_the_end(nursery, erp, report, shop, cast):
    """Until the grace is over 'not carried out' is not believed: the ERP may only be slow."""
    cancellation = approved(shop, cast.lina, cast.wangqiang, in_the_erp(erp, 2))
    erp.process.send_signal(signal.SIGSTOP)
    worker = nursery(grace=12)
    unknown = cancellation.lines.filter(outcome="UNKNOWN", why=OrderLine.Why.NO_ANSWER)
    processes.wait_until(unknown.exists, "nobody waits for the answer any more")
    erp.process.send_signal(signal.SIGCONT)
    processes.wait_until(
        lambda: [call for call in erp.calls("cancelByType") if call["executed"]], "the ERP acts after all"
    )
    wait_for_the_outcomes(cancellation)
    assert set(cancellation.lines.values_list("outcome", "known_by")) == {("DONE", "verified")}
    kill(worker)
    report(cancellation, outages=1)
