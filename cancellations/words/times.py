"""How a moment reads where people work; where it counts to the second, pages show it in full."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _


def moment(value: datetime | None) -> SafeString:
    """`<time>`: today's and yesterday's by their names, others of this year without it; the whole stands in its title.

    '' for None.
    """
    if value is None:
        return SafeString("")
    zone = timezone.get_current_timezone()
    local, today = value.astimezone(zone), timezone.now().astimezone(zone).date()
    shown = local.isoformat(" ", "seconds")[:19]  # in a third of the time of strftime: lists show it in each row
    if local.date() == today:
        text = _("today %(time)s") % {"time": shown[11:16]}
    elif local.date() == today - timedelta(days=1):
        text = _("yesterday %(time)s") % {"time": shown[11:16]}
    else:
        text = shown[5:16] if local.year == today.year else shown[:16]
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), shown, text)


def since(value: datetime) -> str:
    """How long ago it was: `22 hours, 37 minutes`; Chinese counts without commas."""
    if timezone.now() - value < timedelta(minutes=1):
        return _("less than a minute")
    return timesince(value).replace("，", " ")


def short(value: datetime) -> str:
    """`11-30 18:00`; with the year if it is another one than this."""
    local = timezone.localtime(value)
    return f"{local:%m-%d %H:%M}" if local.year == timezone.localdate().year else f"{local:%Y-%m-%d %H:%M}"


def to_the_minute(value: str) -> str:
    """`2026-11-30 18:00`, from what an event keeps of a moment."""
    return f"{timezone.localtime(datetime.fromisoformat(value)):%Y-%m-%d %H:%M}"
