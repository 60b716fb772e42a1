"""The lists behind the figures: each takes what was asked for and what it is narrowed down to."""

from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from cancellations.figures.reading import Asked
from cancellations.models.figures import Trait


def figures_url(asked: Asked, **changes: Any) -> str:
    by = {} if asked.by == Trait.REASON else {"by": str(asked.by)}
    return f"{_path('figures')}?{_query(asked, by | changes)}"


def requests_url(asked: Asked, **filters: Any) -> str:
    """The requests that were submitted on these days; `filters` as pages/requests/filters.py understands them."""
    return f"{_path('cancellation-list')}?{_query(asked, {'view': 'all'} | filters)}"


def history_url(asked: Asked, **filters: Any) -> str:
    """The orders of requests submitted on these days; `filters` as pages/history/forms.py understands them."""
    return f"{_path('history')}?{_query(asked, filters, first='since')}"


_path = cache(reverse)  # a page has hundreds


def _query(asked, more, first="from"):
    about = {first: asked.first, "until": asked.last, "shop": asked.shop, "requester": asked.person}
    query = about | {"operation": asked.operation} | more
    return urlencode({name: value for name, value in query.items() if value is not None}, doseq=True)
