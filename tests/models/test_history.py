import pytest
from django.db import DatabaseError, connection, transaction

from cancellations.audit import chain
from cancellations.models import ChainLink, Event
from tests.people import draft_of

pytestmark = pytest.mark.django_db
EVENTS = Event._meta.db_table
LINKS = ChainLink._meta.db_table


@pytest.fixture
def event(shop, cast):
    return draft_of(shop, cast.lina).events.get()


def refused(statement, *parameters):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def test_an_event_cannot_be_changed_by_sql(event):
    refused(f"UPDATE {EVENTS} SET note = 'nothing happened' WHERE id = %s", event.pk)


def test_an_event_cannot_be_deleted_by_sql(event):
    refused(f"DELETE FROM {EVENTS} WHERE id = %s", event.pk)
    assert Event.objects.filter(pk=event.pk).exists()


def test_an_event_cannot_be_replaced_or_truncated(event):
    if connection.vendor == "sqlite":
        columns = ", ".join(field.column for field in Event._meta.fields)
        refused(f"INSERT OR REPLACE INTO {EVENTS} ({columns}) SELECT {columns} FROM {EVENTS}")
    else:
        refused(f"TRUNCATE {EVENTS}")


def test_no_code_changes_or_deletes_an_event_either(event):
    for attempt in (event.delete, event.save, Event.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


def test_neither_is_a_link_of_the_chain(event):
    chain.extend()
    refused(f"UPDATE {LINKS} SET mac = '' WHERE event_id = %s", event.pk)
    refused(f"DELETE FROM {LINKS} WHERE event_id = %s", event.pk)
    if connection.vendor == "sqlite":
        refused(f"INSERT OR REPLACE INTO {LINKS} (number, event_id, mac) SELECT number, event_id, '' FROM {LINKS}")
    else:
        refused(f"TRUNCATE {LINKS}")
        refused(f"TRUNCATE {EVENTS} CASCADE")
    with pytest.raises(DatabaseError), transaction.atomic():
        ChainLink.objects.all().delete()
    assert ChainLink.objects.filter(event=event).exists()


def test_an_event_keeps_the_name_that_its_actor_had(event, cast):
    cast.lina.name = "某人"
    cast.lina.save()
    event.refresh_from_db()
    assert event.actor_name == "李娜"
