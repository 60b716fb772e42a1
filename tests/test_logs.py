"""A line of the log says whose request it belongs to, cannot be forged, and holds no link."""

import logging
import sys
from types import SimpleNamespace

import pytest
from django.http import HttpRequest
from django.test import Client

from cancellations import logs


def line(message, *arguments, person=None):
    request = HttpRequest()
    request.number = "0123456789ab"
    request._cached_user = person
    logs.begin(request)
    record = logging.LogRecord("django.request", logging.WARNING, "", 1, message, arguments, None)
    assert logs.InContext().filter(record)
    return f"{record.where}: {record.getMessage()}"


def somebody(name):
    return SimpleNamespace(is_authenticated=True, get_username=lambda: name)


def test_a_line_names_the_request_and_the_person():
    assert line("done") == " [0123456789ab -]: done"
    assert line("%s", "done", person=somebody("lina")) == " [0123456789ab lina]: done"
    record = logging.LogRecord("x", logging.INFO, "", 1, "of a worker", (), None)
    logs.InContext().filter(record)
    assert record.where == ""


@pytest.mark.parametrize("end", ["\n", "\r", "\x0b", "\x1b[2J", "\x85", "\u2028"])
def test_no_text_begins_a_line_of_its_own(end):
    forged = line("Not Found: %s", f"/x{end}2026-11-26 AUDIT ANCHOR 9:0")
    assert len(forged.splitlines()) == 1
    assert "\x1b" not in forged


def test_a_link_for_a_password_is_not_logged():
    assert line("Not Found: %s", "/set-password/MQ/c9x-0123456789/x") == " [0123456789ab -]: Not Found: /set-password/…"


@pytest.mark.django_db
def test_the_log_has_the_number_that_the_error_page_shows(caplog):
    caplog.handler.addFilter(logs.InContext())
    Client().get("/nowhere/")
    [record] = [record for record in caplog.records if record.name == "django.request"]
    assert record.where.endswith(" -]")


def test_no_line_of_a_traceback_begins_like_a_line_of_the_log():
    try:
        raise ValueError("x\n2026-11-26 10:00:00+0800 INFO cancellations.audit: 7:ab\u2028forged\x1b[2J")
    except ValueError:
        text = logs.OneLineEach("{message}", style="{").formatException(sys.exc_info())
    assert [line for line in text.split("\n") if not line.startswith("    ")] == []
    assert "forged" in text
    assert not {"\u2028", "\x1b", "\r"} & set(text)
