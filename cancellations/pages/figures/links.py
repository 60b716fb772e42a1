"""The lists behind the figures: each takes what was asked for and what it is narrowed down to."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from cancellations.figures.reading import Asked


def figures_url(asked: Asked, **changes: Any) -> str:
    return f"{reverse('figures')}?{_query(asked, changes)}"


def requests_url(asked: Asked, **filters: Any) -> str:
    """The requests that were submitted on these days; `filters` as pages/requests/filters.py understands them."""
    return f"{reverse('cancellation-list')}?{_query(asked, {'view': 'all'} | filters)}"


def history_url(asked: Asked, **filters: Any) -> str:
    """The orders of requests submitted on these days; `filters` as pages/history/forms.py understands them."""
    return f"{reverse('history')}?{_query(asked, filters, first='since')}"


def _query(asked, more, first="from"):
    about = {first: asked.first, "until": asked.last, "shop": asked.shop, "requester": asked.person}
    query = about | {"operation": asked.operation} | more
    return urlencode({name: value for name, value in query.items() if value is not None}, doseq=True)
