"""What the doctor finds in the database, and in what the workers left there."""

import smtplib
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from cryptography.fernet import Fernet
from django.core.mail.backends import smtp
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from cancellations import tasks
from cancellations.doctor import State, database, erp, work
from cancellations.models import AuditCheck, Backup, Credential, GroupRobot, RestoredCopy
from cancellations.models.secrets import Secret
from cancellations.sending import heartbeat
from cancellations.workflow import maintenance
from tests.mail_server import send_mail_to

pytestmark = pytest.mark.django_db


def states(check):
    return [finding.state for finding in check()]


def test_the_database_of_the_tests_answers_and_is_migrated():
    assert states(database.is_reachable) == [State.FINE]
    assert states(database.is_migrated) == [State.FINE]


def test_a_database_that_does_not_wait_for_the_disk_is_wrong():
    # That of the tests does not: nobody cuts the power here.
    assert set(states(database.keeps_what_it_has)) == {State.WRONG}
    assert all(finding.way_on for finding in database.keeps_what_it_has())


def test_missing_guards_of_the_audit_trail_are_wrong(monkeypatch):
    monkeypatch.setattr(database.guards, "missing", lambda: ["events_are_not_deleted"])
    [finding] = database.is_migrated()
    assert (finding.state, "events_are_not_deleted" in finding.sentence) == (State.WRONG, True)


def test_the_kind_of_a_file_system_is_that_of_the_last_mount(tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/vda / ext4 rw 0 0\nfiler:/srv /srv nfs4 rw 0 0\nnone /srv/with\\040space tmpfs rw 0 0\n")
    kinds = {"/var/x.sqlite3": "ext4", "/srv/x.sqlite3": "nfs4", "/srv/with space/x": "tmpfs", "/srvx/y": "ext4"}
    assert {path: database.file_system_of(path, str(mounts)) for path in kinds} == kinds
    assert database.file_system_of("/", str(tmp_path / "nothing")) == ""


def test_a_secret_of_another_key_is_counted(shop, settings):
    assert states(work.secrets_can_be_read) == [State.FINE]
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    assert Credential.objects.filter(is_active=True).count() == 1
    [finding] = work.secrets_can_be_read()
    assert finding.state is State.WRONG
    assert "CREDENTIAL_KEYS" in finding.way_on


def test_maintenance_is_told_and_wrong_when_it_seems_forgotten():
    assert states(work.maintenance_is_over) == [State.FINE]
    maintenance.begin(until=timezone.now() + timedelta(hours=1))
    assert states(work.maintenance_is_over) == [State.WARNING]
    maintenance.begin(until=timezone.now() - timedelta(seconds=1))
    assert states(work.maintenance_is_over) == [State.WRONG]


def test_without_a_worker_nothing_is_sent():
    assert states(work.workers_are_alive) == [State.WRONG]
    heartbeat.beat("one", [heartbeat.SENDING])
    assert states(work.workers_are_alive) == [State.FINE, State.WARNING]
    heartbeat.beat("two", [tasks.EXPORTS])
    assert states(work.workers_are_alive) == [State.FINE]


def test_an_audit_trail_without_a_young_anchor_is_told(settings):
    settings.AUDIT_ANCHOR_EMAIL = ["audit@mingda.cn"]
    assert states(work.trail_is_anchored) == [State.WARNING]
    AuditCheck.objects.create(at=timezone.now(), events=0, is_anchor=True)
    assert states(work.trail_is_anchored) == [State.FINE]
    AuditCheck.objects.create(at=timezone.now(), events=0, fault=AuditCheck.Fault.UNGUARDED, fault_about="x")
    assert states(work.trail_is_anchored) == [State.WRONG]
    AuditCheck.objects.update(at=timezone.now() - timedelta(days=2), fault="")
    assert states(work.trail_is_anchored) == [State.WARNING]


def test_it_is_not_known_whether_a_log_is_kept_elsewhere():
    AuditCheck.objects.create(at=timezone.now(), events=0, is_anchor=True)
    assert states(work.trail_is_anchored) == [State.FINE, State.UNKNOWN]


def test_a_backup_of_two_days_ago_is_too_old():
    assert states(work.backup_is_young) == [State.WARNING]
    Backup.objects.create(at=timezone.now(), size=1, seconds=1)
    assert states(work.backup_is_young) == [State.FINE]
    Backup.objects.update(at=timezone.now() - timedelta(days=2))
    assert states(work.backup_is_young) == [State.WARNING]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (None, State.FINE),
        (ConnectionRefusedError(), State.WRONG),
        (smtplib.SMTPAuthenticationError(535, b"canary"), State.WRONG),
    ],
)
def test_the_mail_server_is_asked_and_no_mail_sent(answer, state, monkeypatch, settings, mailoutbox):
    def opened(self):
        if answer:
            raise answer

    settings.PUBLIC_URL = "https://wdtadmin.mingda.cn"
    send_mail_to(settings, 9)
    monkeypatch.setattr(smtp.EmailBackend, "open", opened)
    [finding] = work.mail_server_answers()
    assert (finding.state, "canary" in finding.sentence, mailoutbox) == (state, False, [])


def test_a_robot_that_its_chat_refused_is_named(shop):
    robot = GroupRobot.objects.create(shop=shop, kind="wecom", name="采购群", address=Secret("https://canary"))
    assert states(work.robots_are_heard) == [State.FINE]
    GroupRobot.objects.filter(pk=robot.pk).update(failures=3)
    [finding] = work.robots_are_heard()
    assert (finding.state, "采购群" in finding.sentence) == (State.WARNING, True)
    assert "canary" not in finding.sentence


@pytest.fixture
def dated(settings):
    """`dated(seconds)` gives the address of a server whose clock is ahead by as many; None: it does not say."""
    servers = []

    def start(ahead):
        class Answer(BaseHTTPRequestHandler):
            def do_HEAD(self):
                self.send_response_only(404)
                if ahead is not None:
                    self.send_header("Date", format_datetime(timezone.now() + timedelta(seconds=ahead)))
                self.end_headers()

            def log_message(self, *arguments):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        servers.append(server)
        Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/openapi"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("ahead", "state"),
    [(0, State.FINE), (-60, State.WARNING), (300, State.WRONG), (-300, State.WRONG), (None, State.UNKNOWN)],
)
def test_the_clock_is_held_against_the_erps(ahead, state, dated, shop, settings):
    settings.ERP_ADDRESSES = {"sandbox": dated(ahead)}
    [finding] = erp.clock_is_right()
    assert finding.state is state


def test_a_restore_that_nobody_has_confirmed_is_wrong():
    assert states(work.restore_is_confirmed) == [State.FINE]
    RestoredCopy.objects.create(copied_at=timezone.now())
    assert states(work.restore_is_confirmed) == [State.WRONG]


def test_an_erp_that_is_away_leaves_the_clock_unknown(shop):
    [finding] = erp.clock_is_right()
    assert finding.state is State.UNKNOWN


def test_an_environment_without_an_address_is_wrong(shop, settings):
    settings.ERP_ADDRESSES = {}
    [finding] = erp.clock_is_right()
    assert finding.state is State.WRONG


def test_a_database_that_is_away_leaves_the_rest_unknown(monkeypatch, capsys):
    def away():
        raise OperationalError("canary")

    monkeypatch.setattr(connection, "ensure_connection", away)
    monkeypatch.setattr(connection, "close", lambda: None)
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", language="en")
    said = capsys.readouterr().out
    assert ended.value.code == 2
    assert "✗ wrong  Database: The database cannot be reached." in said
    assert "? unknown  Workers: Not checked" in said
    assert "canary" not in said
