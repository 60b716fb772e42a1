"""Amounts and quantities as people in purchasing write them, and addresses that keep the rest of their query."""

from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def money(value):
    """`12,345.60`; a dash where nothing is known."""
    return "–" if value is None else f"{Decimal(value):,.2f}"


@register.filter
def quantity(value):
    """`1,200` or `7.5`: no decimals that say nothing."""
    if value is None:
        return "–"
    whole, _, decimals = f"{Decimal(value):,.4f}".partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole


@register.simple_tag(takes_context=True)
def list_url(context, **changes):
    """The address of the list of orders as it is shown, with some values changed; an empty value takes its name out."""
    kept = context["shown"].copy()
    for name, value in changes.items():
        kept.pop(name, None)
        if value:
            kept[name] = value
    address = context["cancellation"].get_absolute_url()
    return f"{address}?{kept.urlencode()}#orders-title" if kept else f"{address}#orders-title"
