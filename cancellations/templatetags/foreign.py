"""Texts that people, files and the ERP have chosen."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def bdi(text: str) -> SafeString:
    """The text as an element of its own: writing from the right to the left does not reach beyond it."""
    return format_html("<bdi>{}</bdi>", text)
