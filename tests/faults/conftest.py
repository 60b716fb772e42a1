"""Doomed workers, time that is moved instead of waited for, and a report of what the faults came to."""

import json
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from cancellations.models import CancellationRequest, Credential
from tests import processes
from tests.faults import invariants
from tests.processes import is_alive, kill, wait_for_the_end_of  # noqa: F401 - for the tests here

LONG_AGO = "2026-01-01T00:00Z"
QUICK = {
    "ERP_CONNECT_TIMEOUT": "0.3",
    "ERP_READ_TIMEOUT": "1.4",
    "LEASE_SECONDS": "7",
    "SETTLE_GRACE_SECONDS": "1",
    "SWEEP_SECONDS": "0.5",
    "LOG_LEVEL": "CRITICAL",
}


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.faults)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture
def erp():
    with processes.erp("--orders", "0", "--calls-per-minute", "0", "--latency", "0.06") as control:
        yield control


@pytest.fixture
def shop(shop):
    """Where calls may follow each other faster, several are written ahead together; here one at a time."""
    shop.orders_per_call, shop.seconds_between_calls, shop.lookup_limit = 2, "0.26", 0
    shop.save()
    return shop


@pytest.fixture(scope="session")
def mother(django_db_setup):
    with processes.nursery(**QUICK) as bear:
        yield bear


@pytest.fixture
def nursery(erp, mother):
    """`nursery(die_at=…)` gives the process id of a new worker."""
    born = []

    def bear(**fate):
        born.append(mother("tests.faults.nursery.live", erp=erp.address, **fate))
        return born[-1]

    yield bear
    kill(*born)


def what_the_dead_held_becomes_free():
    """The lease of a worker that is surely dead runs out, and what was waited for is over: time is moved."""
    Credential.objects.update(lease_until=LONG_AGO, next_call_at=None, woken_at=None)


def what_is_waited_for_is_over():
    """The same for workers that live: their leases are left alone."""
    Credential.objects.update(next_call_at=None, woken_at=None)


def settled_without_waiting(cancellation):
    """Whether everything has its outcome; moves the times of what is asked about later than in two seconds."""
    what_is_waited_for_is_over()
    later = Q(settle_count__gte=1) | Q(settle_at__gt=timezone.now() + timedelta(seconds=2))
    cancellation.lines.filter(later, settle_at__isnull=False).update(settle_at=LONG_AGO)
    return CancellationRequest.objects.filter(pk=cancellation.pk, status__in=["FINISHED", "STOPPED"]).exists() and (
        not cancellation.lines.filter(settle_at__isnull=False).exists()
    )


def wait_for_the_outcomes(cancellation, seconds=90):
    def there():
        time.sleep(0.1)
        return settled_without_waiting(cancellation)

    processes.wait_until(there, "everything has its outcome", seconds)
    cancellation.refresh_from_db()


@pytest.fixture
def report(request, erp):
    """`report(cancellation, kills=…)` checks what must hold, and adds a line to the report if there is one."""

    def write(cancellation, **faults):
        invariants.everything_holds(cancellation, erp)
        if path := os.environ.get("FAULT_REPORT"):
            row = {
                "test": request.node.name,
                "database": connection.vendor,
                **faults,
                **invariants.counts(cancellation, erp),
            }
            with Path(path).open("a") as file:
                file.write(json.dumps(row) + "\n")

    return write


def in_the_erp(erp, count, prefix="F", **fields):
    """Makes orders that can be cancelled, and gives their numbers."""
    order_nos = [f"CG{prefix}{number:05}" for number in range(count)]
    erp.add([{"purchase_no": number, "modified": time.time() - 3600, **fields} for number in order_nos])
    return order_nos


def take_the_database_away(seconds):
    """Another writer holds the database; on PostgreSQL it is gone altogether."""
    if connection.vendor == "sqlite":
        import sqlite3

        with sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            other.execute("ROLLBACK")
        other.close()
    else:
        from tests import postgresql

        connection.close()
        with postgresql.away():
            time.sleep(seconds)
