"""Texts that people, files and the ERP have chosen."""

from django import template
from django.utils.html import format_html

register = template.Library()


@register.filter
def bdi(text):
    """The text as an element of its own: what turns round the direction of writing in it ends with it."""
    return format_html("<bdi>{}</bdi>", text)
