"""`manage.py doctor`: sentences for people, JSON and exit codes for scripts."""

import json

import pytest
from django.conf import settings as configured
from django.core.management import call_command

from cancellations import doctor
from cancellations.doctor import Finding, State, examination
from cancellations.management.commands.doctor import language_of_terminal

CANARIES = [configured.SECRET_KEY, *configured.CREDENTIAL_KEYS, *configured.AUDIT_KEYS]


def only(monkeypatch, *findings):
    check = doctor.CHECKS[0]._replace(do=lambda: findings)
    monkeypatch.setattr(examination, "CHECKS", (check,))


def run(**options):
    """Its exit code."""
    try:
        call_command("doctor", **options)
    except SystemExit as ended:
        return ended.code
    return 0


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([State.FINE], 0),
        ([State.FINE, State.UNKNOWN], 0),
        ([State.WARNING, State.UNKNOWN], 1),
        ([State.WRONG, State.WARNING, State.FINE], 2),
    ],
)
def test_the_exit_code_is_that_of_the_worst_finding(found, code, monkeypatch):
    only(monkeypatch, *(Finding(state, "A sentence.", "A way on.") for state in found))
    assert run() == code


def test_the_way_on_stands_under_the_sentence(monkeypatch, capsys):
    only(monkeypatch, Finding(State.WARNING, "A sentence.", "A way on."))
    run(language="en")
    assert capsys.readouterr().out == "! warning  Settings: A sentence.\n    → A way on.\n"
    run(language="zh-hans")
    assert capsys.readouterr().out.startswith("! 警告  设置: ")


@pytest.mark.parametrize(
    ("spoken", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh-hans"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_it_speaks_the_language_of_the_terminal(spoken, language, monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, text in spoken.items():
        monkeypatch.setenv(name, text)
    assert language_of_terminal() == language


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_everything_is_checked_without_showing_a_secret(language, shop, capsys):
    assert run(json=True, language=language) == 2  # no worker is there
    said = capsys.readouterr().out
    told = json.loads(said)
    assert told["state"] == "wrong"
    assert {one["check"] for one in told["findings"]} == {check.name for check in doctor.CHECKS}
    assert not [one for one in told["findings"] if not one["way_on"] and one["state"] != "fine"]
    assert not [canary for canary in [*CANARIES, "canary"] if canary in said]
