"""The web processes under many people and under strangers: how long anybody else's page takes meanwhile.

Run it with `python -m bench.load --rows 1000000`: gunicorn with its own settings (`WEB_WORKERS` × `WEB_THREADS`), on
SQLite in a temporary folder or where DATABASE_URL says (an empty database of PostgreSQL). Every figure stands beside
the same page alone, in the same run: times differ from machine to machine.

Meanwhile a worker sends a long request at the pace of an account, and asks the ERP about its orders.

Whoever asks shares the processors with what is measured. So pages are asked for with http.client, which needs a fifth
of the time of `requests` (0.3 ms a page), and as nginx does it by deploy/nginx: on a connection of their own each.
"""

import argparse
import io
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from contextlib import closing, contextmanager, suppress
from functools import partial
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import requests

from bench.results import keep
from bench.start import orders_in_the_erp, start_django, two_people
from tests.ports import free_port

ATTACKS_LAST = 10  # seconds
UNSETTLED = 20  # requests, the newest ones
SENT_MEANWHILE = 10_000  # orders at most
ROW = "{:<34}{:>8}{:>10}{:>10}{:>10}{:>9}{:>8}"
HEAD = ROW.format("", "pages", "median ms", "p95 ms", "max ms", ": alone", "errors")


class Visitor:
    """Somebody with a browser of their own, signed in if a session is given."""

    def __init__(self, base, session=""):
        from django.conf import settings

        self.base, self.http = base, requests.Session()
        self.http.trust_env = False
        self.headers = {"Accept-Encoding": "gzip", "Connection": "close"}
        if session:
            self.http.cookies.set(settings.SESSION_COOKIE_NAME, session)
            self.headers["Cookie"] = f"{settings.SESSION_COOKIE_NAME}={session}"

    def load(self, path):
        """Loads a page and does nothing with it; its status."""
        with closing(HTTPConnection(self.base.removeprefix("http://"), timeout=120)) as connection:
            connection.request("GET", path, headers=self.headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status

    def get(self, path):
        return self.http.get(self.base + path, timeout=120, allow_redirects=False)

    def post(self, path, data, form=None, **files):
        """Posts a form as a browser does, with the token of the page it stands on."""
        page = self.get(form or path).text
        data = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)) | data
        return self.http.post(self.base + path, data=data, files=files or None, timeout=120)


class Times(NamedTuple):
    seconds: list
    errors: int

    def line(self, name, alone=None):
        p95 = quantiles(self.seconds, n=20)[-1] if len(self.seconds) > 1 else self.seconds[0]
        keep(f"load: {name}", p95=p95, slowest=max(self.seconds), errors=self.errors)
        shown = [f"{value * 1000:.0f}" for value in (median(self.seconds), p95, max(self.seconds))]
        ratio = f"{median(self.seconds) / alone:.1f}" if alone else ""
        return ROW.format(name, len(self.seconds), *shown, ratio, self.errors)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=20, help="of each number of people")
    parser.add_argument("--people", type=int, nargs="*", default=[1, 8, 32])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        start_django(
            folder,
            DJANGO_SETTINGS_MODULE="bench.history_settings",
            BIND=f"127.0.0.1:{port}",
            UPLOADS_PER_HOUR="100000",
            READINGS_PER_HOUR="100000",
        )
        sessions, paths = world(given.rows)
        with _worker_that_sends(), gunicorn(port, Path(folder) / "gunicorn.log"):
            base = f"http://127.0.0.1:{port}"
            print(HEAD, flush=True)
            _ordinary_pages(base, sessions, paths, given)
            _attacks(base, sessions, paths)


def world(rows):
    """(sessions of people with every shop, the ordinary pages as (name, path))"""
    from django.contrib.auth.models import Group
    from django.core.management import call_command
    from django.test import Client

    from bench import history_rows
    from cancellations.models import CancellationRequest, Person, Shop

    started = time.monotonic()
    history_rows.make(rows)
    call_command("recount", verbosity=0)  # else the worker has it to do, and the page of figures has nothing to show
    print(f"{rows:,} lines, made in {time.monotonic() - started:.0f} s\n", flush=True)
    sessions = []
    for number in range(40):
        person = Person.objects.create_user(f"visitor-{number}")
        person.groups.set(Group.objects.filter(name__in=["clerk", "manager", "auditor"]))
        person.shops.set(Shop.objects.all())
        browser = Client()
        browser.force_login(person, backend="cancellations.access.sessions.PersonBackend")
        sessions.append(browser.session.session_key)
    _settle_what_is_old()
    request = CancellationRequest.objects.order_by("-pk").first()
    line = request.lines.order_by("position").first()
    return sessions, {
        "my requests": "/requests/?view=mine",
        "awaiting my decision": "/requests/?view=decide",
        "all requests": "/requests/?view=all",
        "a request of 200 orders": request.get_absolute_url(),
        "an order": f"{request.get_absolute_url()}orders/{line.position}/",
        "history": "/history/",
        "history of a number": f"/history/?order_no={line.order_no}",
        "new request": "/requests/new/",
        "figures": "/figures/",
        "account": "/account/",
    }


def _settle_what_is_old():
    """The history's rows have unknown orders in every request of a year; people have settled all but the last ones."""
    from cancellations.models import CancellationRequest, OrderLine

    newest = CancellationRequest.objects.order_by("-pk").values_list("pk", flat=True)[UNSETTLED:][:1]
    old = OrderLine.objects.filter(outcome=OrderLine.Outcome.UNKNOWN, cancellation__lte=newest.get())
    old.update(outcome=OrderLine.Outcome.DONE, known_by=OrderLine.KnownBy.BY_HAND, why="")


