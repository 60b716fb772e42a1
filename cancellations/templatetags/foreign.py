"""Texts that people, files and the ERP have chosen."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cancellations import words
from cancellations.models import CancellationRequest

register = template.Library()


@register.filter
def bdi(text: str) -> SafeString:
    """The text as an element of its own: writing from the right to the left does not reach beyond it."""
    return format_html("<bdi>{}</bdi>", text)


@register.filter
def asker(cancellation: CancellationRequest) -> SafeString:
    """Who asked, and what a machine calls its request."""
    who = bdi(words.people.asker(cancellation))
    if not cancellation.external_id:
        return who
    return format_html('{} · <span class="order-no"><bdi>{}</bdi></span>', who, cancellation.external_id)
