"""The image and the compose file say what the code says: no builder is needed to know that."""

import re
import subprocess

import pytest
import yaml

from tests.install.document import ROOT
from wdtadmin.variables import VARIABLES

CONTAINERFILE = (ROOT / "deploy/Containerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "deploy/compose.yml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if "wdtadmin" in str(service.get("image"))}
KNOWN = set(VARIABLES) | {f"{name}_FILE" for name, variable in VARIABLES.items() if variable.is_secret}


def entrypoint(*arguments, path="/nowhere"):
    command = ["/bin/sh", ROOT / "deploy/entrypoint", *arguments]
    return subprocess.run(command, env={"PATH": path}, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("given", "run"),
    [
        ([], "gunicorn"),
        (["web"], "gunicorn"),
        (["worker", "--queues", "exports"], "python manage.py worker --queues exports"),
        (["manage", "migrate"], "python manage.py migrate"),
    ],
)
def test_one_image_runs_web_worker_and_manage(given, run, tmp_path):
    for name in ("gunicorn", "python"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho {name} "$@"\n')
        (tmp_path / name).chmod(0o755)
    assert entrypoint(*given, path=str(tmp_path)).stdout.split() == run.split()


def test_another_word_is_told():
    done = entrypoint("wbe")
    assert (done.returncode, "'wbe' is none of them" in done.stderr) == (64, True)


def test_the_image_holds_what_the_application_needs_and_no_secret():
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", CONTAINERFILE, re.MULTILINE)
    copied = {name for line in copied for name in line.split()}
    assert not [name for name in copied if not (ROOT / name).exists()]
    ignored = (ROOT / ".containerignore").read_text().split()
    assert ignored[0] == "*"
    assert copied == {name[1:] for name in ignored if name.startswith("!")}
    assert not [name for name, one in VARIABLES.items() if one.is_secret and re.search(rf"\b{name}\b", CONTAINERFILE)]


def test_the_image_runs_as_nobody_special_and_asks_after_its_health():
    [user] = re.findall(r"^USER (\S+)", CONTAINERFILE, re.MULTILINE)
    assert user == "10001:10001"
    assert "/health/live" in CONTAINERFILE.partition("HEALTHCHECK")[2].partition("ENTRYPOINT")[0]


def test_compose_sets_variables_that_exist():
    for service in OURS.values():
        assert set(service["environment"]) <= KNOWN
        assert {name for name in VARIABLES if VARIABLES[name].default is None} <= {
            name.removesuffix("_FILE") for name in service["environment"]
        }


def test_every_secret_of_compose_is_a_file_that_is_handed_over():
    for service in OURS.values():
        files = {text for name, text in service["environment"].items() if name not in VARIABLES}
        assert files == {f"/run/secrets/{name}" for name in service["secrets"]}
    asked_for = {name for service in COMPOSE["services"].values() for name in service.get("secrets", ())}
    assert asked_for == set(COMPOSE["secrets"])


def test_compose_runs_what_the_image_can_and_lets_it_write_little():
    assert {name: service["command"][0] for name, service in OURS.items()} == {
        "migrate": "manage",
        "web": "web",
        "worker": "worker",
    }
    for service in OURS.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_port_of_compose_is_that_of_the_image():
    bind = re.search(r"BIND=\S+:(\d+)", CONTAINERFILE)[1]
    assert [port.rpartition(":")[2] for port in OURS["web"]["ports"]] == [bind]
    assert re.search(r"^EXPOSE (\d+)", CONTAINERFILE, re.MULTILINE)[1] == bind


def test_a_stop_lasts_longer_than_a_call():
    longest = sum(float(VARIABLES[name].default) for name in ("ERP_CONNECT_TIMEOUT", "ERP_READ_TIMEOUT"))
    assert all(int(service["stop_grace_period"].rstrip("s")) > longest for service in (OURS["web"], OURS["worker"]))
