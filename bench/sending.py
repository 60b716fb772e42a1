"""How long sending takes beside the least that anybody could do: sign and post the same calls, and write nothing.

Run it with `python -m bench.sending`. The stand-in ERP is a process of its own that answers at once; both are measured
in turns in one run, on a database as it is in production (DATABASE_URL, else SQLite), and the ratio is what counts.
The operation is the one that is not verified afterwards: this is about sending. With `--pace SECONDS` it measures how
much of an account's pace is used.
"""

import argparse
import itertools
import statistics
import tempfile
import time
import uuid

from bench.start import orders_in_the_erp, start_django, two_people

ORDERS, IN_A_CALL, ROUNDS = 10_000, 20, 5


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.sending", description=__doc__)
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--pace", type=float, default=0, help="seconds between calls; 0: no limit")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        start_django(folder)
        from django.conf import settings

        from tests.processes import erp

        with erp("--fast", "--orders", "0") as control:
            settings.ERP_ADDRESSES["sandbox"] = control.address
            (use_of_the_pace if given.pace else compare)(control, given)


def compare(control, given):
    shop, people = a_shop(pace=0)
    pairs = []
    for number in range(given.rounds):
        theirs, ours = (
            orders_in_the_erp(control, f"{kind}{number}", given.orders, outsourced=True) for kind in ("B", "O")
        )
        pairs.append((bare_loop(control.address, theirs), through_the_application(shop, people, ours)))
        print(f"round {number + 1}: bare {pairs[-1][0]:.2f} s, wdtadmin {pairs[-1][1]:.2f} s", flush=True)
    bare, own = (statistics.median(column) for column in zip(*pairs, strict=True))
    calls = -(-given.orders // IN_A_CALL)
    print(f"\n{given.orders:,} orders in {calls} calls, median of {given.rounds}:", end=" ")
    print(f"bare loop {bare:.2f} s, wdtadmin {own:.2f} s, ratio {own / bare:.2f}")


def use_of_the_pace(control, given):
    shop, people = a_shop(pace=given.pace)
    through_the_application(shop, people, orders_in_the_erp(control, "P", given.orders, outsourced=True))
    times = [call["at"] for call in control.calls("cancelByType")]
    used = given.pace * (len(times) - 1) / (times[-1] - times[0])
    shortest = min(later - earlier for earlier, later in itertools.pairwise(times))
    print(
        f"{len(times)} calls, {given.pace} s apart: {used:.1%} of the pace is used; shortest distance {shortest:.3f} s"
    )


def a_shop(pace):
    from tests.people import make_shop

    people = two_people()
    return make_shop("bench", sid="demo_sid", members=people, lookup_limit=0, seconds_between_calls=pace), people


def bare_loop(address, order_nos):
    """Seconds for signing and posting the calls, with a connection that is kept."""
    import requests

    from cancellations.wdt.client import CANCEL_BY_TYPE, body_of
    from cancellations.wdt.signing import sign, timestamp

    started = time.perf_counter()
    with requests.Session() as session:
        session.trust_env = False
        for first in range(0, len(order_nos), IN_A_CALL):
            numbers = order_nos[first : first + IN_A_CALL]
            body = body_of({"operate_type": 2, "purchase_no_list": numbers, "allow_cancel_checked_order": 0})
            parameters = {
                "sid": "demo_sid",
                "key": "demo_key",
                "salt": "demosalt",
                "method": CANCEL_BY_TYPE,
                "timestamp": timestamp(time.time()),
                "v": "1.0",
            }
            parameters["sign"] = sign(parameters | {"body": body}, "demosecret")
            answer = session.post(
                address,
                params=parameters,
                data=body.encode(),
                headers={"Content-Type": "application/json"},
                timeout=20,
            ).json()
            assert answer["data"]["code"] == 0, answer
    return time.perf_counter() - started


def through_the_application(shop, people, order_nos):
    """Seconds from the first look at the approved request until every order has its outcome and it is finished."""
    from cancellations.sending import slices
    from tests.people import approved

    cancellation = approved(shop, *people, order_nos, operation=2, token=uuid.uuid4())
    started = time.perf_counter()
    while cancellation.status in ("APPROVED", "RUNNING"):
        slices.run_account(shop.credentials.get().pk)
        cancellation.refresh_from_db()
    done = cancellation.lines.filter(outcome="DONE").count()
    assert done == len(order_nos), (cancellation.status, cancellation.pause_reason, cancellation.pause_message)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
