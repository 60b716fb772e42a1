"""A mail server and the three chats, as they are spoken to over real sockets."""

import threading
from types import SimpleNamespace

import pytest

from cancellations.models import Notice, NoticeSettings
from cancellations.notices import delivery, mail
from cancellations.robots.stand_in import DEMO, StandIn
from cancellations.workflow import groups
from tests.mail_server import MailServer, send_mail_to


@pytest.fixture
def mail_server(settings):
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        send_mail_to(settings, server.port)
        settings.DEFAULT_FROM_EMAIL = "notice@corp.example"
        yield server
        server.shutdown()


@pytest.fixture(autouse=True)
def _rested():
    mail._rests_until.clear()


@pytest.fixture
def outside(settings):
    """Notices lead to this address, and are kept for no moment."""
    settings.PUBLIC_URL, settings.NOTICE_MERGE_SECONDS = "https://wdtadmin.example.com", 0
    return settings


@pytest.fixture
def chats(settings):
    with StandIn(rates=False) as stand_in:
        settings.NOTICE_ROBOTS_BASE = stand_in.address
        yield stand_in


@pytest.fixture
def group(shop, cast, chats, outside):
    """`group(kind)`: a robot of the account in a group of that chat."""

    def add(kind="wecom"):
        known = DEMO[kind]
        return groups.add_robot(
            shop, by=cast.zhaolei, kind=kind, name=f"采购群 {kind}", address=known.url, secret=known.secret
        )

    return add


@pytest.fixture
def addressed(cast):
    """Everybody has an address; mails are in English."""
    for person in vars(cast).values():
        person.email = f"{person.username}@corp.example"
        person.save()
        NoticeSettings.objects.create(person=person, language="en")
    return cast


@pytest.fixture
def told():
    """`told(person, kind=…)`: their notices."""

    def find(person, **fields):
        return list(Notice.objects.filter(person=person, **fields).order_by("pk"))

    return find


@pytest.fixture
def deliver():
    """Delivers what is due, as a worker does, until nothing is."""

    def work():
        return sum(iter(delivery.deliver_due, 0))

    return work


def kinds(notices):
    return [notice.kind for notice in notices]


__all__ = ["SimpleNamespace", "kinds"]