@contextmanager
def _worker_that_sends():
    """A worker with enough orders for all of it; at the end it says how many were sent."""
    from cancellations.models import OrderLine
    from tests.people import approved, make_shop
    from tests.processes import erp, running

    with erp("--fast", "--orders", "0") as control:
        people = two_people()
        shop = make_shop("sending", sid="demo_sid", members=people, lookup_limit=0, seconds_between_calls=1)
        order_nos = orders_in_the_erp(control, "L", SENT_MEANWHILE)
        cancellation = approved(shop, *people, order_nos, operation=0, token=uuid.uuid4())
        addresses = f"sandbox={control.address}"
        with running("manage.py", "worker", DJANGO_SETTINGS_MODULE="bench.history_settings", ERP_ADDRESSES=addresses):
            yield
        done = cancellation.lines.filter(outcome=OrderLine.Outcome.DONE).count()
        print(f"\n{done:,} orders were sent meanwhile")


@contextmanager
def gunicorn(port, log, *arguments):
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "bench.history_settings"}
    command = [sys.executable, "-m", "gunicorn", *arguments]
    with log.open("w") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        try:
            for _ in range(300):
                try:
                    requests.get(f"http://127.0.0.1:{port}/sign-in/", timeout=60)
                    break
                except requests.ConnectionError:
                    time.sleep(0.1)
            else:
                raise SystemExit(log.read_text())
            yield process
        finally:
            process.terminate()
            process.wait()


def _visit(visitor, paths, until):
    seconds, errors = [], 0
    for path in cycle(paths):
        if time.monotonic() > until:
            return Times(seconds, errors)
        started = time.monotonic()
        status = visitor.load(path)
        seconds.append(time.monotonic() - started)
        errors += status != 200
    return None


def together(works):
    """Runs each of the functions in a thread of its own; what they return."""
    results = [None] * len(works)

    def run(place, work):
        results[place] = work()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def _ordinary_pages(base, sessions, paths, given):
    """Each page by one person, then all pages by many without a pause between them."""
    alone = {}
    for name, path in paths.items():
        _visit(Visitor(base, sessions[0]), [path], time.monotonic() + 0.5)  # the first ones fill the caches
        times = _visit(Visitor(base, sessions[0]), [path], time.monotonic() + 1.5)
        alone[name] = median(times.seconds)
        print(times.line(name), flush=True)
    everything = list(paths.values())
    for people in given.people:
        print(f"\n{people} at once", flush=True)
        until = time.monotonic() + given.seconds
        visitors = [Visitor(base, session) for session in sessions[:people]]
        walks = [everything[number % len(everything) :] + everything for number in range(people)]
        parts = together([partial(_each, *pair, until) for pair in zip(visitors, walks, strict=True)])
        for name, path in paths.items():
            of_page = [one for part in parts for one in part if one[0] == path]
            if of_page:
                times = Times([seconds for _, seconds, _ in of_page], sum(error for *_, error in of_page))
                print(times.line(f"  {name}", alone[name]), flush=True)


def _each(visitor, paths, until):
    """[(path, seconds, whether it was an error)]"""
    seen = []
    for path in cycle(paths):
        if time.monotonic() > until:
            break
        started = time.monotonic()
        status = visitor.load(path)
        seen.append((path, time.monotonic() - started, status != 200))
    return seen


def _attacks(base, sessions, paths):
    """Somebody else's page, alone and while others do what costs the server most."""
    from bench.intake import xlsx_file

    victim = Visitor(base, sessions[0])
    page = [paths["my requests"]]
    idle = _visit(victim, page, time.monotonic() + 3)
    print(f"\nsomebody else's page\n{idle.line('alone')}", flush=True)
    paste = "\n".join(f"随便写的一行 {number} 说明（见附件）CG{number:010}" for number in range(20_000))
    book = xlsx_file()
    attacks = {
        "16 strangers guess": [partial(_guess, Visitor(base), n) for n in range(16)],
        "16 searches": [partial(Visitor(base, s).get, "/history/?words=没有这样的话") for s in sessions[1:17]],
        "12 pastes": [partial(_bring, Visitor(base, s), orders=paste) for s in sessions[1:13]],
        "8 uploads": [partial(_bring, Visitor(base, s), book=book) for s in sessions[1:9]],
    }
    for name, works in attacks.items():
        until = time.monotonic() + ATTACKS_LAST
        [times, *_] = together([partial(_visit, victim, page, until), *(_until(until, work) for work in works)])
        print(times.line(name, median(idle.seconds)), flush=True)


def _until(end, work):
    def again():
        while time.monotonic() < end:
            with suppress(requests.ConnectionError):  # what is too large is cut off
                work()

    return again


def _guess(stranger, number):
    return stranger.post("/sign-in/", {"username": f"clerk-{number % 8}", "password": f"guess-{time.monotonic()}"})


def _bring(visitor, orders="", book=None):
    from cancellations.models import Shop

    shop = Shop.objects.filter(members__username="visitor-0").first()
    wanted = {"shop": str(shop.pk), "operation": "0", "reason": "x", "reason_kind": "other"}
    files = {"file": ("list.xlsx", io.BytesIO(book)) if book else ("", b"")}  # as a browser sends the form
    answer = visitor.post("/requests/new/", wanted | {"orders": orders, "step": "preview"}, **files)
    read_or_busy = answer.status_code == 200 or any(f"id_{at}_error" in answer.text for at in ("orders", "file"))
    assert read_or_busy, answer.text


if __name__ == "__main__":
    main()
