"""Sentences that stand one after the other: Chinese has no blank between them."""

from django.utils.functional import Promise
from django.utils.translation import pgettext


def sentences(*parts: str | Promise) -> str:
    """The sentences as one text, in the reader's language."""
    text = ""
    for part in map(str, parts):
        text = pgettext("two sentences", "%(one)s %(other)s") % {"one": text, "other": part} if text else part
    return text
