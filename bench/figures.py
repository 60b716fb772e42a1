"""How long the page of figures takes, and counting a day, with a million orders on SQLite.

Run it with `python -m bench.figures`. The page is asked for by the test client, median of 20, signed in as a manager of
every shop; beside it stands what one count over all the orders would cost, without the figures of the days.
"""

import argparse
import statistics
import tempfile
import time
import uuid

from bench.start import start_django

ORDERS, IN_A_REQUEST, DAYS, SHOPS, PEOPLE, ROUNDS = 1_000_000, 200, 365, 5, 20, 20
# Requests and orders made by the database itself; %(name)s are numbers.
REQUESTS = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %(requests)s)
INSERT INTO cancellations_cancellationrequest (number, shop_id, operation, allow_checked, reason, line_count,
    content_hash, status, requester_id, form_token, created_at, submitted_at, decided_by_id, decided_at, decided_hash,
    decision_note, pause_reason, pause_message, ended_at)
SELECT printf('CR20000101-%%08d', i), %(shop)s + i * 17 / 11 %% %(shops)s, i %% 7 / 5, 0, 'bench', %(lines)s, 'h',
    'FINISHED', %(person)s + i * 31 / 7 %% %(people)s, printf('%%032x', i), at, at, %(decider)s,
    datetime(at, '+' || (i * 37 %% 9000) || ' seconds'), 'h', '', '', '',
    datetime(at, '+' || (9000 + i * 53 %% 3000) || ' seconds')
FROM (SELECT i, datetime('now', '-' || (i %% %(days)s) || ' days', '-' || (i * 7919 %% 30000) || ' seconds') AS at
      FROM n)
"""
LINES = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %(lines)s)
INSERT INTO cancellations_orderline (cancellation_id, shop_id, operation, position, source_line, order_no, typed,
    outcome, known_by, why, message, outcome_at, sent_in_id, settle_count)
SELECT r.id, r.shop_id, r.operation, i, i, printf('CG%%08d-%%04d', r.id, i), '',
    CASE k WHEN 0 THEN 'REFUSED' WHEN 1 THEN 'REFUSED' WHEN 2 THEN 'UNKNOWN' ELSE 'DONE' END,
    CASE k WHEN 0 THEN 'reported' WHEN 1 THEN 'verified' WHEN 2 THEN ''
           ELSE substr('reportedverified', k %% 2 * 8 + 1, 8) END,
    CASE k WHEN 1 THEN 'not_carried_out' WHEN 2 THEN 'no_answer' ELSE '' END,
    CASE k WHEN 0 THEN '采购单 ' || i || ' 状态不正确，不能取消' ELSE '' END, r.ended_at, %(call)s, 0
FROM (SELECT r.id, r.shop_id, r.operation, r.ended_at, n.i, (r.id * 31 + n.i) %% 25 AS k
      FROM cancellations_cancellationrequest AS r, n) AS r
"""


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.figures", description=__doc__)
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--in-a-request", type=int, default=IN_A_REQUEST)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        start_django(folder, DATABASE_URL=f"sqlite:///{folder}/bench.sqlite3", ALLOWED_HOSTS="testserver")
        collect_static(folder)
        started = time.perf_counter()
        boss = fill(given.orders, given.in_a_request)
        print(
            f"{given.orders:,} orders in {given.orders // given.in_a_request:,} requests of {DAYS} days, {SHOPS} shops"
        )
        print(f"made in {time.perf_counter() - started:.0f} s\n")
        count_days()
        ask_for_the_page(boss)


def collect_static(folder):
    """The page names its files by their hashes."""
    from django.conf import settings
    from django.core.management import call_command

    settings.STATIC_ROOT = f"{folder}/static"
    call_command("collectstatic", interactive=False, verbosity=0)


def fill(orders, in_a_request):
    """Returns a manager of all the shops."""
    from django.contrib.auth.models import Group, User
    from django.db import connection
    from django.utils import timezone

    from cancellations.models import ApiCall, Credential
    from cancellations.models.secrets import Secret
    from tests.people import make_shop

    boss = User.objects.create_user(f"boss-{uuid.uuid4().hex[:8]}")
    boss.groups.add(Group.objects.get(name="manager"))
    people = [User.objects.create_user(f"clerk-{number}", first_name=f"采购{number}") for number in range(PEOPLE)]
    shops = [make_shop(f"bench {n}", sid=f"sid{n}", members=[boss], with_credential=False) for n in range(SHOPS)]
    account = Credential.objects.create(shop=shops[0], app_key="key", app_secret=Secret("a:b"), fingerprint="x")
    call = ApiCall.objects.create(
        credential=account,
        purpose="send",
        method="bench",
        body="",
        state="answered",
        started_at=timezone.now(),
        finished_at=timezone.now(),
    )
    numbers = {
        "requests": orders // in_a_request,
        "lines": in_a_request,
        "days": DAYS,
        "call": call.pk,
        "decider": boss.pk,
        "shop": shops[0].pk,
        "shops": SHOPS,
        "person": people[0].pk,
        "people": PEOPLE,
    }
    with connection.cursor() as cursor:
        for statement in (REQUESTS, LINES):
            cursor.execute(statement % numbers)
    return boss


def count_days():
    from cancellations.history import counting
    from cancellations.models import CancellationRequest, DailyFigures, DailyRefusals

    days = sorted(counting.days_of(CancellationRequest.objects.all()))
    counting.note(days)
    seconds, _ = timed(counting.count_due)
    rows = DailyFigures.objects.count(), DailyRefusals.objects.count()
    print(f"counting all {len(days)} days       {seconds:8.2f} s   {rows[0]:,} and {rows[1]:,} rows of figures")
    times = []
    for day in days[-ROUNDS - 1 : -1]:
        counting.note([day])
        times.append(timed(counting.count_due)[0])
    print(f"counting one day            {1000 * statistics.median(times):8.1f} ms")


def ask_for_the_page(boss):
    from django.db import connection
    from django.db.models import Count
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from cancellations.models import OrderLine
    from cancellations.views import sessions

    client = Client()
    client.force_login(boss)
    session = client.session
    session[sessions.SIGNED_IN] = session[sessions.LAST_PAGE] = time.time()
    session.save()
    for days in (7, 30, 90, 365):
        used = time.process_time()
        times = [timed(lambda days=days: client.get("/figures/", {"days": days})) for _ in range(ROUNDS)]
        used = 1000 * (time.process_time() - used) / ROUNDS
        assert all(answer.status_code == 200 for _, answer in times)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/figures/", {"days": days})
        milliseconds, size = 1000 * statistics.median(seconds for seconds, _ in times), len(times[0][1].content)
        about = f"{used:.0f} ms of CPU, {len(queries)} queries, {size // 1000} kB"
        print(f"the page, {days:3} days          {milliseconds:8.1f} ms   {about}")
    by_outcome = OrderLine.objects.order_by().values("shop", "outcome", "known_by").annotate(Count("pk"))
    seconds, rows = timed(lambda: list(by_outcome))
    print(f"counting all orders instead {1000 * seconds:8.1f} ms   {sum(row['pk__count'] for row in rows):,} orders")


def timed(function):
    start = time.perf_counter()
    result = function()
    return time.perf_counter() - start, result


if __name__ == "__main__":
    main()
