"""What no event tells of: that something still waits, or ends soon. Looked for in every sweep, told once."""

from datetime import time, timedelta
from decimal import Decimal

from django.db.models import Q, Sum
from django.utils import timezone

from cancellations.models import CancellationRequest, Notice, NoticeSettings, Person
from cancellations.words.facts import SENT_FOR
from cancellations.words.notices import day_of
from cancellations.words.numbers import money
from cancellations.workflow import telling, working_days
from cancellations.workflow.permissions import MANAGER

SOON = {"4 h": timedelta(hours=4), "2 h": timedelta(hours=2)}  # before the end
SUMMARY_AT = time(9, 30)  # unless a person chooses another hour


def remind_of_deadlines() -> None:
    """Tells who may decide of requests that end soon: one working day, four hours and two hours before, each once."""
    now, known = timezone.now(), working_days.known_days()
    soon = CancellationRequest.objects.filter(
        status=CancellationRequest.Status.SUBMITTED, expires_at__gt=now, submitted_at__lt=now - timedelta(hours=1)
    )
    for cancellation in soon.select_related("shop", "requester"):
        end = cancellation.expires_at
        near = [name for name, before in SOON.items() if end <= now + before]
        left = near[-1] if near else ""  # the shortest of the times that have begun
        if not near and not working_days.working_days_between(now, end, known=known):
            left = "1 day"
        key = f"request {cancellation.pk} {cancellation.expires_at:%m%d%H%M} {left}"
        if left and not Notice.objects.filter(kind=Notice.Kind.EXPIRES_SOON, key=key).exists():
            people = telling.present(telling.deciders_of(cancellation))
            about = {"shop": cancellation.shop, "cancellation": cancellation}
            telling.write(Notice.Kind.EXPIRES_SOON, key, people, **about)
            if not people:
                telling.tell_administrators(Notice.Kind.NOBODY, f"request {cancellation.pk}", **about)


def say_what_waits() -> None:
    """A summary for each manager for whom something waits, once a working day, at the hour that they chose."""
    now = timezone.localtime()
    if not working_days.is_working_day(now.date()):
        return
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    old = CancellationRequest.objects.filter(status=CancellationRequest.Status.SUBMITTED, submitted_at__lt=midnight)
    shops = set(old.values_list("shop", flat=True))
    if not shops:
        return
    managers = Person.objects.filter(groups__name=MANAGER, is_active=True, is_superuser=False, shops__in=shops)
    told = Notice.objects.filter(kind=Notice.Kind.SUMMARY, key=f"day {now.date()}").values("person")
    hours = dict(NoticeSettings.objects.values_list("person", "summary_at"))
    for person in telling.present(managers.exclude(pk__in=told).distinct()):
        if now.time() < (hours.get(person.pk) or SUMMARY_AT):
            continue
        waiting = CancellationRequest.objects.awaiting_decision_of(person)
        waiting = waiting.filter(submitted_at__lt=midnight)
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
