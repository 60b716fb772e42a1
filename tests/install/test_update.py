"""The chapter 'Update' of docs/operating.md, followed from this version to a made-up next one, with work under way."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from cancellations.models import CancellationRequest, Event, Notice
from cancellations.workflow import control, manager
from cancellations.workflow import restored as restore
from tests.install.conftest import FROM_ELSEWHERE, NOT_COPIED
from tests.install.document import ROOT, Block, blocks
from tests.install.restoring import on_server, restored
from tests.mail_server import MailServer
from tests.people import approved, draft_of, numbers, submitted
from tests.ports import free_port
from tests.processes import database_url, end, erp, listens, wait_until
from tests.sending.conftest import sent
from wdtadmin import version

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Status = CancellationRequest.Status
OLD, NEW = "wdtadmin-0.1.0", "wdtadmin-0.2.0"  # the folders of the document
NEXT = "99.0.0"
MIGRATION = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("cancellations", "0001_initial")]
    operations = [
        migrations.AddField("cancellationrequest", "batch", models.CharField(max_length=30, null=True)),
        migrations.AddIndex("cancellationrequest", models.Index(fields=["batch"], name="requests_of_a_batch")),
    ]
"""


@pytest.fixture
def copied_database(shop, cast, tmp_path):
    """All that follows, in this process and in others, is about a copy of the test's database: it will be migrated."""
    named = connection.settings_dict["NAME"]
    connection.close()
    if connection.vendor == "sqlite":
        copy = str(shutil.copy(named, tmp_path / "wdtadmin.sqlite3"))
    else:
        copy = f"{named}_updated"
        on_server(f'CREATE DATABASE "{copy}" TEMPLATE "{named}"')
    connection.settings_dict["NAME"] = copy
    yield
    connection.close()
    connection.settings_dict["NAME"] = named
    if connection.vendor == "postgresql":
        on_server(f'DROP DATABASE "{copy}" WITH (FORCE)')


