"""The lists behind the figures: each takes what was asked for and what it is narrowed down to."""

from urllib.parse import urlencode

from django.urls import reverse


def figures_url(asked, **changes):
    return f"{reverse('figures')}?{_query(asked, 'person', changes)}"


def requests_url(asked, **filters):
    """The requests that were submitted on these days; `filters` as views/list_filters.py understands them."""
    return f"{reverse('cancellation-list')}?{_query(asked, 'requester', {'view': 'all'} | filters)}"


def history_url(asked, **filters):
    """The orders of the requests that were submitted on these days.

    `outcome` may be several, `known_by` is one; `why` and `words` are those of the reason why an order was refused.
    """
    return f"/history/?{_query(asked, 'requester', filters)}"


def _query(asked, person, more):
    about = {"from": asked.first, "until": asked.last, "shop": asked.shop, person: asked.person}
    query = about | {"operation": asked.operation} | more
    return urlencode({name: value for name, value in query.items() if value not in (None, "")}, doseq=True)
