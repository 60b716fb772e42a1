"""Workers that die while they deliver: nothing is lost, and what was written down as delivered is not told again."""

import threading
import time

import pytest

from cancellations.models import Notice, NoticeSettings
from tests import processes
from tests.faults.conftest import LONG_AGO, QUICK, kill
from tests.mail_server import MailServer
from tests.people import submitted

State = Notice.State


@pytest.fixture
def mail_server():
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def courier(mail_server, settings):
    """`courier()`: the process id of a new worker that delivers to the mail server of the test."""
    settings.NOTICE_MERGE_SECONDS = 0  # for what the test itself makes due
    environment = QUICK | {
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_server.port}",
        "PUBLIC_URL": "https://wdtadmin.example.com",
    }
    with processes.nursery(**environment) as bear:
        born = []

        def live():
            born.append(bear("tests.nursery.worker", interval=0.1))
            return born[-1]

        yield live
        kill(*born)


def waiting_for(person):
    return Notice.objects.get(kind="waiting", person=person)


def the_claim_of_the_dead_ends():
    Notice.objects.exclude(claimed_until=None).update(claimed_until=LONG_AGO)


@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT", "DATA", "taken"])
def test_a_worker_that_dies_while_it_delivers_loses_nothing(step, courier, mail_server, shop, cast):
    NoticeSettings.objects.create(person=cast.wangqiang, language="en")
    cast.wangqiang.email = "wangqiang@corp.example"
    cast.wangqiang.save()
    reached, dead = threading.Event(), threading.Event()

    def at(command):
        if command == step and not reached.is_set():
            reached.set()
            dead.wait(30)

    mail_server.at = at
    submitted(shop, cast.zhoulan)
    doomed = courier()
    assert reached.wait(60), "the worker came to this step"
    kill(doomed)
    dead.set()
    assert waiting_for(cast.wangqiang).state == State.DUE
    the_claim_of_the_dead_ends()
    courier()
    processes.wait_until(lambda: waiting_for(cast.wangqiang).state == State.SENT, "the notice is delivered", 60)
    time.sleep(2.5)  # two more looks of the worker
    ids = [message["Message-ID"] for message in mail_server.messages()]
    assert len(set(ids)) == 1
    assert len(ids) == (2 if step == "taken" else 1)  # what was taken and not written down is told once more
