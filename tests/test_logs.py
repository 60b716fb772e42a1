"""A line of the log says whose request it belongs to, cannot be forged, and holds no link."""

import json
import logging
import sys
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
import requests
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from cancellations import logs
from cancellations.models import ApiCall
from tests import processes
from tests.people import numbers, submitted
from tests.ports import free_port


def line(message, *arguments, person=None):
    request = HttpRequest()
    request.number = "0123456789ab"
    request._cached_user = person
    logs.begin(request)
    record = logging.LogRecord("django.request", logging.WARNING, "", 1, message, arguments, None)
    assert logs.InContext().filter(record)
    return f"{record.where}: {record.getMessage()}"


def somebody(name):
    return SimpleNamespace(pk=7, is_authenticated=True, get_username=lambda: name)


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


def as_json(message, *arguments, exc_info=None, **extra):
    record = logging.LogRecord("cancellations.x", logging.WARNING, "", 1, message, arguments, exc_info)
    vars(record).update(extra)
    logs.InContext().filter(record)
    line = logs.Json().format(record)
    assert len(line.splitlines()) == 1
    return json.loads(line)


def test_a_line_in_json_has_its_time_in_utc_and_the_key_of_the_person():
    request = HttpRequest()
    request.number, request._cached_user = "0123456789ab", somebody("lina")
    logs.begin(request)
    found = as_json("采购单 %s", "x")
    assert datetime.fromisoformat(found.pop("time")).utcoffset() == timedelta(0)
    assert found == {
        "level": "WARNING",
        "logger": "cancellations.x",
        "message": "采购单 x",
        "number": "0123456789ab",
        "person": 7,
    }


def test_a_line_in_json_is_one_line_whatever_it_says():
    try:
        raise ValueError("x\n{}\u2028forged\x1b[2J")
    except ValueError:
        found = as_json('"}\n{"level": "forged"}\u2028', exc_info=sys.exc_info())
    assert found["level"] == "WARNING"
    assert found["traceback"].endswith("forged\x1b[2J")


def test_what_is_logged_within_a_task_says_which_and_afterwards_nothing():
    with logs.within(number="0123456789ab", task="t"), logs.within(shop=3, call=17):
        assert as_json("x").items() >= {"number": "0123456789ab", "task": "t", "shop": 3, "call": 17}.items()
        assert logs.number() == "0123456789ab"
        record = logging.LogRecord("x", logging.INFO, "", 1, "x", (), None)
        logs.InContext().filter(record)
        assert record.where == " [0123456789ab shop 3 call 17]"
    assert "number" not in as_json("x")
    assert logs.number() == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "proxies", "is_taken"),
    [
        ("0123abcd-4567", 1, True),
        ("0123abcd-4567", 0, False),
        ("short", 1, False),
        ("x" * 65, 1, False),
        ("0123456789\u00e9", 1, False),
        ("01234567\n", 1, False),
        ("01234567 89", 1, False),
    ],
)
def test_a_number_is_taken_from_a_proxy_that_is_trusted_if_it_is_well_formed(given, proxies, is_taken, settings):
    settings.TRUSTED_PROXIES = proxies
    answer = Client().get(reverse("login"), headers={"X-Request-Id": given})
    assert (answer.headers["X-Request-Id"] == given) is is_taken
    assert logs.NUMBER.fullmatch(answer.headers["X-Request-Id"])
    assert answer.wsgi_request.number == answer.headers["X-Request-Id"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/sign-in/", "/nowhere/", "/static/app.css", "/health/live", "/metrics"])
def test_every_answer_bears_a_number(address):
    first, second = (Client().get(address).headers["X-Request-Id"] for _ in range(2))
    assert first != second


@pytest.mark.django_db
def test_the_access_log_names_routes_and_no_addresses(settings, caplog, browser_of, shop, cast):
    caplog.set_level(logging.INFO)
    client = browser_of(cast.lina)
    request = submitted(shop, cast.lina)
    client.get(request.get_absolute_url())
    settings.ACCESS_LOG = True
    for address in (f"{request.get_absolute_url()}?q=CG-secret", "/nowhere/CG-secret", "/health/live"):
        client.get(address)
    said = [record for record in caplog.records if record.name == "cancellations.access_log"]
    assert [(one.answer["route"], one.answer["status"]) for one in said] == [
        ("/requests/<request_number:number>/", 200),
        ("-", 404),
    ]
    assert all(one.answer["ms"] >= 0 for one in said)
    assert "CG-secret" not in "".join(one.getMessage() for one in said)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_number_of_a_page_is_found_at_the_calls_that_it_led_to(shop, cast, browser_of):
    request = submitted(shop, cast.lina, numbers(3))
    DBTaskResult.objects.all().delete()  # only the page of the approval wants anything to be done
    approve = reverse("cancellation-approve", args=[request.number])
    answer = browser_of(cast.wangqiang, confirmed=True).post(approve, {"seen_hash": request.content_hash})
    assert answer.status_code == 302
    with processes.erp("--orders", "60", "--calls-per-minute", "0") as erp:
        worker = processes.start(
            *("manage.py", "worker", "--interval", "0.1"),
            ERP_ADDRESSES=f"sandbox={erp.address}",
            LOG_FORMAT="json",
            LOG_LEVEL="INFO",
            APPROVAL_HOLD_SECONDS="0",
        )
        sent = ApiCall.objects.filter(purpose="send", state="answered")
        processes.wait_until(sent.exists, "the orders are sent")
        code, printed = processes.end(worker)
    assert code == 0, printed
    lines = [json.loads(line) for line in printed.splitlines()]
    [call] = [line for line in lines if line.get("call") == sent.get().pk]
    assert call["number"] == answer.headers["X-Request-Id"]
    assert call["message"] == "purchase.PurchaseOrder.cancelByType: answered"
    assert call["shop"] == shop.pk
    assert {"task", "worker"} <= set(call)
    assert all(line["time"].endswith("Z") for line in lines)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_all_lines_of_the_web_server_are_json_on_demand():
    port = free_port()
    server = processes.start(
        *("-m", "gunicorn"), BIND=f"127.0.0.1:{port}", LOG_FORMAT="json", LOG_LEVEL="INFO", ACCESS_LOG="true"
    )
    processes.wait_until(lambda: processes.listens(port), "it listens")
    with requests.Session() as visitor:
        answer = visitor.get(f"http://127.0.0.1:{port}/", allow_redirects=False, timeout=60)
    _, printed = processes.end(server)
    lines = [json.loads(line) for line in printed.splitlines()]
    assert {"gunicorn.error", "cancellations.access_log"} <= {line["logger"] for line in lines}
    [page] = [line for line in lines if line.get("route") == "/"]
    assert (page["status"], page["number"]) == (302, answer.headers["X-Request-Id"])
