"""Maintenance begins and ends by a command on the server, which the audit trail tells."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from cancellations.models import Event, Maintenance
from cancellations.sending import heartbeat
from cancellations.workflow import maintenance
from cancellations.workflow.errors import InMaintenance
from tests.people import draft_of

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def IN_AN_HOUR():
    return timezone.now() + timedelta(hours=1)


@pytest.fixture
def say(capsys):
    """`say(…)` runs the command; returns what it printed."""

    def run(*arguments):
        call_command("maintenance", *arguments)
        return capsys.readouterr().out

    return run


def test_it_is_on_until_somebody_ends_it(say):
    assert say() == "No maintenance.\n"
    assert say("on", "--note", "迁移").startswith("Maintenance since 20")
    with pytest.raises(InMaintenance):
        maintenance.check_none()
    assert say("off") == say("off") == "No maintenance.\n"
    maintenance.check_none()


def test_the_audit_trail_tells_who_was_there(say):
    say("on", "--note", "迁移")
    say("off")
    say("off")
    events = Event.objects.order_by("pk").values_list("kind", "note", "actor_name", "data__via")
    assert list(events) == [("maintenance_begun", "迁移", "", "server"), ("maintenance_ended", "", "", "server")]


def test_a_second_time_says_anew_until_when_and_began_when_it_did(say):
    say("on")
    first = Maintenance.objects.get()
    say("on", "--until", f"{first.until + timedelta(hours=1):%Y-%m-%dT%H:%M+00:00}")
    second = Maintenance.objects.get()
    assert (second.since, second.until > first.until) == (first.since, True)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("09:30", datetime(2026, 11, 24, 9, 30, tzinfo=SHANGHAI)),
        ("08:59", datetime(2026, 11, 25, 8, 59, tzinfo=SHANGHAI)),
        ("2026-11-30T22:30", datetime(2026, 11, 30, 22, 30, tzinfo=SHANGHAI)),
    ],
)
def test_a_time_of_day_is_the_next_one_in_shanghai(text, moment, clock, say):
    say("on", "--until", text)
    assert Maintenance.objects.get().until == moment


@pytest.mark.parametrize("text", ["soon", "25:00", "2020-01-01T10:00"])
def test_what_is_no_moment_to_come_is_refused(text, say):
    with pytest.raises(CommandError):
        say("on", "--until", text)
    assert not Maintenance.objects.exists()


def test_a_note_without_beginning_is_refused(say):
    for arguments in (["--note", "x"], ["off", "--until", "22:30"], ["on", "--note", "x" * 201]):
        with pytest.raises(CommandError):
            say(*arguments)


def test_the_state_counts_workers_and_calls(say):
    heartbeat.beat("one")
    assert "Workers that take no new work: 0 of 1.\nCalls in flight: 0." in say("on")


def test_scripts_on_the_server_change_nothing_either(say, shop, cast, capsys):
    cancellation = draft_of(shop, cast.lina)
    say("on")
    with pytest.raises(CommandError, match="under maintenance"):
        call_command("requests", "submit", cancellation.number, "--as", "lina", "--language", "en")
    call_command("requests", "show", cancellation.number, "--as", "lina", "--language", "en")
    assert cancellation.number in capsys.readouterr().out


def test_nobody_is_told_that_workers_are_missing(say, capsys):
    with pytest.raises(CommandError):
        call_command("check_workers")
    say("on")
    call_command("check_workers")
    assert "Maintenance" in capsys.readouterr().out
