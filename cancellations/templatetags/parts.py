"""Notes, empty states and badges. Every template knows this library (settings)."""

from functools import cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from cancellations import words
from cancellations.models import CancellationRequest, OrderLine
from cancellations.templatetags.icons import icon

register = template.Library()
register.simple_tag(words.orders.counts, name="counts")
register.filter("figures", words.orders.figures)
register.filter("listed_outcomes", words.orders.listed_outcomes)
register.filter("call_tone", words.events.call_tone)
register.filter("known_by", lambda code: words.history.SHORT_KNOWN_BY.get(code, ""))


@register.simple_block_tag(end_name="endnote")
def note(content: str, tone: str, icon_name: str, role: str = "") -> SafeString:
    """`{% note "warning" "pause-circle" %}<p>…</p>{% endnote %}`: something to heed before going on."""
    attribute = format_html(' role="{}"', role) if role else ""
    return format_html(
        '<div class="note tone-{}"{}>{}<div>{}</div></div>', tone, attribute, icon(icon_name), content.strip()
    )


@register.simple_block_tag(end_name="endempty")
def empty(content: str, icon_name: str, title: str) -> SafeString:
    """`{% empty "inbox" title %}<p>…</p>{% endempty %}`: what stands where nothing is listed."""
    return format_html('<div class="empty">{}<h2>{}</h2>{}</div>', icon(icon_name), title, content.strip())


@register.simple_tag
def badge(code: str, beside: str = "") -> SafeString:
    """A status of a request or an outcome of an order; `beside` it stands how it is known."""
    return _badge(str(code), str(beside), get_language())


@cache
def _badge(code, beside, _language):
    of_request = code in CancellationRequest.Status.values
    choices, looks = (
        (CancellationRequest.Status, words.orders.STATUSES)
        if of_request
        else (OrderLine.Outcome, words.orders.OUTCOMES)
    )
    tone, icon_name = looks[code]
    after = format_html(' <span class="state-note">{}</span>', beside) if beside else ""
    label = choices(code).label
    return format_html('<span class="state tone-{}">{}{}</span>{}', tone, icon(icon_name), label, after)


@register.simple_tag
def forecast(verdict: str, label: str) -> SafeString:
    """What is expected of an order, in the words of the reason; '' where it was not looked up."""
    tone, icon_name = words.orders.VERDICTS.get(verdict, ("", "hourglass-split"))
    css = f"tone-{tone}" if tone else "muted"
    return format_html('<span class="verdict {}">{}<span>{}</span></span>', css, icon(icon_name), label)
