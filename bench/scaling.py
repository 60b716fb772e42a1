"""How accounts run side by side: 1, 2, 4 and 8 of them, each with a request of its own and a worker process for it.

Run it with `python -m bench.scaling`; it uses PostgreSQL if DATABASE_URL says so, else a cluster of its own. Every
account has the same work and the same pace, so the time should stay the same while the work grows.
"""

import itertools
import os
import tempfile
import uuid
from collections import defaultdict
from contextlib import ExitStack, nullcontext

from bench.start import orders_in_the_erp, start_django, two_people

ACCOUNTS = (1, 2, 4, 8)
ORDERS, PACE = 600, "0.26"  # of an account; 30 calls of 20 orders, one at a time


def main():
    from tests import postgresql

    own = nullcontext() if "DATABASE_URL" in os.environ else postgresql.cluster()
    with tempfile.TemporaryDirectory() as folder, own as address:
        if address:
            os.environ["DATABASE_URL"] = address
        start_django(folder, ERP_READ_TIMEOUT="5")
        from tests import processes

        with processes.erp("--fast", "--orders", "0", "--accounts", str(ACCOUNTS[-1]), "--latency", "0.05") as control:
            print(f"{'accounts':>8}{'orders':>9}{'seconds':>9}{'orders/s':>10}{'to one':>8}  calls at once, distance")
            alone = None
            for accounts in ACCOUNTS:
                alone = measure(accounts, control, alone)


def measure(accounts, control, alone):
    """Prints a row; returns the orders in a second of one account alone."""
    from tests import processes

    seen = len(control.calls("cancelByType"))
    requests = [an_approved_request(number, control) for number in range(1, accounts + 1)]
    with ExitStack() as workers:
        for _ in range(accounts):
            workers.enter_context(
                processes.running(
                    "manage.py",
                    "worker",
                    "--interval",
                    "0.1",
                    ERP_ADDRESSES=f"sandbox={control.address}",
                    SWEEP_SECONDS="0.5",
                )
            )
        processes.wait_until(lambda: all(is_sent(request) for request in requests), "everything is sent", 120)
        last = max(call["ended"] for call in control.calls("cancelByType"))
        began = min(call["at"] for call in control.calls("cancelByType")[seen:])
    rate = accounts * ORDERS / (last - began)
    at_once, distance = per_account(control.calls("cancelByType")[seen:])
    alone = alone or rate
    print(
        f"{accounts:>8}{accounts * ORDERS:>9,}{last - began:>9.2f}{rate:>10.1f}{rate / alone:>8.2f}"
        f"  {at_once}, {distance:.3f} s",
        flush=True,
    )
    return alone


def an_approved_request(number, control):
    from cancellations.models import Shop
    from cancellations.wdt.sandbox.__main__ import sid_of
    from tests.people import approved, make_shop

    people = two_people()
    shop = Shop.objects.filter(sid=sid_of(number)).first() or make_shop(
        f"bench {number}", sid=sid_of(number), lookup_limit=0, seconds_between_calls=PACE
    )
    shop.members.add(*people)
    order_nos = orders_in_the_erp(control, uuid.uuid4().hex[:8], ORDERS, outsourced=True)
    return approved(shop, *people, order_nos, operation=2)


def is_sent(cancellation):
    return not cancellation.lines.filter(outcome__in=["WAITING", "SENDING"]).exists()


def per_account(calls):
    """(the most calls of one account that were under way at once, the least time between the starts of two of them)"""
    by_account = defaultdict(list)
    for call in calls:
        by_account[call["sid"]].append(call)
    at_once, distance = 1, float("inf")
    for own in by_account.values():
        for earlier, later in itertools.pairwise(sorted(own, key=lambda call: call["at"])):
            at_once += later["at"] < earlier["ended"]
            distance = min(distance, later["at"] - earlier["at"])
    return at_once, distance


if __name__ == "__main__":
    main()
