"""Where the icons are."""

from functools import cache

from django import template
from django.templatetags.static import static

register = template.Library()


@register.simple_tag
@cache
def icons_address():
    """One file for all icons; a page has dozens of them, and its address stays while the process lives."""
    return static("icons.svg")
