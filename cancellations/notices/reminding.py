"""What no event tells of: that something still waits, or ends soon. Looked for in every sweep, told once."""

from datetime import time, timedelta
from decimal import Decimal

from django.db.models import Q, Sum
from django.utils import timezone

from cancellations.models import CancellationRequest, Notice, NoticeSettings, Person
from cancellations.words.notices import SENT_FOR, day_of
from cancellations.words.numbers import money
from cancellations.workflow import machine, telling
from cancellations.workflow.permissions import MANAGER

BEFORE_THE_END = (timedelta(days=1), timedelta(hours=4), timedelta(hours=2))
SUMMARY_AT = time(9, 30)  # unless a person chooses another hour


def remind_of_deadlines() -> None:
    """Tells who may decide of requests that end soon: a day, four hours and two hours before, each once."""
    now = timezone.now()
    waiting = CancellationRequest.objects.filter(status=CancellationRequest.Status.SUBMITTED)
    for cancellation in waiting.select_related("shop", "requester"):
        end = machine.expires_at(cancellation)
        near = [before for before in BEFORE_THE_END if now < end <= now + before]
        if not near or cancellation.submitted_at > now - timedelta(hours=1):
            continue
        key = f"request {cancellation.pk} {end:%m%d%H%M} {min(near).total_seconds():.0f}"
        if not Notice.objects.filter(kind=Notice.Kind.EXPIRES_SOON, key=key).exists():
            _tell(cancellation, Notice.Kind.EXPIRES_SOON, key, end)


def _tell(cancellation, kind, key, end):
    people = telling.present(telling.deciders_of(cancellation))
    about = {"shop": cancellation.shop, "cancellation": cancellation, "expires": day_of(end)}
    telling.write(kind, key, people, **about)
    if not people:
        telling.tell_administrators(Notice.Kind.NOBODY, f"request {cancellation.pk}", cancellation.shop, cancellation)


def say_what_waits() -> None:
    """A summary for each manager for whom something waits, once a working day, at the hour that they chose."""
    now = timezone.localtime()
    if not is_working_day(now.date()):
        return
    managers = Person.objects.filter(groups__name=MANAGER, is_active=True, is_superuser=False)
    told = Notice.objects.filter(kind=Notice.Kind.SUMMARY, key=f"day {now.date()}").values("person")
    hours = dict(NoticeSettings.objects.values_list("person", "summary_at"))
    for person in telling.present(managers.exclude(pk__in=told)):
        if now.time() < (hours.get(person.pk) or SUMMARY_AT):
            continue
        waiting = CancellationRequest.objects.awaiting_decision_of(person)
        waiting = waiting.filter(submitted_at__lt=now.replace(hour=0, minute=0, second=0, microsecond=0))
        if oldest := waiting.order_by("submitted_at").first():
            amount = waiting.aggregate(
                sum=Sum("lines__snapshot__at_stake", filter=Q(lines__snapshot__verdict__in=SENT_FOR))
            )["sum"]
            telling.write(
                Notice.Kind.SUMMARY,
                f"day {now.date()}",
                [person],
                waiting=waiting.count(),
                since=day_of(oldest.submitted_at),
                amount=money(amount or Decimal(0)) if amount else "",
            )


def is_working_day(day) -> bool:
    return day.weekday() < 5
