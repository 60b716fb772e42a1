"""How long pages take is told by whichever process is asked, and costs no page anything."""

import threading
from datetime import timedelta

import pytest
import requests
from django.db import connection
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from cancellations.models import PageTimes
from cancellations.pages.probes import PROBES
from cancellations.watching import page_times
from cancellations.workflow import maintenance
from tests import processes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_is_due(settings, monkeypatch):
    """As in a process that has just written what it had seen."""
    settings.PAGE_TIMES_EVERY = 3600
    monkeypatch.setattr(page_times, "_seen", {})
    monkeypatch.setattr(page_times, "_next_at", float("inf"))


def written():
    """{page: answers} in the table, after what is remembered was added."""
    page_times.write()
    answers: dict[str, int] = {}
    for page, count in PageTimes.objects.values_list("page", "answers"):
        answers[page] = answers.get(page, 0) + count
    return answers


def test_they_are_a_histogram_of_each_page(client):
    for page, seconds in (("history", 0.04), ("history", 0.05), ("history", 0.2), ("figures", 99)):
        page_times.add(page, seconds)
    page_times.write()
    families = text_string_to_metric_families(client.get("/metrics").content.decode())
    [family] = [family for family in families if family.name == "wdtadmin_page_seconds"]
    assert family.type == "histogram"
    told = {(s.labels["page"], s.name.rpartition("_")[2], s.labels.get("le")): s.value for s in family.samples}
    buckets = {limit: told["history", "bucket", limit] for limit in PageTimes.LIMITS}
    assert list(buckets.values()) == [2, 2, 2, 3, 3, 3, 3, 3, 3]
    assert (told["history", "count", None], told["history", "sum", None]) == (3, 0.29)
    assert (told["figures", "bucket", "10"], told["figures", "bucket", "+Inf"]) == (0, 1)


def test_what_several_processes_have_seen_is_added_up():
    for _ in range(3):
        page_times.add("history", 0.04)
        page_times.add("figures", 0.04)
        page_times.write()
    kept = PageTimes.objects.get(page="history")
    assert (kept.at_most, kept.answers, round(kept.seconds, 2)) == ("0.05", 3, 0.12)
    assert PageTimes.objects.count() == 2


def test_pages_are_timed_and_neither_files_nor_probes(client):
    client.get(reverse("login"))
    for path in ("/made-up/", "/by/a/stranger/", *PROBES, "/static/app.css"):
        client.get(path)
    assert written() == {"login": 1, "unknown": 2}


def test_every_page_has_a_name_that_fits():
    def names(patterns):
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                yield pattern.name
            else:
                yield from names(pattern.url_patterns)

    named = list(names(get_resolver().url_patterns))
    assert len(named) > 50
    assert all(named)
    assert max(map(len, named)) <= PageTimes._meta.get_field("page").max_length


def test_nothing_is_written_in_maintenance():
    maintenance.begin(until=timezone.now() + timedelta(hours=1))
    page_times.add("history", 0.04)
    assert written() == {}
    maintenance.end()
    page_times.add("figures", 0.04)
    assert written() == {"figures": 1}


@pytest.mark.django_db(transaction=True)
def test_what_the_database_refuses_is_lost_and_what_follows_is_not():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE cancellations_pagetimes RENAME TO away")
        page_times.add("history", 0.04)
        page_times.write()
        cursor.execute("ALTER TABLE away RENAME TO cancellations_pagetimes")
    page_times.add("figures", 0.04)
    assert written() == {"figures": 1}


@pytest.mark.django_db(transaction=True)
def test_a_page_does_not_wait_until_it_is_written(client, monkeypatch):
    go_on, write = threading.Event(), page_times.write

    def slowly():
        go_on.wait()
        write()

    monkeypatch.setattr(page_times, "write", slowly)
    monkeypatch.setattr(page_times, "_next_at", 0.0)
    before = set(threading.enumerate())
    for _ in range(3):
        assert client.get(reverse("login")).status_code == 200
    [thread] = set(threading.enumerate()) - before  # one writes, however many pages are answered meanwhile
    assert not PageTimes.objects.exists()
    go_on.set()
    thread.join()
    assert sum(PageTimes.objects.values_list("answers", flat=True)) == 3


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_web_process_leaves_what_it_has_seen():
    with processes.web(WEB_WORKERS="1") as address:
        for _ in range(5):  # the first is written at once, and the others when the process ends
            assert requests.get(address, allow_redirects=False, timeout=60).status_code == 302
    assert sum(written().values()) == 5
