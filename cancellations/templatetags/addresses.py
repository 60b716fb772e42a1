"""Addresses that keep the rest of their query."""

from typing import Any

from django import template

register = template.Library()


@register.simple_tag(takes_context=True)
def list_url(context: Any, without: str = "", **changes: Any) -> str:
    """The address of the list of orders as it is shown, with some values changed.

    An empty value takes its name out, and so does `without`.
    """
    kept = context["shown"].copy()
    kept.pop(without, None)
    for name, value in changes.items():
        kept.pop(name, None)
        if value:
            kept[name] = value
    address = context["cancellation"].get_absolute_url()
    return f"{address}?{kept.urlencode()}#orders-title" if kept else f"{address}#orders-title"
