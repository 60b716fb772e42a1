"""Which requests a list shows, as its address asks for it; nonsense is left out rather than answered with an error."""

from datetime import date, datetime, time, timedelta

from django.db.models import F, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cancellations import words
from cancellations.models import CancellationRequest, Operation
from cancellations.models.figures import LIMITS

Status = CancellationRequest.Status
TOOK = {"decided": ("submitted_at", "decided_at"), "ended": ("decided_at", "ended_at")}


def understood(asked: QueryDict) -> dict[str, str]:
    """The part of the address that means something."""
    shown = QueryDict(mutable=True)
    statuses = [value for value in asked.getlist("status") if value in Status.values]
    if statuses:
        shown.setlist("status", statuses)
    for name, is_valid in VALID.items():
        if is_valid(value := asked.get(name, "")):
            shown[name] = value
    return shown


def _is_key(value):
    return value.isascii() and value.isdigit() and len(value) <= 18


def _is_day(value):
    """A day that every database can turn into UTC."""
    try:
        return len(value) == 10 and 2000 <= date.fromisoformat(value).year < 2100
    except ValueError:
        return False


def _is_time(value):
    return value in map(str, range(len(LIMITS) + 1))


VALID = {
    "shop": _is_key,
    "requester": lambda value: 0 < len(value) <= 150 and "\x00" not in value,
    "operation": lambda value: value in map(str, Operation.values),
    "from": _is_day,
    "until": _is_day,
    "decided": _is_time,
    "ended": _is_time,
}


def filtered(requests: QuerySet[CancellationRequest], shown: dict[str, str]) -> QuerySet[CancellationRequest]:
    for name, condition in CONDITIONS.items():
        if name in shown:
            requests = requests.filter(**condition(shown[name]))
    for what in TOOK:
        if what in shown:
            requests = _took(requests, what, int(shown[what]))
    return requests.filter(status__in=shown.getlist("status")) if "status" in shown else requests


CONDITIONS = {
    "shop": lambda value: {"shop": int(value)},
    "requester": lambda value: {"requester__username": value},
    "operation": lambda value: {"operation": int(value)},
    "from": lambda value: {"submitted_at__gte": _midnight(value)},
    "until": lambda value: {"submitted_at__lt": _midnight(value) + timedelta(days=1)},
}


def _midnight(day):
    return datetime.combine(date.fromisoformat(day), time.min, tzinfo=timezone.get_default_timezone())


def _took(requests, what, which):
    """Requests whose decision or result came within the limit, but not within the one before."""
    start, end = TOOK[what]
    limits = list(LIMITS.values())
    requests = requests.filter(**{f"{start}__isnull": False, f"{end}__isnull": False})
    if what == "ended":
        requests = requests.filter(status=Status.FINISHED)
    if which:
        requests = requests.filter(**{f"{end}__gt": F(start) + limits[which - 1]})
    return requests.filter(**{f"{end}__lte": F(start) + limits[which]}) if which < len(limits) else requests


def applied(shown: dict[str, str], requests: QuerySet[CancellationRequest]) -> list[tuple[str, str]]:
    """(what is applied in words, the query without it); names come from the `requests` that were found."""
    labels = {
        "status": lambda _value: pgettext("list", ", ").join(
            str(Status(value).label) for value in shown.getlist("status")
        ),
        "shop": lambda _value: requests[0].shop.name if requests else _("one seller account"),
        "requester": lambda _value: str(requests[0].requester) if requests else _("one requester"),
        "operation": lambda value: str(Operation(int(value)).label),
        "from": lambda value: _("submitted from %(day)s") % {"day": value},
        "until": lambda value: _("submitted until %(day)s") % {"day": value},
        "decided": lambda value: _("time to decision: %(time)s") % {"time": words.figures.TIMES[int(value)]},
        "ended": lambda value: _("time to outcome: %(time)s") % {"time": words.figures.TIMES[int(value)]},
    }
    return [(label(shown[name]), _without(shown, name)) for name, label in labels.items() if name in shown]


def _without(shown, name):
    left = shown.copy()
    del left[name]
    return left.urlencode()