class Machine:
    """A server on which both versions are unpacked; runs the commands of the document, systemd's by itself."""

    def __init__(self, folder, erp_address, mail):
        self.srv, self.port = folder / "srv", free_port()
        self.site = f"http://127.0.0.1:{self.port}"
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "wdtadmin.settings",
            "DATABASE_URL": database_url(),
            "BIND": f"127.0.0.1:{self.port}",
            "ERP_ADDRESSES": f"sandbox={erp_address}",
            "EMAIL_URL": f"smtp://127.0.0.1:{mail.port}",
            "PUBLIC_URL": self.site,
            "SWEEP_SECONDS": "0.3",
            "SETTLE_GRACE_SECONDS": "0",
            "WORKER_QUEUES": "default",
            "WEB_WORKERS": "1",
        }
        self.paths = {"/srv/": f"{self.srv}/", "/var/backups/wdtadmin": str(folder / "backups")}
        self.web, self.workers = [], []
        self.resting = None  # how many orders were sent when the workers had ended
        for name in (OLD, NEW):
            shutil.copytree(ROOT, self.srv / name, ignore=NOT_COPIED, symlinks=True)
            (self.srv / name / ".venv").symlink_to(sys.prefix)
        (self.srv / OLD / ".env").touch(0o600)
        (self.srv / "wdtadmin").symlink_to(OLD)
        project = self.srv / NEW / "pyproject.toml"
        project.write_text(re.sub('^version = ".*"', f'version = "{NEXT}"', project.read_text(), flags=re.MULTILINE))
        (self.srv / NEW / "cancellations/migrations/0002_expand_batch.py").write_text(MIGRATION)

    def run(self, command, folder="/srv/wdtadmin"):
        """What the command printed; systemctl starts and ends processes of this test."""
        words, folder = shlex.split(self.here(command)), self.here(folder)
        if words[0] == "systemctl":
            return self.systemctl(words[1], " ".join(words[2:]))
        done = subprocess.run(words, cwd=folder, env=self.environment, capture_output=True, text=True)
        warned = "doctor" in command and done.returncode in (1, 2)  # of what a test's server lacks
        assert done.returncode == 0 or warned, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def here(self, text):
        """What the document says, with the paths of this machine."""
        for path, own in self.paths.items():
            text = text.replace(path, own)
        return text

    def systemctl(self, verb, names):
        running = self.web if names == "wdtadmin-web" else self.workers
        if verb in ("stop", "restart"):
            assert [end(process)[0] for process in running] == [0] * len(running)
            running.clear()
        if verb in ("start", "restart"):
            running += [self.started(name) for name in names.split()]
        if names == "wdtadmin-web" and verb != "stop":
            wait_until(lambda: listens(self.port) or running[0].poll() is not None, "the web process answers")
        return ""

    def started(self, name):
        """A process in the folder to which the link leads now, as its unit has it."""
        what = ["-m", "gunicorn"] if name == "wdtadmin-web" else ["manage.py", "worker", "--interval", "0.1"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
        link = self.srv / "wdtadmin"
        return subprocess.Popen([str(link / ".venv/bin/python"), *what], cwd=link, env=self.environment, **quiet)

    def off(self):
        for process in self.web + self.workers:
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()


@pytest.fixture
def mail():
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def machine(copied_database, mail, tmp_path, shop):
    """This version runs on it, with one worker; calls last, so that a request stays half sent for a while."""
    shop.orders_per_call = 1
    shop.save()
    with erp("--orders", "60", "--calls-per-minute", "0", "--latency", "0.3") as control:
        made = Machine(tmp_path, control.address, mail)
        made.erp = control
        made.run(".venv/bin/python manage.py collectstatic --noinput -v0")
        try:
            made.systemctl("start", "wdtadmin-web")
            made.systemctl("start", "wdtadmin-worker@1")
            yield made
        finally:
            made.off()


@pytest.fixture
def reader(machine, cast):
    """Li Na with a browser: `read()` and `change()` give (status, text)."""
    client = Client()
    client.force_login(cast.lina)
    cookies = {name: one.value for name, one in client.cookies.items()}

    def ask(method, path):
        headers = {"Accept-Language": "en"}
        answer = requests.request(method, machine.site + path, cookies=cookies, headers=headers, timeout=20)
        return answer.status_code, " ".join(answer.text.split())

    return SimpleNamespace(
        read=lambda: ask("GET", "/requests/?view=mine"), change=lambda: ask("POST", "/requests/new/")
    )


def is_told(person, cancellation):
    """Whether the person's notices of it are delivered. Time is moved on to when they are tried again."""
    Notice.objects.filter(state=Notice.State.DUE).update(due_at=timezone.now())
    states = Notice.objects.filter(person=person, cancellation=cancellation).values_list("state", flat=True)
    return set(states) == {Notice.State.SENT}


def finished(cancellation):
    cancellation.refresh_from_db()
    return cancellation.status == Status.FINISHED


def test_nothing_is_lost_or_sent_twice_by_an_update(machine, reader, mail, shop, cast, settings):
    settings.PUBLIC_URL, settings.NOTICE_MERGE_SECONDS = machine.site, 0
    mail.answers["MAIL"] = "451 not now"
    type(cast.wangqiang).objects.filter(pk=cast.wangqiang.pk).update(email="wangqiang@corp.example")
    done = approved(shop, cast.lina, cast.zhoulan, numbers(2))
    wait_until(lambda: finished(done), "the first request is sent")
    undecided = submitted(shop, cast.sunyue, numbers(2, start=41))
    draft = draft_of(shop, cast.lina, numbers(2, start=51))
    unpacking, installing, *updating, way_back = blocks("Update")
    follow([unpacking, installing], machine, reader)
    machine.erp.set(latency=2.0)  # so that it is half sent however long a command takes to start
    half = approved(shop, cast.lina, cast.zhoulan, numbers(20, start=11))
    wait_until(lambda: len(sent(machine.erp)) > 2, "something of the next one is sent")
    follow(updating, machine, reader)

    wait_until(lambda: finished(half), "what was half sent is sent", seconds=60)
    mail.answers.clear()
    wait_until(lambda: is_told(cast.wangqiang, undecided), "what waited is told")
    undecided.refresh_from_db()
    manager.approve(undecided, by=cast.wangqiang, seen_hash=undecided.content_hash)
    wait_until(lambda: finished(undecided), "what awaited approval is sent")
    draft.refresh_from_db()
    assert draft.status == Status.DRAFT
    every = [*numbers(2), *numbers(20, start=11), *numbers(2, start=41)]
    assert Counter(sent(machine.erp)) == Counter(every)
    assert versions(machine) == NEXT
    told_of = [str(message) for message in mail.messages() if undecided.number in str(message)]
    assert len(told_of) == 1

    kinds = Event.objects.filter(kind__startswith="maintenance").order_by("pk").values_list("kind", "data__via")
    assert list(kinds) == [("maintenance_begun", "server"), ("maintenance_ended", "server")]
    call_command("verify_audit")  # raises if an event was changed

    follow([way_back], machine, reader)
    assert reader.read()[0] == 200
    assert versions(machine) == version.number()
    doctor = machine.run(".venv/bin/python manage.py doctor --language en")
    assert "The database is newer than this version: it has cancellations.0002_expand_batch." in doctor
    back_by_the_copy(machine, reader, half, cast)


def back_by_the_copy(machine, reader, half, cast):
    """As after a migration that took something away: the older state sends nothing until somebody has looked."""
    machine.systemctl("stop", "wdtadmin-worker@*")
    machine.systemctl("stop", "wdtadmin-web")
    before, [copy] = sent(machine.erp), Path(machine.paths["/var/backups/wdtadmin"]).iterdir()
    with restored(machine, copy):
        machine.systemctl("start", "wdtadmin-web")
        machine.systemctl("start", "wdtadmin-worker@1")
        assert reader.change()[0] == 503
        follow([Block(False, "/srv/wdtadmin", [".venv/bin/python manage.py maintenance off"])], machine, reader)
        reported = half.lines.filter(known_by="reported")
        wait_until(lambda: not reported.exists(), "the worker has asked about what is known to be sent", seconds=60)
        doctor = machine.run(".venv/bin/python manage.py doctor --language en")
        assert "The database was restored from a copy, and nothing is sent" in doctor
        half.refresh_from_db()
        assert (half.status, half.lines.filter(outcome="WAITING").exists()) == (Status.RUNNING, True)

        restore.confirm(by=cast.zhaolei)
        half.refresh_from_db()
        assert (half.status, half.pause_reason) == (Status.PAUSED, CancellationRequest.PERHAPS_SENT)
        control.stop(half, by=cast.zhoulan, note="The ERP shows all of them cancelled.")
        machine.systemctl("stop", "wdtadmin-worker@*")
        assert sent(machine.erp) == before


def follow(chapter, machine, reader):
    """Runs the commands but those that fetch something or need root, and looks what the document says of each."""
    for block in chapter:
        for command in block.commands:
            if not command.startswith((*FROM_ELSEWHERE, "chown")):
                look_after(command, machine.run(command, block.folder), machine, reader)


def look_after(command, printed, machine, reader):
    """What the document says of the moments between its commands."""
    backups = machine.paths["/var/backups/wdtadmin"]
    match command.split():
        case [*_, "cp", "-p", _, ".env"]:
            assert (machine.srv / NEW / ".env").stat().st_mode & 0o777 == 0o600
        case [*_, "on", "--until", _]:
            assert "Maintenance since" in printed
            status, page = reader.change()
            assert (status, "Nothing was changed, and nothing that is stored is lost" in page) == (503, True)
            status, page = reader.read()
            assert (status, "you can read everything and change nothing" in page) == (200, True)
        case ["systemctl", "stop", _] if machine.resting is None:
            machine.erp.set(latency=0)
            machine.resting = len(sent(machine.erp))
            assert 2 < machine.resting < 22
        case [*_, "backup", _]:
            assert len(list(Path(backups).iterdir())) == 1
        case [*_, "migrate"]:  # the web process of the old version goes on
            assert "0002_expand_batch" in printed
            assert (reader.read()[0], reader.change()[0]) == (200, 503)
            assert versions(machine) == version.number()
            assert len(sent(machine.erp)) == machine.resting
        case ["systemctl", "restart", "wdtadmin-web"] if versions(machine) == NEXT:
            assert (reader.read()[0], reader.change()[0]) == (200, 503)
        case [*_, "off"]:
            assert printed == "No maintenance.\n"
            assert reader.change()[0] == 403  # as every form without its token


def versions(machine):
    """That of the web process that answers."""
    return requests.get(f"{machine.site}/health/work", timeout=20).json()["version"]


def test_a_version_that_cannot_go_on_does_not_start(copied_database, tmp_path):
    """The old one, on a database that the next one has changed in another way than by adding."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('cancellations', '0002_rename', %s)",
            [timezone.now() - timedelta(days=1)],
        )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "wdtadmin.settings", "DATABASE_URL": database_url()}
    for what in (["-m", "gunicorn", "--bind", "127.0.0.1:0"], ["manage.py", "worker"]):
        done = subprocess.run([sys.executable, *what], cwd=ROOT, env=environment, capture_output=True, text=True)
        assert (done.returncode, "it has cancellations.0002_rename. Start the version" in done.stderr) == (3, True)
