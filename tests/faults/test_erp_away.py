"""The ERP's process is not there, or dies in a call; and what it answers when it is asked makes no sense."""

import pytest

from cancellations.models import Credential
from tests import processes
from tests.faults.conftest import in_the_erp, wait_for_the_outcomes
from tests.people import approved
from tests.ports import free_port

ANSWERS = [
    "http_500", "http_500_after", "cut_before", "cut_after", "cut_mid", "html", "html_after", "broken_json", "empty",
    "db_error", "db_error_after", "slow_after", "rate", "concurrency",
]  # fmt: skip


class Mortal(processes.SandboxControl):
    """An ERP whose process can die; it has its orders when it comes back, and what it remembered is kept here."""

    def __init__(self, folder):
        self._port, self._state, self._remembered = free_port(), folder / "orders.json", []
        super().__init__(f"http://127.0.0.1:{self._port}/openapi")

    def live(self, latency):
        how = ("--port", str(self._port), "--state", str(self._state), "--orders", "0", "--calls-per-minute", "0")
        self._process = processes.start("-m", "cancellations.wdt.sandbox", *how, "--latency", str(latency))
        assert self._process.stdout.readline()

    def die(self):
        self._remembered += super().calls()
        self._process.kill()
        self._process.communicate()

    def calls(self, method=""):
        return [call for call in self._remembered if call["method"].endswith(method)] + super().calls(method)


@pytest.fixture
def erp(tmp_path):
    mortal = Mortal(tmp_path)
    mortal.live(latency=0.06)
    yield mortal
    mortal.die()


def test_without_the_erp_everything_waits_and_then_goes_on(nursery, erp, report, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, in_the_erp(erp, 8))
    erp.die()  # it stores its orders when it is called, and nobody has called it yet
    nursery()
    unreachable = Credential.objects.filter(waiting_for="unreachable", lease_until__isnull=True)
    processes.wait_until(unreachable.exists, "it finds nobody")
    assert set(cancellation.lines.values_list("outcome", flat=True)) == {"WAITING"}
    erp.live(latency=0)
    in_the_erp(erp, 8)
    wait_for_the_outcomes(cancellation)
    assert set(cancellation.lines.values_list("outcome", flat=True)) == {"DONE"}
    report(cancellation, outages=1)


@pytest.mark.parametrize("how", ["slow", "slow_after"])
def test_an_erp_that_died_in_a_call_is_asked_what_it_did(nursery, erp, report, shop, cast, how):
    cancellation = approved(shop, cast.lina, cast.wangqiang, in_the_erp(erp, 12))
    erp.misbehave(how, method="cancelByType", skip=3, seconds=1.2)
    nursery()
    processes.wait_until(lambda: _fourth_is_under_way(erp, how), "the fourth call is under way")
    erp.die()
    erp.live(latency=0)
    wait_for_the_outcomes(cancellation)
    assert len(erp.calls("cancelByType")) == 6
    report(cancellation, outages=1)


def _fourth_is_under_way(erp, how):
    calls = erp.calls("cancelByType")
    return len(calls) == 4 and (how == "slow" or calls[3]["executed"])


@pytest.mark.parametrize("name", ANSWERS)
def test_a_nonsensical_answer_verifies_nothing_wrongly(name, nursery, erp, report, shop, cast):
    order_nos = [*in_the_erp(erp, 2), *in_the_erp(erp, 2, prefix="R", status=60)]
    erp.misbehave("cut_after", method="cancelByType", times=2)
    erp.misbehave(name, method="queryWithDetail", times=2, seconds=2)
    cancellation = approved(shop, cast.lina, cast.wangqiang, order_nos)
    nursery()
    wait_for_the_outcomes(cancellation)
    assert len([call for call in erp.calls("queryWithDetail") if call["misbehaved"]]) == 2
    report(cancellation, cuts=2)
