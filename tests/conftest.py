import gc
import shutil
import socket
from importlib import import_module
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase

from cancellations import sending
from tests.browsing import browser_of, clock  # noqa: F401 - fixtures
from tests.people import cast, shop, shop_of_others  # noqa: F401 - fixtures
from tests.triggers import drop_triggers, put_back

LOOPBACK = ("127.0.0.1", "::1", "localhost", "")


# A test is about what happens, not about how busy the machine is: no deadline for an example.
hypothesis.settings.register_profile("without a clock", deadline=None)
hypothesis.settings.load_profile("without a clock")


class NetworkBlocked(Exception):
    """A test tried to reach something beyond this machine."""


@pytest.fixture(autouse=True, scope="session")
def _only_loopback():
    """Nothing in a test may leave the machine: neither a connection nor a question to a name server."""
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self, address):
        if self.family != socket.AF_UNIX and address[0] not in LOOPBACK:
            raise NetworkBlocked(address)
        return connect(self, address)

    def guarded_look_up(host, *arguments, **options):
        if (host.decode() if isinstance(host, bytes) else host or "") not in LOOPBACK:
            raise NetworkBlocked(host)
        return look_up(host, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


@pytest.fixture(scope="session")
def django_db_keepdb():
    """Django would empty the file that is copied for it; PostgreSQL copies by itself."""
    return bool(settings.MIGRATED) and connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, django_db_keepdb):
    """Each process has a database of its own: the name is known here, and nothing has opened it."""
    path = Path(connection.settings_dict["TEST"]["NAME"] or "")
    if django_db_keepdb:
        shutil.copy(settings.MIGRATED, path)
    yield
    if django_db_keepdb:
        path.unlink()


@pytest.fixture(autouse=True)
def _nothing_is_stopping():
    sending.stopping.clear()
    yield
    sending.stopping.clear()


_teardown = TransactionTestCase._fixture_teardown


def _teardown_without_triggers(self):
    """Emptying the tables is what the triggers exist to refuse; what came from a migration comes back."""
    from django.apps import apps
    from django.contrib.auth.models import Group

    from cancellations.workflow.permissions import ROLES

    dropped = drop_triggers()
    try:
        _teardown(self)
    finally:
        put_back(dropped)
        for role in ROLES:
            Group.objects.get_or_create(name=role)
        import_module("cancellations.migrations.0001_initial").make_calendar(apps, None)


TransactionTestCase._fixture_teardown = _teardown_without_triggers


def pytest_collection_modifyitems(items):
    """The slow ones first: the quick ones fill the time in which they wait."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish():
    """What was loaded stays until the end: the collector of garbage looks at it no more, and looks less often."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
