"""What the figures are called."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from cancellations.figures.reading import Numbers, Reason
from cancellations.models import OrderLine, ReasonKind
from cancellations.models.figures import Trait

KnownBy, Why = OrderLine.KnownBy, OrderLine.Why

REQUESTS = {
    "requests_finished": pgettext_lazy("request status", "Finished"),
    "requests_in_progress": gettext_lazy("In progress"),
    "requests_awaiting": gettext_lazy("Awaiting approval"),
    "requests_rejected": pgettext_lazy("request status", "Rejected"),
    "requests_stopped": pgettext_lazy("request status", "Stopped"),
    "requests_withdrawn": pgettext_lazy("request status", "Withdrawn"),
    "requests_expired": pgettext_lazy("request status", "Expired"),
}
# one for each of the limits of the figures, and one for what took longer than all of them
TIMES = (
    gettext_lazy("up to 5 minutes"),
    gettext_lazy("5 to 15 minutes"),
    gettext_lazy("15 minutes to 1 hour"),
    gettext_lazy("1 to 4 hours"),
    gettext_lazy("4 hours to 1 day"),
    gettext_lazy("over 1 day"),
)
HALF = {
    "5_minutes": gettext_lazy("5 minutes"),
    "15_minutes": gettext_lazy("15 minutes"),
    "1_hour": gettext_lazy("1 hour"),
    "4_hours": gettext_lazy("4 hours"),
    "1_day": gettext_lazy("1 day"),
}

BY = {
    Trait.REASON: gettext_lazy("By reason"),
    Trait.SUPPLIER: gettext_lazy("By supplier"),
    Trait.WAREHOUSE: gettext_lazy("By warehouse"),
    Trait.PURCHASER: gettext_lazy("By purchaser"),
}


def value(trait: Trait, value: str) -> str:
    """What a value of a trait is called: a category by its label, a name as it is."""
    if trait == Trait.REASON:
        return str(ReasonKind(value).label)
    return value or _("Not shown by the ERP")


def reason(refusal: Reason) -> str:
    """Why orders were refused: the ERP's words, or how else it is known."""
    if refusal.words:
        return refusal.words
    if refusal.why:
        return str(Why(refusal.why).label)
    if refusal.known_by == KnownBy.BY_HAND:
        return _("Recorded manually as not executed.")
    return _("The ERP gave no reason.")


def duration(time_taken: timedelta | None) -> str:
    """`45 s`, `25 min`, `3.5 h`, `2.1 d`; a dash where there is nothing to measure."""
    if time_taken is None:
        return "–"
    seconds = time_taken.total_seconds()
    if seconds < 90:
        return _("%(count)s s") % {"count": round(seconds)}
    if seconds < 90 * 60:
        return _("%(count)s min") % {"count": round(seconds / 60)}
    if seconds < 36 * 3600:
        return _("%(count)s h") % {"count": f"{seconds / 3600:.1f}"}
    return _("%(count)s d") % {"count": f"{seconds / 86_400:.1f}"}


def half(numbers: Numbers, what: str) -> str:
    """Within which time at least half of the decisions or results came; '' if none did."""
    if not numbers.of(what):
        return ""
    limit = numbers.half_in(what)
    return _("at most %(time)s") % {"time": HALF[limit]} if limit else str(TIMES[-1])


def share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


def days(count: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}
