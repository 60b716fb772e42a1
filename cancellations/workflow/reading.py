"""What people who read the history leave behind: filters under a name, and the record that they took a copy."""

from django.db import transaction
from django.utils import timezone

from cancellations.models import Event, SavedFilter, Shop
from cancellations.workflow import limits
from cancellations.workflow.errors import FilterUnnamed, TooManyFilters

MOST_FILTERS = 50
LONGEST_NAME = 60


@transaction.atomic
def save_filter(name, query, *, by):
    """Keeps the query under the name; a filter of this name is replaced. Raises FilterUnnamed or TooManyFilters."""
    name = " ".join(name.replace("\x00", "").split())[:LONGEST_NAME]
    if not name:
        raise FilterUnnamed
    own = SavedFilter.objects.for_user(by)
    if not own.filter(name=name).exists() and own.count() >= MOST_FILTERS:
        raise TooManyFilters(limit=MOST_FILTERS)
    return SavedFilter.objects.update_or_create(person=by, name=name, defaults={"query": query})[0]


def delete_filter(saved, *, by):
    SavedFilter.objects.for_user(by).filter(pk=saved.pk).delete()


@transaction.atomic
def export(kind, filters, *, by, shops, orders=None):
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
