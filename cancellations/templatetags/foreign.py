"""Texts that people, files and the ERP have chosen."""

from django import template
from django.utils.html import format_html

register = template.Library()


@register.filter
def bdi(text):
    """The text as an element of its own: writing from the right to the left does not reach beyond it."""
    return format_html("<bdi>{}</bdi>", text)
