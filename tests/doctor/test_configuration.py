"""What settings say that is wrong or fits no other one; no sentence shows a key."""

from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.test import override_settings

from cancellations.doctor import State, configuration, machine
from cancellations.management.commands import init

GOOD = {
    "DEBUG": False,
    "PLAIN_HTTP": False,
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
    "TRUSTED_PROXIES": 1,
    "ALLOWED_HOSTS": ["wdtadmin.mingda.cn"],
    "PUBLIC_URL": "https://wdtadmin.mingda.cn",
}
TWICE = "one-and-the-same-canary-1234567890"


def found(check, **changed):
    with override_settings(**GOOD | changed):
        return list(check())


def test_settings_that_fit_together_are_fine():
    [finding] = found(configuration.site_fits_together)
    assert (finding.state, finding.way_on) == (State.FINE, "")


@pytest.mark.parametrize(
    ("changed", "state", "named"),
    [
        ({"ALLOWED_HOSTS": ["*"]}, State.WARNING, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": ["wdtadmin.example.com"], "PUBLIC_URL": ""}, State.WRONG, "ALLOWED_HOSTS"),
        ({"PUBLIC_URL": ""}, State.WARNING, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://elsewhere.mingda.cn"}, State.WRONG, "ALLOWED_HOSTS"),
        ({"PUBLIC_URL": "http://wdtadmin.mingda.cn"}, State.WRONG, "PUBLIC_URL"),
        ({"SECURE_PROXY_SSL_HEADER": None}, State.WRONG, "BEHIND_TLS_PROXY"),
        ({"TRUSTED_PROXIES": 0}, State.WARNING, "TRUSTED_PROXIES"),
        ({"PLAIN_HTTP": True, "PUBLIC_URL": "http://wdtadmin.mingda.cn"}, State.WRONG, "BEHIND_TLS_PROXY"),
    ],
)
def test_settings_that_contradict_each_other_are_told(changed, state, named):
    findings = found(configuration.site_fits_together, **changed)
    assert state in {finding.state for finding in findings}
    assert any(named in finding.sentence + finding.way_on for finding in findings)
    assert all(finding.way_on for finding in findings)


@pytest.mark.parametrize(("bind", "state"), [("127.0.0.1:8000", State.FINE), ("0.0.0.0:8000", State.WARNING)])
def test_passwords_that_can_be_read_on_the_way_are_told(bind, state, monkeypatch):
    monkeypatch.setenv("BIND", bind)
    plain = {"PLAIN_HTTP": True, "SECURE_PROXY_SSL_HEADER": None, "PUBLIC_URL": "http://wdtadmin.mingda.cn"}
    [finding] = found(configuration.site_fits_together, **plain)
    assert finding.state is state


def test_debug_is_wrong_and_each_system_check_a_finding():
    findings = found(configuration.settings_are_right, DEBUG=True, AUDIT_KEYS=["canary"])
    told = " ".join(finding.sentence for finding in findings)
    assert "DEBUG" in told
    assert "AUDIT_KEYS" in told
    assert "canary" not in told


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ({"AUDIT_KEYS": ["canary" * 8]}, "AUDIT_KEYS"),
        (
            {"SECRET_KEY": TWICE, "AUDIT_KEYS": [TWICE]},
            "SECRET_KEY, AUDIT_KEYS",
        ),
        ({"AUDIT_KEYS": ["0123456789-canary-abcdefghij"] * 2}, "AUDIT_KEYS"),
    ],
)
def test_a_key_that_is_guessed_or_used_twice_is_wrong(keys, named):
    [finding] = found(configuration.keys_are_keys, **keys)
    assert finding.state is State.WRONG
    assert named in finding.sentence
    assert "canary" not in finding.sentence + finding.way_on


def test_keys_that_init_made_are_fine(tmp_path, monkeypatch):
    made = {name: init.VARIABLES[name].make() for name in init.KEYS}
    keys = made | {"CREDENTIAL_KEYS": [made["CREDENTIAL_KEYS"]], "AUDIT_KEYS": [made["AUDIT_KEYS"]]}
    [finding] = found(configuration.keys_are_keys, **keys)
    assert finding.state is State.FINE


def test_static_files_have_to_be_collected_again_after_a_change(tmp_path, settings):
    settings.STATIC_ROOT = str(tmp_path)
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    [finding] = configuration.static_files_are_collected()
    assert finding.state is State.WRONG
    call_command("collectstatic", interactive=False, verbosity=0)
    [finding] = configuration.static_files_are_collected()
    assert finding.state is State.FINE
    (tmp_path / "app.css").write_text("of another version")
    [finding] = configuration.static_files_are_collected()
    assert (finding.state, " 1 " in f" {finding.sentence} ".replace("：", " ")) == (State.WRONG, True)


@pytest.mark.parametrize(("zone", "state"), [("Asia/Shanghai", State.FINE), ("Europe/Berlin", State.WRONG)])
def test_the_time_zone_has_to_be_that_of_the_erp(zone, state, settings):
    settings.TIME_ZONE = zone
    [finding] = configuration.time_zone_is_known()
    assert finding.state is state


def test_a_system_without_time_zones_is_told(settings, monkeypatch):
    settings.TIME_ZONE = "Asia/Nowhere"
    [finding] = configuration.time_zone_is_known()
    assert (finding.state, "tzdata" in finding.way_on) == (State.WRONG, True)


@pytest.mark.parametrize(("free", "state"), [(5 * 10**9, State.FINE), (10**9, State.WARNING), (10**7, State.WRONG)])
def test_a_full_disk_is_named_with_its_folder(free, state, monkeypatch, settings, tmp_path):
    settings.AUDIT_ANCHOR_FILE = str(tmp_path / "not" / "yet" / "anchors.txt")
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda folder: SimpleNamespace(free=free))
    folder_of_the_anchors = machine._folders()[-1:]
    monkeypatch.setattr(machine, "_folders", lambda: folder_of_the_anchors)
    [finding] = machine.disk_has_room()
    assert (finding.state, str(tmp_path) in finding.sentence) == (state, True)


def test_a_folder_that_cannot_be_written_is_named(monkeypatch, settings, tmp_path):
    settings.AUDIT_ANCHOR_FILE = str(tmp_path / "anchors.txt")
    monkeypatch.setattr(machine.os, "access", lambda folder, mode: folder != tmp_path)
    [finding] = machine.files_can_be_written()
    assert (finding.state, str(tmp_path) in finding.sentence) == (State.WRONG, True)
