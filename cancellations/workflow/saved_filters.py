"""Filters of the history and of lists of requests that people keep under a name."""

from django.db import transaction

from cancellations.models import Person, SavedFilter
from cancellations.workflow.errors import FilterUnnamed, TooManyFilters

MAX_FILTERS = 50
LONGEST_NAME = 60


@transaction.atomic
def save_filter(kind: str, name: str, query: str, *, by: Person) -> SavedFilter:
    """Keeps the query under the name; a filter of this name and kind is replaced.

    Raises FilterUnnamed or TooManyFilters.
    """
    name = " ".join(name.replace("\x00", "").split())[:LONGEST_NAME]
    if not name:
        raise FilterUnnamed
    own = SavedFilter.objects.for_user(by).filter(kind=kind)
    if not own.filter(name=name).exists() and own.count() >= MAX_FILTERS:
        raise TooManyFilters(limit=MAX_FILTERS)
    return SavedFilter.objects.update_or_create(person=by, kind=kind, name=name, defaults={"query": query})[0]


def delete_filter(saved: SavedFilter, *, by: Person) -> None:
    """Removes the filter, if it is the person's own."""
    SavedFilter.objects.for_user(by).filter(pk=saved.pk).delete()
