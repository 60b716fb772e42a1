"""Parts that many pages show: a note, an empty state, a badge. Every template knows this library (settings)."""

from collections.abc import Mapping
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from cancellations import words
from cancellations.models import CancellationRequest
from cancellations.words.orders import FORECAST_LOOKS, NO_LOOK, OUTCOME_LOOKS, STATUS_LOOKS

register = template.Library()
register.simple_tag(words.orders.counts, name="counts")
register.filter("moment", words.times.moment)
register.filter("since", words.times.since)
register.filter("environment", words.shops.environment)
register.filter("figures", words.orders.figures)
register.filter("up_to_99", words.numbers.up_to_99)
register.filter("how_many", words.orders.how_many)
register.filter("segments", words.orders.segments)
register.filter("listed_outcomes", words.orders.listed_outcomes)
register.filter("call_tone", words.events.call_tone)
register.filter("known_by", lambda code: words.history.SHORT_KNOWN_BY.get(code, ""))
LOOKS = {"status": STATUS_LOOKS, "outcome": OUTCOME_LOOKS, "forecast": FORECAST_LOOKS}


@register.simple_block_tag
def note(content: SafeString, tone: str, icon: str, title: str = "", role: str = "", id: str = "") -> SafeString:
    """A remark with its icon; `content` are its paragraphs."""
    about = {"content": content, "tone": tone, "icon": icon, "title": title, "role": role, "id": id}
    return SafeString(render_to_string("_note.html", about))


@register.simple_block_tag
def empty(content: SafeString, icon: str, title: str, action_url: str = "", action_label: str = "") -> SafeString:
    """What stands where nothing is yet: why, and what to do next."""
    about = {"content": content, "icon": icon, "title": title, "action_url": action_url, "action_label": action_label}
    return SafeString(render_to_string("_empty.html", about))


@register.simple_tag
def badge(kind: str, code: str, label: str, beside: str = "") -> SafeString:
    """A status, an outcome or a forecast: its name with a tone and an icon, so that nothing depends on colour alone.

    What stands `beside` it is how an outcome is known.
    """
    return _badge(kind, code, str(label), str(beside))


@register.simple_tag
def standing(cancellation: CancellationRequest, numbers: Mapping[str, int]) -> SafeString:
    """The badge of where a request stands."""
    return badge("status", *words.orders.standing(cancellation, numbers))


@lru_cache(maxsize=2_000)
def _badge(kind: str, code: str, label: str, beside: str) -> SafeString:
    """Rendered once: a page of a hundred orders shows a hundred of the same few."""
    about = {"kind": kind, "look": LOOKS[kind].get(code, NO_LOOK), "label": label, "beside": beside}
    return SafeString(render_to_string("_badge.html", about).strip())
