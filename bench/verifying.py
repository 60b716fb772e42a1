"""How many queries it takes to verify what was cancelled: the window first, then by number what it does not show.

Run it with `python -m bench.verifying`. Asking one by one would take as many queries as there are orders.
"""

import tempfile

from bench.start import orders_in_the_erp, start_django, two_people

COUNTS = (100, 1_000, 10_000)


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
            print(f"{'orders':>8}{'verified':>10}{'queries':>9}{'orders per query':>18}")
            for count in COUNTS:
                measure(control, shop, people, count)


def measure(control, shop, people, count):
    from cancellations.sending import slices
    from tests.people import approved

    control.reset()
    cancellation = approved(shop, *people, orders_in_the_erp(control, f"V{count}", count, status=20))
    while cancellation.status in ("APPROVED", "RUNNING"):
        slices.run_account(shop.credentials.get().pk)
        cancellation.refresh_from_db()
    verified = cancellation.lines.filter(outcome="DONE", known_by="verified").count()
    queries = len(control.calls("queryWithDetail"))
    print(f"{count:>8,}{verified:>10,}{queries:>9,}{verified / queries:>18.1f}", flush=True)


if __name__ == "__main__":
    main()
