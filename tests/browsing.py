"""Signed-in test clients, a clock, and the language in which pages are tested."""

import time

import pytest
import time_machine
from django.test import Client

from cancellations.access import sessions
from cancellations.access.sudo import CONFIRMED


@pytest.fixture(autouse=True)
def english(settings):
    """The sentences of the tests are the msgids; the catalogue has tests of its own."""
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def browser_of():
    """`browser_of(person)`: a signed-in client that checks CSRF tokens only where a test asks for it.

    `confirmed`: the person has just given the password, which sudo mode asks for.
    """

    def sign_in(person, *, confirmed=False, **options):
        client = Client(**options)
        client.force_login(person)
        session = client.session
        session[sessions.SIGNED_IN] = session[sessions.LAST_PAGE] = time.time()
        if confirmed:
            session[CONFIRMED] = int(time.time())
        session.save()
        return client

    return sign_in


@pytest.fixture
def clock():
    """A clock that stands still unless it is shifted."""
    with time_machine.travel("2026-11-24T01:00:05Z", tick=False) as traveller:
        yield traveller
