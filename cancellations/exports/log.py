"""Who took copies of the history: each export wrote an event before its first byte."""

from django.db.models import QuerySet

from cancellations.models import Event, Person, Shop


def taken(person: Person) -> QuerySet[Event]:
    """The events of the copies that may hold orders of the person's shops; a superuser reads all of them.

    What counts is which shops the copy was of, not who took it: people leave shops, and their copies stay.
    """
    events = Event.objects.filter(kind=Event.Kind.EXPORTED)
    if person.is_superuser:
        return events
    shops = Shop.objects.for_user(person).values_list("pk", flat=True)
    return events.filter(data__shops__has_any_keys=[str(pk) for pk in shops])
