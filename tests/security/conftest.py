"""What the proofs share: English sentences, and people who are signed in and have confirmed it."""

import time
from contextlib import contextmanager

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client

from cancellations.access import sessions, sudo
from cancellations.models import Person
from cancellations.sending import pace


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch):
    """What would wait for its turn at the ERP gives the account back."""
    monkeypatch.setattr(pace, "LONGEST_WAIT_IN_TURN", 0.1)


@pytest.fixture
def outsider(shop, shop_of_others):
    """Somebody with every role, but in another shop: only the shop is in the way."""
    person = Person.objects.create(username="outsider")
    person.groups.set(Group.objects.all())
    person.shops.set([shop_of_others])
    return person


@pytest.fixture
def sign_in():
    """`sign_in(person)`: a client with the person's session, whose password was given lately; None is a stranger."""

    def client_of(person, **options):
        client = Client(**options)
        if person is not None:
            client.force_login(person)
            session = client.session
            session[sudo.CONFIRMED] = int(time.time())
            session[sessions.SIGNED_IN] = session[sessions.LAST_PAGE] = time.time()
            session.save()
        return client

    return client_of


def same_session(client, **options):
    """Another client with the same session: what an answer does to the cookies stays with that one."""
    other = Client(**options)
    if not options and not client.handler.enforce_csrf_checks:
        other.handler = client.handler  # which has loaded the middleware: each of thousands of clients would again
    name = django_settings.SESSION_COOKIE_NAME
    if name in client.cookies:
        other.cookies[name] = client.cookies[name].value
    return other


@contextmanager
def undone():
    """Whatever happens inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def database_text(*, without=()):
    """Every row of every table as text, past all models; `without` some tables."""
    with connection.cursor() as cursor:
        rows = []
        for table in sorted(set(connection.introspection.table_names()) - set(without)):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows.append(f"{table}: {cursor.fetchall()}")
    return "\n".join(rows)
