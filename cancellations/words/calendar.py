"""What the calendar says of a day."""

from django.utils.translation import pgettext, pgettext_lazy

KINDS = {False: pgettext_lazy("calendar", "off"), True: pgettext_lazy("calendar", "working day")}


def change_of_day(day: str, before: tuple[bool, str] | None, after: tuple[bool, str] | None) -> str:
    """`2026-10-10: none → working day 国庆节`, from what an event keeps of the change."""
    return f"{day}{pgettext('clause', ': ')}{_said(before)} → {_said(after)}"


def _said(of_day):
    if of_day is None:
        return pgettext("list", "none")
    is_working, name = of_day
    return f"{KINDS[is_working]} {name}".strip()
