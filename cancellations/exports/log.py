"""Who took copies of the history: each export wrote an event before its first byte."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from cancellations.models import Event, Person, Shop
from cancellations.workflow import limits


@transaction.atomic
def record_export(
    kind: str, filters: dict[str, Any], *, by: Person, shops: dict[int, str], orders: int | None = None
) -> None:
    """Writes down that the person takes a copy of what the filters find; `orders` is how many, if that is known.

    `shops` is {pk: name} of all that the copy may hold orders of. Raises TooOften.
    """
    limits.consume(limits.EXPORT, by=by)
    Event.write(
        Event.Kind.EXPORTED,
        by=by,
        at=timezone.now(),
        shop=Shop.objects.get(pk=next(iter(shops))) if len(shops) == 1 else None,
        format=kind,
        filters=filters,
        orders=orders,
        shops={str(pk): name for pk, name in shops.items()},
    )


def taken(person):
    """The events of the copies that may hold orders of the person's shops; a superuser reads all of them.

    What counts is which shops the copy was of, not who took it: people leave shops, and their copies stay.
    """
    events = Event.objects.filter(kind=Event.Kind.EXPORTED)
    if person.is_superuser:
        return events
    shops = Shop.objects.for_user(person).values_list("pk", flat=True)
    return events.filter(data__shops__has_any_keys=[str(pk) for pk in shops])
