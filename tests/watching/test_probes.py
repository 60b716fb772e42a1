"""Machines are answered whatever host they name and without TLS; who may read more than a word is asked for."""

import json
import threading
from datetime import timedelta
from ipaddress import ip_network

import pytest
import requests
from django.test import Client
from django.utils import timezone

from cancellations import schema
from cancellations.models import AuditCheck, Backup, RestoredCopy, Shop, Worker
from cancellations.pages.probes import PROBES
from cancellations.sending import heartbeat
from cancellations.watching import health
from cancellations.workflow import maintenance, restored
from tests import processes
from tests.people import approved
from tests.ports import free_port
from tests.security import urls
from wdtadmin import version

TOKEN = "a-token-of-32-characters-or-more"
FAR = {"REMOTE_ADDR": "203.0.113.9"}


@pytest.fixture
def all_is_well(db):
    heartbeat.beat("worker")
    AuditCheck.objects.create(at=timezone.now(), events=1)
    Backup.objects.create(at=timezone.now(), size=1, seconds=1)


def wrong(client):
    answer = client.get("/health/work")
    said = json.loads(answer.content)
    assert answer.status_code == (503 if said["wrong"] else 200)
    return said["wrong"]


@pytest.mark.parametrize("address", PROBES)
def test_a_probe_names_no_host_of_ours_and_speaks_no_tls(address, all_is_well, client, settings, transactional_db):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["wdtadmin.example.com"]
    answer = client.get(address, headers={"Host": "10.0.0.7:8000"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get("/sign-in/", headers={"Host": "10.0.0.7:8000"}).status_code == 400


@pytest.mark.parametrize("address", PROBES)
def test_a_probe_changes_nothing(address, client):
    assert client.post(address).status_code == 405
    assert Client(enforce_csrf_checks=True).delete(address).status_code == 405


def test_the_table_of_the_crawl_knows_every_probe():
    assert set(PROBES) == set(urls.PROBES)


@pytest.mark.parametrize("address", urls.PROBES)
def test_from_elsewhere_only_words_are_read(address, transactional_db, client, cast, browser_of):
    status = 200 if urls.PROBES[address] else 403
    for visitor in (client, *(browser_of(person) for person in vars(cast).values())):
        answer = visitor.get(address, **FAR)
        assert answer.status_code == status
        assert answer.content in (b"ok\n", b"forbidden\n")


# who asks -> whether they are near
NEAR = {
    "this machine": ({"REMOTE_ADDR": "127.0.0.1"}, 0, True),
    "this machine, IPv6": ({"REMOTE_ADDR": "::1"}, 0, True),
    "this machine, IPv4 in IPv6": ({"REMOTE_ADDR": "::ffff:127.0.0.1"}, 0, True),
    "elsewhere": (FAR, 0, False),
    "a socket": ({"REMOTE_ADDR": ""}, 0, False),
    "a named network": ({"REMOTE_ADDR": "10.1.2.3"}, 0, True),
    "elsewhere, by our proxy": ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}, 1, False),
    "a named network, by our proxy": ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "10.1.2.3"}, 1, True),
    "who pretends": ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1, 203.0.113.9"}, 1, False),
    "by a proxy nobody told us of": ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 0, False),
    "by one that says it otherwise": ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_REAL_IP": "10.1.2.3"}, 1, False),
    "past the outer proxy": ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "10.1.2.3"}, 2, False),
}


@pytest.mark.parametrize("who", NEAR)
def test_near_is_who_comes_from_a_named_network(who, all_is_well, client, settings):
    asks, settings.TRUSTED_PROXIES, is_near = NEAR[who]
    settings.WATCH_NETWORKS = [*settings.WATCH_NETWORKS, ip_network("10.1.0.0/16")]
    assert client.get("/metrics", **asks).status_code == (200 if is_near else 403)


@pytest.mark.parametrize(
    ("given", "status"),
    [(f"Bearer {TOKEN}", 200), (TOKEN, 403), (f"Bearer {TOKEN}x", 403), ("Bearer ", 403), ("Basic x", 403), ("é", 403)],
)
def test_from_elsewhere_it_takes_the_token(given, status, all_is_well, client, settings):
    settings.WATCH_TOKEN = TOKEN
    assert client.get("/metrics", headers={"Authorization": given}, **FAR).status_code == status


def test_without_a_token_in_the_settings_none_opens(client, db):
    assert client.get("/metrics", headers={"Authorization": "Bearer "}, **FAR).status_code == 403
    assert client.get("/metrics", headers={"Authorization": ""}, **FAR).status_code == 403


def test_work_is_well_where_everything_is(all_is_well, client):
    assert wrong(client) == []


def test_a_new_installation_says_what_it_lacks(client, db):
    assert wrong(client) == ["worker", "audit", "backup"]


def test_work_says_how_it_is_and_nothing_of_whom(all_is_well, client, shop, cast, settings):
    settings.APPROVAL_HOLD_SECONDS = 0
    approved(shop, cast.lina, cast.wangqiang)
    said = json.loads(client.get("/health/work").content)
    ages = {name: said.pop(name) for name in list(said) if name.endswith("_seconds")}
    assert set(ages) == {"worker_beat_seconds", "oldest_due_order_seconds", "audit_seconds", "backup_seconds"}
    assert all(0 <= age < 60 for age in ages.values())
    assert said == {
        "wrong": [],
        "version": version.number(),
        "commit": version.commit(),
        "maintenance_until": None,
        "workers": 1,
        "audit": "ok",
    }


