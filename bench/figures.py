"""How long the page of figures takes on order lines by the million, and counting the days that it is made of.

Run it with `python -m bench.figures --rows 1000000`: on SQLite in a temporary folder, or where DATABASE_URL says (an
empty database of PostgreSQL). The page is that of a manager of every shop, asked for with Django's test client; beside
it stands what one count over all the orders would cost. `measure` does it on the rows that another measurement made.
"""

import argparse
import tempfile
import time
import warnings
from datetime import timedelta
from statistics import median

from bench.results import keep
from bench.start import start_django

LINES_OF_A_REQUEST, TIMES = 20, 20
DAYS = (7, 30, 90, 183, 365)
ROW = "{:<38}{:>10}{:>10}{:>9}{:>8}"


def main():
    warnings.filterwarnings("ignore", message="No directory at")  # of static files, which nobody asks for here
    parser = argparse.ArgumentParser(prog="python -m bench.figures", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--in-a-request", type=int, default=LINES_OF_A_REQUEST)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        start_django(folder, DJANGO_SETTINGS_MODULE="bench.history_settings")
        from bench import history_rows

        started = time.perf_counter()
        history_rows.make(given.rows, given.in_a_request)
        print(f"made in {time.perf_counter() - started:.0f} s\n", flush=True)
        measure()


def measure():
    """Prints its table for the database that Django is set up with and that bench.history_rows has filled."""
    from django.db import connection

    from cancellations.models import CancellationRequest, DailyFigures, MonthlyFigures, OrderLine

    orders, requests = OrderLine.objects.count(), CancellationRequest.objects.count()
    print(f"{connection.vendor}: {orders:,} orders in {requests:,} requests")
    _count_all_days()
    print(f"rows of figures: {DailyFigures.objects.count():,} of days, {MonthlyFigures.objects.count():,} of months\n")
    print(ROW.format("figures, median of 20", "ms", "ms of CPU", "queries", "kB"), flush=True)
    _count_one_day()
    _ask_for_the_page()
    _count_all_orders()


def _count_all_days():
    from cancellations.figures import counting
    from cancellations.models import CancellationRequest

    days = list(counting.days_of(CancellationRequest.objects.all()))
    counting.note(days)
    started, worked = time.perf_counter(), time.process_time()
    counting.count_due()
    seconds, worked = time.perf_counter() - started, time.process_time() - worked
    print(f"counting all {len(days)} days for the first time: {seconds:.1f} s, {worked:.1f} s of CPU")


def _count_one_day():
    """Those before the newest, which may have only begun; with the sums of its month."""
    from cancellations.figures import counting
    from cancellations.models import DailyFigures

    newest = DailyFigures.objects.order_by("-day").values_list("day", flat=True).distinct()

    def count(day):
        counting.note([day])
        counting.count_due()

    _print("counting one day", *_medians([lambda day=day: count(day) for day in newest[1 : TIMES + 1]]))


def _ask_for_the_page():
    from django.contrib.auth.models import Group
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from cancellations.figures import reading
    from cancellations.models import Person
    from cancellations.pages.figures import charts as figure_charts
    from cancellations.pages.figures import links as figure_links

    boss, client, today = Person.objects.get(username="manager-0"), Client(), timezone.localdate()
    boss.groups.set(Group.objects.filter(name="manager"))
    client.force_login(boss, backend="cancellations.access.sessions.PersonBackend")

    def ask(name, address):
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address)
            queries = len(captured)
        assert answer.status_code == 200, address
        wall, cpu = _medians([lambda: client.get(address)] * TIMES)
        _print(name, wall, cpu, queries, len(answer.content) // 1000)
        return wall

    for days in DAYS:
        asked = reading.Asked(today - timedelta(days=days - 1), today)
        milliseconds = ask(f"the page, {days} days", figure_links.figures_url(asked))
        keep(f"figures: {days} days", ms=milliseconds)
    [chart] = [each for each in figure_charts.charts(reading.read(boss.shops.all(), asked)) if each.name == "reasons"]
    [cell] = chart.rows[0][1]
    ask(f"the list behind {cell.value:,} refused orders", cell.url)


def _count_all_orders():
    from django.db.models import Count

    from cancellations.models import OrderLine

    by_outcome = OrderLine.objects.order_by().values("shop", "outcome", "known_by").annotate(Count("pk"))
    _print("one count over all orders, without", *_medians([lambda: list(by_outcome.all())] * 3))
    print(flush=True)


def _medians(functions):
    """Milliseconds on the clock and of this process; what another process of a database works is in the first only."""
    wall, cpu = [], []
    for function in functions:
        started, worked = time.perf_counter(), time.process_time()
        function()
        wall.append(1000 * (time.perf_counter() - started))
        cpu.append(1000 * (time.process_time() - worked))
    return median(wall), median(cpu)


def _print(name, wall, cpu, queries="", size=""):
    print(ROW.format(name, f"{wall:.1f}", f"{cpu:.1f}", queries, size), flush=True)


if __name__ == "__main__":
    main()
