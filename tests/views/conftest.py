import time

import pytest
from django.test import Client

from cancellations.views.sudo import CONFIRMED


@pytest.fixture(autouse=True)
def _english(settings):
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
        if confirmed:
            session = client.session
            session[CONFIRMED] = int(time.time())
            session.save()
        return client

    return sign_in
