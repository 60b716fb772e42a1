from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from cancellations.audit import chain, verification
from cancellations.models import Event
from tests.browsing import english  # noqa: F401 - the fixture
from tests.triggers import drop_triggers, put_back


@pytest.fixture
def an_hour_ago():
    return timezone.now() - timedelta(hours=1)


@pytest.fixture
def write(shop, cast, an_hour_ago):
    """`write(note)` writes an event of an hour ago."""

    def event(note="", **fields):
        return Event.write("shop_changed", by=cast.zhaolei, shop=shop, at=an_hour_ago, note=note, **fields)

    return event


@pytest.fixture
def five(write):
    """Five events in the chain."""
    events = [write(f"{number}", changes={"店铺": [number, None]}) for number in range(1, 6)]
    assert chain.extend() == 5
    return events


@pytest.fixture
def found_after():
    """`found_after(*statements)`: what a verification finds after this SQL, which the guards would have refused.

    A statement is a text, or a text with its parameters. Afterwards everything is as it was before.
    """

    def find(*statements, known=None, then=lambda: None):
        with transaction.atomic():
            run_past_the_guards(statements)
            then()
            finding = verification.verify(known)
            transaction.set_rollback(True)
        return finding

    return find


def run_past_the_guards(statements):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # what waits to be checked at the end would be in the way
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        guards = drop_triggers()
        for statement in statements:
            text, *parameters = [statement] if isinstance(statement, str) else statement
            cursor.execute(text, parameters)
    put_back(guards)
