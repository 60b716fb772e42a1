"""The account of a shop against a stand-in ERP over real HTTP, in this process: one slice after the other."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.db import connection

from cancellations.models import OrderLine
from cancellations.sending import pace, slices
from cancellations.wdt.sandbox import Sandbox
from cancellations.wdt.sandbox.api import Settings
from cancellations.workflow import waking


@pytest.fixture
def erp(settings, monkeypatch):
    with Sandbox(orders=60, settings=Settings(0, 1, 0)) as sandbox:
        settings.ERP_ADDRESSES = {"sandbox": sandbox.address}
        settings.ERP_READ_TIMEOUT = 1.0
        settings.SETTLE_GRACE_SECONDS = 0
        # Nobody waits for the ERP in a test: what would wait in its turn gives the account back, and time is moved.
        monkeypatch.setattr(pace, "LONGEST_WAIT_IN_TURN", 0.5)
        yield sandbox


@pytest.fixture
def account(shop, erp, monkeypatch):
    """`work()` runs one slice of the shop's account as a task would, `sweep()` is what every worker does all the time;
    `woken` lists the wake-ups that the two have asked for."""
    credential = shop.credentials.get()
    woken = []

    def noting(function, *arguments):
        with monkeypatch.context() as patched:
            patched.setattr(waking, "enqueue", lambda credential_id, *, at=None: woken.append(credential_id))
            function(*arguments)

    def work():
        noting(slices.run_account, credential.pk)
        credential.refresh_from_db()

    def sweep():
        noting(slices.sweep)

    def be_patient():
        """Time moves on: what the account was waiting for is over."""
        type(credential).objects.filter(pk=credential.pk).update(next_call_at=None)
        OrderLine.objects.filter(settle_at__isnull=False).update(settle_at="2026-01-01T00:00Z")

    return SimpleNamespace(credential=credential, work=work, sweep=sweep, be_patient=be_patient, woken=woken)


@pytest.fixture
def beside():
    """`beside(function)` runs it in a thread with a connection of its own; `.result(20)` gives or raises its end."""

    def with_own_connection(function):
        try:
            return function()
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        yield lambda function: pool.submit(with_own_connection, function)


def outcomes(cancellation):
    """{order number: (outcome, known by)}"""
    rows = cancellation.lines.values_list("order_no", "outcome", "known_by")
    return {order_no: (outcome, known_by) for order_no, outcome, known_by in rows}


def executed(erp):
    """Every order as often as the ERP carried out a cancellation of it."""
    return [number for call in erp.calls("cancelByType") for number in call["executed"]]


def sent(erp):
    """Every order as often as it was in a call."""
    return [number for call in erp.calls("cancelByType") for number in call["numbers"]]
