"""The calendar: which days are holidays, and which weekends people work on instead. Deadlines are counted by it."""

from datetime import date, timedelta

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cancellations import words
from cancellations.access.sudo import for_administrators
from cancellations.models import CalendarDay, Event
from cancellations.pages.calendar.forms import DayForm, PasteForm, as_given
from cancellations.workflow import calendar as verbs
from cancellations.workflow.errors import WorkflowError

EVENTS_SHOWN = 50
AHEAD = timedelta(days=60)  # so long before its beginning a year should be known; it is announced in November


@for_administrators
def calendar(request: HttpRequest) -> HttpResponse:
    """The days of one year; `?day=` puts a day into the form, to change it."""
    chosen = CalendarDay.objects.filter(pk=_day(request.GET.get("day", ""))).first()
    return _page(request, day_form=DayForm(initial=as_given(chosen)) if chosen else None)


def _page(request, *, day_form=None, paste_form=None, wrong=None, status=200):
    """`wrong` is the form of which something is to be said."""
    years = sorted({day.year for day in CalendarDay.objects.values_list("day", flat=True)})
    last = years[-1] if years else None
    today = timezone.localdate()
    asked = [year for year in years if f"{year}" == request.GET.get("year")]
    year = asked[0] if asked else today.year if today.year in years else last
    days = list(CalendarDay.objects.filter(day__year=year)) if year else []
    events = Event.objects.filter(kind=Event.Kind.CALENDAR_CHANGED).order_by("-pk")[:EVENTS_SHOWN]
    context = {
        "days": [(day, words.calendar.KINDS[day.is_working]) for day in days],
        "year": year,
        "years": years,
        "last": last,
        "is_short": last is None or last < (today + AHEAD).year,
        "expires_after": settings.SUBMITTED_EXPIRES_AFTER_WORKING_DAYS,
        "day_form": day_form or DayForm(),
        "paste_form": paste_form or PasteForm(),
        "form": wrong,
        "events": [words.events.told(event) for event in events],
    }
    return render(request, "calendar/page.html", context, status=status)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@require_POST
@for_administrators
def set_day(request: HttpRequest) -> HttpResponse:
    form = DayForm(request.POST)
    if not form.is_valid():
        return _page(request, day_form=form, wrong=form, status=422)
    return _set(request, [form.given])


@require_POST
@for_administrators
def paste(request: HttpRequest) -> HttpResponse:
    form = PasteForm(request.POST)
    if not form.is_valid():
        return _page(request, paste_form=form, wrong=form, status=422)
    return _set(request, form.cleaned_data["lines"])


def _set(request, days):
    try:
        count = verbs.set_days(days, by=request.user)
    except WorkflowError as error:
        messages.warning(request, str(error))
    else:
        done = ngettext("%(count)s day was changed.", "%(count)s days were changed.", count)
        messages.success(request, done % {"count": count})
    return _back(days[0].day)


@require_POST
@for_administrators
def remove(request: HttpRequest) -> HttpResponse:
    day = _day(request.POST.get("day", ""))
    if day is None:
        raise BadRequest
    try:
        verbs.remove_day(day, by=request.user)
    except WorkflowError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Day removed: it is as its weekday again."))
    return _back(day)


def _back(day):
    return redirect(f"{reverse('calendar')}?year={day.year}")
