"""10,000 notices: the memory of the worker that delivers them, and pages before and after, for who has all of them.

Run it with `python -m bench.notices`: on SQLite in a temporary folder and on a PostgreSQL of its own, with a real
worker and a mail server on loopback. `--count` changes how many. So many lie unread with one person, whose pages are
measured; as many are to be mailed to twenty others, at most 20 in a mail. Milliseconds of a page are what the web
process works, by Django's test client; those of the two queries are what one waits for them.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from statistics import median

from bench.results import keep
from bench.start import start_django
from tests import postgresql
from tests.mail_server import MailServer

REQUESTS, OTHERS, TIMES = 200, 20, 30
INDEXES = ("notices_of_a_person", "unread_notices", "cancellations_notice_pkey")
PAGES = {
    "requests": "/requests/?view=all",
    "new request": "/requests/new/",
    "account": "/account/",
    "bell": "/notices/bell/",
    "one's notices": "/notices/",
}
ROW = "{:<26}{:>12}{:>12}{:>8}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)  # on DATABASE_URL, not on both
    given = parser.parse_args()
    if given.here:
        return _measure(given.count)
    with tempfile.TemporaryDirectory() as folder, postgresql.cluster() as url:
        for database in (f"sqlite:///{folder}/notices.sqlite3", url):
            command = [sys.executable, "-m", "bench.notices", "--here", "--count", str(given.count)]
            subprocess.run(command, check=True, env=os.environ | {"DATABASE_URL": database})
    return None


def _measure(count):
    with MailServer() as mail, tempfile.TemporaryDirectory() as folder:
        threading.Thread(target=mail.serve_forever, args=(0.05,), daemon=True).start()
        start_django(
            folder,
            PUBLIC_URL="https://wdtadmin.example.com",
            EMAIL_URL=f"smtp://127.0.0.1:{mail.port}",
            NOTICE_MERGE_SECONDS="0",
            ALLOWED_HOSTS="testserver",
        )
        from django.conf import settings
        from django.db import connection

        settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
        print(f"\n{connection.vendor}, {count:,} notices")
        reader, others, requests = _world()
        before = _pages(reader)
        _make(count, [reader, *others], requests)
        after = _pages(reader)
        _print(before, after, reader)
        _deliver(count, mail)


def _world():
    """The person whose pages are measured, twenty others, and the requests that the notices are about."""
    from django.contrib.auth.models import Group

    from bench.start import two_people
    from cancellations.models import Person
    from tests.people import make_shop, submitted

    clerk, reader = two_people()
    others = [Person.objects.create_user(f"other-{n}") for n in range(OTHERS)]
    for person in (reader, *others):
        person.groups.set(Group.objects.filter(name__in=["clerk", "manager"]))
        person.email = f"{person.username}@corp.example"
        person.save()
    shop = make_shop("bench", sid="demo_sid", members=[clerk, reader, *others])
    requests = [submitted(shop, clerk, [f"CG{n:06}{m:03}" for m in range(20)]) for n in range(REQUESTS)]
    _drop_all()
    return reader, others, requests


def _drop_all():
    from cancellations.models import Notice

    Notice.objects.all().delete()


def _make(count, people, requests):
    from django.db import connection
    from django.utils import timezone

    from cancellations.models import Notice

    reader, *others = people
    common = {"kind": "waiting", "at": timezone.now(), "due_at": timezone.now(), "shop": requests[0].shop}
    rows = []
    for number in range(count):
        about = common | {"key": f"bench {number}", "cancellation": requests[number % REQUESTS]}
        rows.append(Notice(**about, person=reader, state="page_only"))
        rows.append(Notice(**about, person=others[number % OTHERS]))
    Notice.objects.bulk_create(rows, batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _pages(reader):
    """{page: milliseconds of this process}, the median."""
    from django.test import Client

    client = Client()
    client.force_login(reader, backend="cancellations.access.sessions.PersonBackend")
    return {name: _time(client, address) for name, address in (PAGES | _deep(reader)).items()}


def _deep(reader):
    from cancellations.models import Notice

    own = list(Notice.objects.filter(person=reader).order_by("pk").values_list("pk", flat=True)[:100])
    return {"one's notices, the last": f"/notices/?before={own[-1]}"} if own else {}


def _time(client, address):
    assert client.get(address).status_code == 200, address
    seconds = []
    for _ in range(TIMES):
        started = time.process_time()
        client.get(address)
        seconds.append(time.process_time() - started)
    return median(seconds) * 1000


def _print(before, after, reader):
    print(ROW.format("page", "before, ms", "after, ms", "ratio"))
    for name, ms in after.items():
        was = before.get(name)
        print(ROW.format(name, f"{was:.1f}" if was else "", f"{ms:.1f}", f"{ms / was:.2f}" if was else ""))
        keep(f"notices: {name}", before=was, ms=ms)
    from cancellations.models import Notice

    own = Notice.objects.for_user(reader)
    for name, rows in {"the bell": own.unread().order_by()[:100], "the list": own.order_by("-pk")[:51]}.items():
        used = [index for index in INDEXES if index in rows.explain()]
        seconds = min(_seconds(rows.all) for _ in range(TIMES))
        print(f"{name}: {seconds * 1000:.1f} ms, by {' and '.join(used) or 'reading the table'}", flush=True)


def _seconds(rows):
    started = time.perf_counter()
    len(rows())
    return time.perf_counter() - started


def _deliver(count, mail):
    """A worker of its own delivers all; its memory after the first hundred and as it goes on."""
    from cancellations.models import Notice

    worker = subprocess.Popen([sys.executable, "manage.py", "worker"], stderr=subprocess.DEVNULL)
    try:
        due, steps, started = Notice.objects.filter(state="due"), [], time.monotonic()
        while left := due.count():
            if count - left >= count * len(steps) // 5 and left < count:
                steps.append((count - left, _megabytes(worker.pid)))
            time.sleep(0.1)
        seconds = time.monotonic() - started
        steps.append((count, _megabytes(worker.pid)))
    finally:
        worker.terminate()
        worker.wait()
    print(f"{len(mail.got):,} mails in {seconds:.0f} s; memory of the worker, MB:")
    print("  ".join(f"{megabytes:.0f} (after {delivered:,})" for delivered, megabytes in steps), flush=True)
    keep("notices: memory", first=steps[0][1], last=steps[-1][1], seconds=seconds)


def _megabytes(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


if __name__ == "__main__":
    main()
