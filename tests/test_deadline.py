"""A page does not wait for the database for ever, and says what it could not do."""

import os
import signal
import sqlite3
import time
from contextlib import closing, contextmanager

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.urls import reverse

from cancellations import deadline
from cancellations.pages.requests import lists
from tests.browsing import english  # noqa: F401 - fixture
from tests.history.test_limits import ENDLESS, run

pytestmark = pytest.mark.django_db
MANY_ROWS = "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 30000) SELECT n FROM s"


def test_an_inner_deadline_leaves_the_outer_one(cast):
    with deadline.each_ending_after(60):
        outer = getattr(connection, "deadline", None)
        with deadline.ending_after(600):
            pass
        assert getattr(connection, "deadline", None) == outer
    assert run("SELECT 1") == [(1,)]


def test_the_reading_of_a_list_leaves_the_whole_time_to_the_database(cast):
    with deadline.each_ending_after(0.5 if connection.vendor == "sqlite" else 60):
        with deadline.not_counting():
            time.sleep(0.6)
        assert run(
            "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 30000) SELECT max(n) FROM s"
        )


def test_a_page_that_needs_too_long_is_ended(shop, cast, browser_of, monkeypatch, settings):
    settings.STATEMENT_SECONDS = 1
    monkeypatch.setattr(lists, "page_by_key", lambda *arguments: run(ENDLESS[connection.vendor]))
    started = time.monotonic()
    browser = browser_of(cast.lina, raise_request_exception=False)
    answer = browser.get(reverse("cancellation-list"), {"view": "all"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "The database is not answering" in answer.content.decode()
    assert answer.wsgi_request.number in answer.content.decode()
    assert time.monotonic() - started < 10


@contextmanager
def frozen():
    """The database accepts what is asked and says nothing: PostgreSQL's process stands still, SQLite's lock is held."""
    if connection.vendor == "postgresql":
        pid = connection.connection.info.backend_pid
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)
        return
    run("PRAGMA busy_timeout = 300")
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@pytest.mark.django_db(transaction=True)
def test_a_page_does_not_wait_for_a_frozen_database(cast, browser_of, monkeypatch, settings):
    browser = browser_of(cast.lina, raise_request_exception=False)
    assert browser.get(reverse("cancellation-list"), {"view": "all"}).status_code == 200
    settings.STATEMENT_SECONDS = 1
    monkeypatch.setattr(deadline, "GRACE", 0.5)
    monkeypatch.setattr(lists, "page_by_key", lambda *arguments: run("UPDATE axes_accesslog SET username = ''"))
    started = time.monotonic()
    with frozen():
        answer = browser.get(reverse("cancellation-list"), {"view": "all"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "The database is not answering" in answer.content.decode()
    assert time.monotonic() - started < 60
    monkeypatch.undo()
    connection.close()
    assert browser.get(reverse("cancellation-list"), {"view": "all"}).status_code == 200


def test_each_use_of_a_connection_has_its_own_limit(cast):
    if connection.vendor == "postgresql":
        for seconds in (3, 20):
            with deadline.each_ending_after(seconds):
                assert run("SHOW statement_timeout") == [(f"{seconds}s",)]
        return
    with deadline.each_ending_after(3):
        sooner = connection.deadline
    with deadline.each_ending_after(20):
        assert connection.deadline > sooner


def write_without_room(*_arguments):
    """On SQLite for real: no page may be added. PostgreSQL's is made up after its table of error codes."""
    if connection.vendor == "postgresql":
        raise OperationalError from type("DiskFull", (Exception,), {"sqlstate": "53100"})
    [(pages,)] = run("PRAGMA page_count")
    run(f"PRAGMA max_page_count = {pages}")
    try:
        run(f"CREATE TABLE too_much AS {MANY_ROWS}")
    finally:
        run("PRAGMA max_page_count = 1073741823")


def test_a_full_disk_is_named(shop, cast, browser_of, monkeypatch):
    browser = browser_of(cast.lina, raise_request_exception=False)
    monkeypatch.setattr(lists, "page_by_key", write_without_room)
    answer = browser.get(reverse("cancellation-list"), {"view": "all"})
    assert answer.status_code == 503
    assert "The disk of the server is full" in answer.content.decode()
    assert "The database is not answering" not in answer.content.decode()


@pytest.mark.parametrize("error", [OperationalError("the connection is lost"), InterfaceError("it is closed")])
def test_a_page_without_a_database_says_so(error, shop, cast, browser_of, monkeypatch):
    def away(*arguments):
        raise error

    browser = browser_of(cast.lina, raise_request_exception=False)
    monkeypatch.setattr(connection, "ensure_connection", away)
    monkeypatch.setattr(connection, "cursor", away)
    answer = browser.get(reverse("cancellation-list"), {"view": "all"})
    assert answer.status_code == 503
    assert "the connection is lost" not in answer.content.decode()
