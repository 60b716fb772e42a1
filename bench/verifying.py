"""How many queries it takes to verify what was cancelled: the window first, then by number what it does not show.

Run it with `python -m bench.verifying`. Asking one by one would take as many queries as there are orders.
"""

import tempfile
import time

from bench.start import orders_in_the_erp, start_django, two_people

# (orders, how many of them the ERP refuses, how many other orders change meanwhile)
RUNS = ((100, 30, 0), (1_000, 300, 0), (10_000, 0, 0), (10_000, 3_000, 0), (10_000, 3_000, 5_000), (1_000, 300, 50_000))


def main():
    with tempfile.TemporaryDirectory() as folder:
        start_django(folder)
        from django.conf import settings

        from tests.people import make_shop
        from tests.processes import erp

        with erp("--fast", "--orders", "0") as control:
            settings.ERP_ADDRESSES["sandbox"] = control.address
            people = two_people()
            shop = make_shop("bench", sid="demo_sid", members=people, lookup_limit=0)
            print(f"{'orders':>8}{'refused':>9}{'others':>8}{'verified':>10}{'queries':>9}{'orders per query':>18}")
            for run in RUNS:
                measure(control, shop, people, *run)


def measure(control, shop, people, count, refused, others):
    from cancellations.sending import slices
    from tests.people import approved

    control.reset()
    orders = orders_in_the_erp(control, "V", count - refused, status=20)
    orders += orders_in_the_erp(control, "R", refused, status=60) if refused else []
    if others:
        changed = time.time()
        control.add([{"purchase_no": f"OTHER{number}", "status": 30, "modified": changed} for number in range(others)])
    cancellation = approved(shop, *people, orders)
    while cancellation.status in ("APPROVED", "RUNNING"):
        slices.run_account(shop.credentials.get().pk)
        cancellation.refresh_from_db()
    verified = cancellation.lines.filter(known_by="verified").count()
    queries = len(control.calls("queryWithDetail"))
    print(f"{count:>8,}{refused:>9,}{others:>8,}{verified:>10,}{queries:>9,}{verified / queries:>18.1f}", flush=True)


if __name__ == "__main__":
    main()
