"""Once a day the end of the chain is written out, and what was written out is held against the chain."""

import logging
from smtplib import SMTPAuthenticationError

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django_tasks_db.models import DBTaskResult

from cancellations import sending, tasks
from cancellations.audit import anchors, verification
from cancellations.housekeeping import run_housekeeping
from cancellations.models import AuditCheck, ChainLink
from tests.audit.conftest import run_past_the_guards

pytestmark = pytest.mark.django_db
MARK = "0123456789abcdef" * 4


@pytest.fixture
def file(settings, tmp_path):
    settings.AUDIT_ANCHOR_FILE = str(tmp_path / "anchors.txt")
    return tmp_path / "anchors.txt"


def said(caplog):
    return [(record.levelno, record.getMessage()) for record in caplog.records if record.name == "cancellations.audit"]


def test_an_anchor_goes_into_the_log_the_file_and_a_mail(five, file, settings, caplog):
    settings.AUDIT_ANCHOR_EMAIL = ["audit@example.com"]
    tasks.check_history.call(is_daily=True)
    check = AuditCheck.objects.get()
    [(level, line)] = said(caplog)
    assert level == logging.WARNING
    assert line == f"AUDIT ANCHOR {check.at:%Y-%m-%dT%H:%M:%SZ} {anchors.anchor(check)}"
    assert anchors.anchor(check).startswith(f"5:{check.mac}:")
    assert file.read_text() == f"{line}\n"
    [sent] = mail.outbox
    assert (sent.to, sent.body) == (["audit@example.com"], line)
    assert anchors.at_hand() == {5: check.mac}


def test_only_what_is_verified_daily_is_written_out(five, file, caplog):
    tasks.check_history.call()
    assert not file.exists()
    assert not mail.outbox
    assert not said(caplog)
    assert not AuditCheck.objects.get().is_anchor


def test_check_compares_the_chain_with_the_anchor_file(five, file):
    tasks.check_history.call(is_daily=True)
    AuditCheck.objects.all().delete()  # by whoever cut off the end
    events = five[3]._meta.db_table
    run_past_the_guards(
        [f"DELETE FROM {ChainLink._meta.db_table} WHERE number > 3", f"DELETE FROM {events} WHERE id > {five[2].pk}"]
    )
    check = verification.check()
    assert (check.fault, check.fault_number, check.events) == ("cut", 4, 3)


def test_a_fault_is_an_alarm_and_no_anchor(five, file, settings, caplog):
    settings.AUDIT_ANCHOR_EMAIL = ["audit@example.com"]
    run_past_the_guards([(f"UPDATE {five[0]._meta.db_table} SET note = 'secret words' WHERE id = %s", five[0].pk)])
    tasks.check_history.call(is_daily=True)
    [(level, line)] = said(caplog)
    assert level == logging.ERROR
    assert line.startswith("AUDIT FAULT ")
    assert f"An event was changed. Event {five[0].pk} is affected, link 1 of the chain." in line
    assert "secret words" not in line
    assert [sent.body for sent in mail.outbox] == [line]
    assert not AuditCheck.objects.get().is_anchor
    assert anchors.at_hand() == {}


def test_a_failing_mail_server_or_disk_loses_no_check(five, settings, caplog, tmp_path, monkeypatch):
    def refuse(*arguments):
        raise SMTPAuthenticationError(535, b"secret words")

    monkeypatch.setattr(anchors, "send_mail", refuse)
    settings.AUDIT_ANCHOR_FILE = str(tmp_path / "no such folder" / "anchors.txt")
    tasks.check_history.call(is_daily=True)
    assert AuditCheck.objects.get().is_anchor
    assert [level for level, _ in said(caplog)] == [logging.WARNING, logging.ERROR, logging.ERROR]
    assert "secret words" not in caplog.text


def test_an_empty_audit_trail_has_an_empty_anchor(file, caplog):
    tasks.check_history.call(is_daily=True)
    assert anchors.at_hand() == {0: ""}
    assert not verification.check().fault


def sealed(number, mac):
    return anchors.anchor(AuditCheck(events=number, mac=mac))


def test_an_anchor_is_found_whatever_stands_around_it():
    one, other, longer = sealed(12, MARK), sealed(13, MARK[::-1]), sealed(14, MARK)
    text = f"Nov 24 01:00 host python[7]: AUDIT ANCHOR 2026-11-24T01:00:05Z {one}\r\n> {other}\n{longer}0"
    assert anchors.read(text) == {12: MARK, 13: MARK[::-1]}


@pytest.mark.parametrize("seal", ["", f":{MARK}", f":{'0' * 64}"])
def test_what_a_stranger_writes_into_a_log_is_no_anchor(five, seal, tmp_path):
    """`GET /999:…` is logged as it was asked for: it must not look as if the end of the trail was cut off."""
    log = tmp_path / "web.log"
    log.write_text(f"Not Found: /999999999999999999:{MARK}{seal}\n")
    assert anchors.read(log.read_text()) == {}
    with pytest.raises(CommandError, match="no anchor of this server"):
        call_command("verify_audit", anchor_file=[log])


def test_a_person_may_have_kept_number_and_mark_only(five, capsys):
    check = verification.check()
    call_command("verify_audit", anchor=[f"5:{check.mac}"])
    assert "All 5 events are intact." in capsys.readouterr().out
    with pytest.raises(CommandError, match="cut off"):
        call_command("verify_audit", anchor=[f"6:{MARK}"])


def test_one_of_the_workers_does_it_once_a_day(five, file):
    run_housekeeping()
    run_housekeeping()
    [task] = DBTaskResult.objects.all()
    assert task.task_path == "cancellations.tasks.check_history"
    assert task.args_kwargs == {"args": [], "kwargs": {"is_daily": True}}


def test_a_worker_that_is_to_end_leaves_it_to_another_one(five):
    sending.stopping.set()
    tasks.check_history.call(is_daily=True)
    assert not AuditCheck.objects.exists()
    assert DBTaskResult.objects.get().args_kwargs["kwargs"] == {"by_id": None, "is_daily": True}