def test_a_worker_that_only_makes_exports_does_not_send(all_is_well, client):
    Worker.objects.update(queues=["exports"])
    assert wrong(client) == ["worker"]


def test_orders_that_nobody_sends_are_wrong(all_is_well, client, shop, cast, settings):
    settings.APPROVAL_HOLD_SECONDS = 0
    request = approved(shop, cast.lina, cast.wangqiang)
    assert wrong(client) == []
    long_ago = timezone.now() - health.IDLE - timedelta(seconds=1)
    type(request).objects.filter(pk=request.pk).update(decided_at=long_ago)
    assert wrong(client) == ["orders"]
    shop.credentials.update(next_call_at=timezone.now() - timedelta(seconds=2))  # a call was made just now
    assert wrong(client) == []
    assert json.loads(client.get("/health/work").content)["oldest_due_order_seconds"] > 600
    shop.credentials.update(next_call_at=None)
    Shop.objects.update(paused_at=timezone.now(), paused_by=cast.wangqiang)
    assert wrong(client) == []


def test_a_fault_of_the_audit_trail_is_wrong_and_an_old_check_too(all_is_well, client):
    AuditCheck.objects.update(at=timezone.now() - health.CHECKED - timedelta(seconds=1))
    assert wrong(client) == ["audit"]
    AuditCheck.objects.create(at=timezone.now(), events=0, fault="changed")
    assert wrong(client) == ["audit"]


def test_a_restore_that_nobody_has_confirmed_is_wrong(all_is_well, client, cast):
    RestoredCopy.objects.create(copied_at=timezone.now())
    assert wrong(client) == ["restored"]
    restored.confirm(by=cast.zhaolei)
    assert wrong(client) == []


def test_an_old_backup_is_wrong_unless_something_else_makes_them(all_is_well, client, settings):
    Backup.objects.update(at=timezone.now() - timedelta(hours=27))
    assert wrong(client) == ["backup"]
    settings.WATCH_BACKUP_HOURS = 0
    assert wrong(client) == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_when_the_last_worker_is_killed_work_says_so(all_is_well, client):
    heartbeat.leave("worker")
    worker = processes.start("manage.py", "worker", "--interval", "0.1", SWEEP_SECONDS="0.2")
    processes.wait_until(lambda: wrong(client) == [], "the worker is there")
    processes.kill(worker.pid)
    worker.communicate()
    Worker.objects.update(beat_at=timezone.now() - timedelta(seconds=61))  # time is moved, not waited for
    assert wrong(client) == ["worker"]
    assert client.get("/health/ready").status_code == 200


@pytest.mark.slow
def test_without_its_database_it_lives_and_is_not_ready():
    nobody = f"postgres://u:a-password@127.0.0.1:{free_port()}/x"
    with processes.web(DATABASE_URL=nobody) as site:
        answers = {address: requests.get(f"{site}{address}", timeout=20) for address in PROBES}
    said = {address: (answer.status_code, answer.text) for address, answer in answers.items()}
    away = (503, "database\n")
    assert said == {"/health/live": (200, "ok\n"), "/health/ready": away, "/health/work": away, "/metrics": away}


@pytest.mark.django_db(transaction=True)
def test_without_its_migrations_it_is_not_ready(client, monkeypatch):
    """It does not start without them; but the database may have been away then."""
    monkeypatch.setattr(health, "_is_migrated", threading.Event())
    monkeypatch.setattr(health.schema, "fit", lambda: schema.Fit(missing=["cancellations.0002_next"], newer=[]))
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.content) == (503, b"migrations\n")
    monkeypatch.undo()
    assert client.get("/health/ready").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_during_maintenance_it_is_ready_and_says_so(client):
    maintenance.begin(until=timezone.now() + timedelta(hours=1))
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.content) == (200, b"maintenance\n")


def test_during_maintenance_missing_workers_are_not_wrong_and_too_long_is(all_is_well, client):
    heartbeat.leave("worker")
    assert wrong(client) == ["worker"]
    maintenance.begin(until=timezone.now() + timedelta(hours=1))
    assert wrong(client) == []
    maintenance.begin(until=timezone.now() - timedelta(seconds=1))
    assert wrong(client) == ["maintenance"]


def test_a_database_that_never_answers_holds_one_thread(client, monkeypatch, transactional_db):
    answers = threading.Event()
    monkeypatch.setattr(health, "SECONDS", 0.05)
    monkeypatch.setattr(health.Maintenance.objects, "exists", lambda: not answers.wait(20))
    before = threading.active_count()
    for _ in range(3):
        answer = client.get("/health/ready")
        assert (answer.status_code, answer.content) == (503, b"database\n")
    assert threading.active_count() == before + 1
    answers.set()
    processes.wait_until(lambda: client.get("/health/ready").status_code == 200, "the database answers again")
