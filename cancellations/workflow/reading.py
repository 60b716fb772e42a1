"""What people who read the history leave behind: filters under a name."""

from django.db import transaction

from cancellations.models import SavedFilter
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
