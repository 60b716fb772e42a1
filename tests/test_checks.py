import pytest
from django.core import checks
from django.db import connections

from cancellations.checks import (
    a_lease_outlives_a_call,
    addresses_of_the_erp_are_addresses,
    audit_keys_are_usable,
    credential_keys_are_usable,
    files_are_for_this_user_only,
    roles_with_a_second_factor_exist,
)
from cancellations.management.commands.worker import Command


@pytest.mark.django_db  # Django 6.1 asks the database what it supports
def test_the_settings_of_the_tests_pass():
    assert not checks.run_checks()


def test_a_worker_begins_without_asking_its_database(monkeypatch):
    own = connections["default"]  # itself and not what stands for it, which would lose its features afterwards
    monkeypatch.setattr(own, "features", own.features_class(own))  # as in a new process
    Command().check(**Command().get_check_kwargs({}))


@pytest.mark.parametrize(("keys", "number"), [([], "E001"), (["rubbish"], "E002")])
def test_it_does_not_start_without_usable_keys_for_the_secrets(settings, keys, number):
    settings.CREDENTIAL_KEYS = keys
    [error] = credential_keys_are_usable(None)
    assert error.id == f"cancellations.{number}"
    assert "rubbish" not in str(error)


@pytest.mark.parametrize("keys", [[], ["rubbish"], ["x" * 40, ""]])
def test_it_does_not_start_without_usable_keys_for_the_history(settings, keys):
    settings.AUDIT_KEYS = keys
    [error] = audit_keys_are_usable(None)
    assert error.id == "cancellations.E006"
    assert "rubbish" not in str(error)


def test_a_lease_must_outlive_the_longest_call(settings):
    settings.ERP_READ_TIMEOUT = settings.LEASE_SECONDS
    [error] = a_lease_outlives_a_call(None)
    assert error.id == "cancellations.E003"


@pytest.mark.parametrize(
    "address",
    [
        "ftp://wdt.example/openapi",
        "wdt.example/openapi",
        "http:///openapi",
        "http://someone:secret@wdt.example/openapi",
        "http://wdt.example/openapi?sid=1",
        "http://wdt.example/openapi#x",
        "http://wdt.example:port/openapi",
        "file:///etc/passwd",
        "",
    ],
)
def test_an_address_of_the_erp_has_to_be_a_plain_one(address, settings):
    settings.ERP_ADDRESSES = {"fine": "https://wdt.example:8443/openapi", "wrong": address}
    [error] = addresses_of_the_erp_are_addresses(None)
    assert "“wrong”" in error.msg
    assert "secret" not in str(error)


def test_a_second_factor_is_required_of_roles_that_exist(settings):
    settings.SECOND_FACTOR_FOR = ["manager", "administrator"]
    assert not roles_with_a_second_factor_exist(None)
    settings.SECOND_FACTOR_FOR = ["managers"]
    [error] = roles_with_a_second_factor_exist(None)
    assert error.id == "cancellations.E005"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o604, 0o666])
def test_files_that_others_can_read_are_named_before_it_goes_live(mode, settings, tmp_path):
    settings.BASE_DIR, settings.AUDIT_ANCHOR_FILE = tmp_path, str(tmp_path / "anchors.txt")
    for name in (".env", "anchors.txt"):
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(mode)
    said = [warning.msg for warning in files_are_for_this_user_only(None)]
    named = [line for line in said if ".env" in line or "anchors.txt" in line]
    assert len(named) == (0 if mode == 0o600 else 2)
