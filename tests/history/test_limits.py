"""A search ends after some seconds, and nobody has many at once."""

import time

import pytest
from django.db import connection
from django.urls import reverse

from cancellations.history import limits
from cancellations.history.limits import SearchTooSlow, TooManySearches, limited

pytestmark = pytest.mark.django_db
ENDLESS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
}


def run(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def test_a_search_without_end_is_ended(cast):
    started = time.monotonic()
    with pytest.raises(SearchTooSlow), limited(cast.lina, seconds=0.2):
        run(ENDLESS[connection.vendor])
    assert time.monotonic() - started < 5
    assert run("SELECT 1") == [(1,)]
    with limited(cast.lina):
        assert run("SELECT 1") == [(1,)]


def test_nobody_has_more_than_two_at_once(cast):
    with limited(cast.lina), limited(cast.lina):
        with pytest.raises(TooManySearches), limited(cast.lina):
            pass
        with limited(cast.sunyue):
            pass
    with limited(cast.lina):
        pass
    assert not limits._under_way


def test_the_page_says_so_and_keeps_the_form(cast, shop, browser_of, monkeypatch):
    monkeypatch.setattr(limits, "AT_ONCE", 0)
    answer = browser_of(cast.lina).get(reverse("history"), {"words": "已入库"})
    assert answer.status_code == 429
    assert "You already have searches running." in answer.content.decode()
    assert "已入库" in answer.content.decode()
