"""How much the database grows for each order, by table with its indexes; what is removed again is counted apart.

Run it with `python -m bench.growth`. Requests go the whole way: submitted, looked up, approved, sent and verified,
against a stand-in ERP, on DATABASE_URL, else on SQLite. Two rounds of the same size: the first fills what an empty
database lacks, the second is the growth, extrapolated to a million orders.
"""

import argparse
import tempfile
import uuid

from bench.start import orders_in_the_erp, start_django, two_people

ORDERS, IN_A_REQUEST = 400, 200
REMOVED = ("django_tasks_db_dbtaskresult", "cancellations_notice", "cancellations_usage")  # by housekeeping


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("--orders", type=int, default=ORDERS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        start_django(folder, SETTLE_GRACE_SECONDS="0")
        from django.conf import settings

        from tests.people import make_shop
        from tests.processes import erp

        with erp("--fast", "--orders", "0") as control:
            settings.ERP_ADDRESSES["sandbox"] = control.address
            people = two_people()
            shop = make_shop("growth", sid="demo_sid", members=people, seconds_between_calls=0)
            fill(control, shop, people, "A", given.orders)
            before = sizes()
            fill(control, shop, people, "B", given.orders)
            report(before, sizes(), given.orders)


def fill(control, shop, people, name, orders):
    """So many orders go the whole way."""
    from cancellations.audit import chain
    from cancellations.models import CancellationRequest, OrderLine
    from cancellations.sending import slices
    from cancellations.workflow import manager
    from tests.people import submitted

    credential, order_nos = shop.credentials.get(), orders_in_the_erp(control, name, orders)
    for first in range(0, orders, IN_A_REQUEST):
        numbers = order_nos[first : first + IN_A_REQUEST]
        cancellation = submitted(shop, people[0], numbers, token=uuid.uuid4())
        slices.run_account(credential.pk)
        manager.approve(cancellation, by=people[1], seen_hash=cancellation.content_hash)
        while slices.has_work(credential):
            slices.run_account(credential.pk)
            OrderLine.objects.filter(settle_at__isnull=False).update(settle_at="2026-01-01T00:00Z")
    chain.extend_fully()
    statuses = set(CancellationRequest.objects.values_list("status", flat=True))
    assert statuses == {"FINISHED"}, statuses


def sizes():
    """{table: bytes with its indexes}, after what is not used was given back."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")
            cursor.execute("SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_master USING (name) GROUP BY tbl_name")
        else:
            cursor.execute("VACUUM FULL")
            cursor.execute("SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables")
        return {name: int(size) for name, size in cursor.fetchall()}


def report(before, after, orders):
    grown = {name: (size - before.get(name, 0)) / orders for name, size in after.items()}
    grown = {name: size for name, size in grown.items() if round(size)}
    for name, size in sorted(grown.items(), key=lambda row: -row[1]):
        print(f"{name:40} {size:8,.0f} bytes an order{', removed again' if name in REMOVED else ''}")
    kept = sum(size for name, size in grown.items() if name not in REMOVED)
    print(f"{'kept':40} {kept:8,.0f} bytes an order, {kept / 1000:.1f} GB a million")


if __name__ == "__main__":
    main()
