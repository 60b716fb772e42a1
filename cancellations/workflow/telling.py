"""Who is told of what: one table. What is to be told is written in the transaction of what it tells of."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count, IntegerField, Max, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from cancellations.models import (
    AuditCheck,
    CancellationRequest,
    Event,
    Export,
    GroupRobot,
    Notice,
    OrderLine,
    Person,
    Shop,
    Worker,
)
from cancellations.workflow import apart
from cancellations.workflow.permissions import ADMINISTRATOR, AUDITOR, MANAGER

Kind = Notice.Kind


def managers_of(shop: Shop | int) -> list[Person]:
    """Active managers of the account; a superuser decides on nothing."""
    managers = Person.objects.filter(shops=shop, groups__name=MANAGER, is_active=True, is_superuser=False)
    return list(managers.order_by("username"))


def deciders_of(cancellation: CancellationRequest) -> list[Person]:
    """Who may decide on the request: managers of its account who are apart from the requester, and did not ask."""
    asked = (cancellation.requester_id, asker_of(cancellation).pk)
    others = [person for person in managers_of(cancellation.shop_id) if person.pk not in asked]
    return apart.apart_from(cancellation.requester, others)


def asker_of(cancellation: CancellationRequest) -> Person:
    """The requester, or who answers for the machine that asked."""
    requester = cancellation.requester
    return requester.machine.responsible if requester.is_machine else requester


def present(people: Iterable[Person]) -> list[Person]:
    """Those who have not said that they are away today."""
    people, today = list(people), timezone.localdate()
    away = Person.objects.filter(
        pk__in=[person.pk for person in people],
        notice_settings__away_from__lte=today,
        notice_settings__away_until__gte=today,
    )
    gone = set(away.values_list("pk", flat=True))
    return [person for person in people if person.pk not in gone]


def administrators_of(shop: Shop | int | None) -> list[Person]:
    """Active administrators of the account, and all superusers; without an account all administrators."""
    administrators = Q(groups__name=ADMINISTRATOR) if shop is None else Q(groups__name=ADMINISTRATOR, shops=shop)
    people = Person.objects.filter(administrators | Q(is_superuser=True), is_active=True)
    return list(people.distinct().order_by("username"))


class Rule(NamedTuple):
    """`events` are the kinds of event that it tells of, `who` is told in words; `_people` finds them."""

    events: tuple[Event.Kind, ...]
    who: str  # for the document
    in_group: bool = False  # the robots of the seller account say it too
    by_mail: bool = True  # unless the person chooses otherwise
    is_urgent: bool = False  # neither quiet hours nor choices hold it back


RULES = {
    Kind.WAITING: Rule((Event.Kind.SUBMITTED,), "who may decide", in_group=True),
    Kind.DECIDED: Rule((Event.Kind.APPROVED, Event.Kind.REJECTED), "the requester"),
    Kind.WITHDRAWN: Rule((Event.Kind.WITHDRAWN,), "who had extended or refreshed it"),
    Kind.EXPIRED: Rule((Event.Kind.EXPIRED,), "the requester and who could have decided"),
    Kind.OVER: Rule((Event.Kind.FINISHED, Event.Kind.STOPPED), "requester and approver", in_group=True),
    Kind.STUCK: Rule(
        (Event.Kind.PAUSED, Event.Kind.ACCOUNT_PAUSED),
        "administrators of the account",
        in_group=True,
        is_urgent=True,
    ),
    Kind.ACCESS: Rule(
        (
            Event.Kind.ROLES_CHANGED,
            Event.Kind.LINK_MADE,
            Event.Kind.FACTOR_REMOVED,
            Event.Kind.IDENTITY_RESET,
            Event.Kind.REACTIVATED,
            Event.Kind.ACCESS_ASKED,
            Event.Kind.MACHINE_ADDED,
            Event.Kind.MACHINE_CHANGED,
            Event.Kind.TOKEN_MADE,
        ),
        "the person, or who answers for the machine, and the administrators of their accounts",
        is_urgent=True,
    ),
}
# What no event tells of: found or asked for, with the same table of who and how.
OTHERS = {
    Kind.EXPIRES_SOON: Rule((), "who may decide", in_group=True),
    Kind.REMINDER: Rule((), "who may decide"),
    Kind.NOBODY: Rule((), "administrators of the account", is_urgent=True),
    Kind.TO_SETTLE: Rule((), "who may settle", in_group=True),
    Kind.EXPORT: Rule((), "who asked for it"),
    Kind.AUDIT: Rule((), "administrators and auditors", is_urgent=True),
    Kind.WORKER: Rule((), "administrators", is_urgent=True),
    Kind.CHANNEL_OFF: Rule((), "administrators of the account", is_urgent=True),
    Kind.MACHINE: Rule((), "who answers for it and the administrators of its accounts"),
    Kind.WEBHOOK_OFF: Rule((), "administrators of the account", is_urgent=True),
    Kind.SUMMARY: Rule((), "managers for whom something waits"),
}
DECIDING = (Event.Kind.APPROVED, Event.Kind.REJECTED, Event.Kind.WITHDRAWN, Event.Kind.EXPIRED)
TOLD_AGAIN_AFTER = timedelta(hours=1)
ASKING = (Kind.WAITING, Kind.EXPIRES_SOON, Kind.REMINDER, Kind.NOBODY)  # over with the decision


def rule_of(kind: str) -> Rule:
    return RULES[Notice.Kind(kind)] if kind in RULES else OTHERS[Notice.Kind(kind)]


def _people(kind: Notice.Kind, event: Event) -> list[Person]:
    """Whom an event concerns, as RULES says in words."""
    request, person = event.cancellation, event.person
    match kind:
        case Kind.WAITING if request:
            return present(deciders_of(request))
        case Kind.DECIDED if request:
            return [asker_of(request)]
        case Kind.WITHDRAWN if request:
            actors = request.events.exclude(actor=request.requester_id).values("actor")
            acted = Person.objects.filter(pk__in=actors, is_active=True).order_by("username")
            return list(acted) if request.submitted_at else []  # of a draft nobody knows
        case Kind.EXPIRED if request:
            return [asker_of(request), *deciders_of(request)]
        case Kind.OVER if request:
            return [one for one in (asker_of(request), request.decided_by) if one]
        case Kind.STUCK:
            return administrators_of(event.shop_id)
        case Kind.ACCESS if person:  # where nobody administers their accounts, whoever added them
            there = Person.objects.filter(groups__name=ADMINISTRATOR, shops__in=person.shops.all(), is_active=True)
            others = list(there.distinct()) or ([person.added_by] if person.added_by else [])
            concerned = person.machine.responsible if person.is_machine else person
            return [concerned, *others, *Person.objects.filter(is_superuser=True, is_active=True)]
    raise ValueError(f"{kind} tells nobody of event {event.pk}")


def tell(event: Event) -> None:
    """Writes who is to be told of the event; call it in the transaction of the event."""
    cancellation = event.cancellation
    if event.kind in DECIDING:
        over = Notice.objects.filter(cancellation=cancellation, kind__in=ASKING, read_at__isnull=True)
        over.update(read_at=event.at)
    for kind, rule in RULES.items():
        if event.kind in rule.events:
            people = [person for person in _people(kind, event) if person.pk != event.actor_id]
            write(kind, f"event {event.pk}", people, event=event, shop=event.shop, cancellation=cancellation)
            if kind == Kind.WAITING and cancellation and not people:
                tell_administrators(Kind.NOBODY, f"request {cancellation.pk}", cancellation.shop, cancellation)


def write(
    kind: Notice.Kind,
    key: str,
    people: Iterable[Person],
    *,
    event: Event | None = None,
    shop: Shop | None = None,
    cancellation: CancellationRequest | None = None,
    at: datetime | None = None,
    **about: Any,
) -> None:
    """Writes one notice for each of the people, and for each robot of the account; whoever was told is not told again.

    What is not urgent is kept for a moment, so that several become one message.
    """
    rule, at = rule_of(kind), at or timezone.now()
    due_at = at if rule.is_urgent else at + timedelta(seconds=settings.NOTICE_MERGE_SECONDS)
    common: dict[str, Any] = {"kind": kind, "key": key[:60], "at": at, "due_at": due_at, "about": about}
    common |= {"event": event, "shop": shop, "cancellation": cancellation}
    notices = [Notice(person=person, **common) for person in {person.pk: person for person in people}.values()]
    if rule.in_group and shop is not None:
        notices += [Notice(robot=robot, **common) for robot in GroupRobot.objects.filter(shop=shop, is_active=True)]
    if notices:
        Notice.objects.bulk_create(notices, ignore_conflicts=True)


def tell_administrators(
    kind: Notice.Kind, key: str, shop: Shop | None, cancellation: CancellationRequest | None = None, **about: Any
) -> None:
    write(kind, key, administrators_of(shop), shop=shop, cancellation=cancellation, **about)


def tell_of_export(export: Export) -> None:
    """The file is ready, or cannot be made; its person is told."""
    write(Kind.EXPORT, f"export {export.pk}", [export.person], state=str(export.state), orders=export.written)


def tell_of_fault(check: AuditCheck) -> None:
    """The audit trail is not in order: administrators and auditors are told, daily until it is."""
    auditors = Person.objects.filter(groups__name=AUDITOR, is_active=True)
    write(Kind.AUDIT, f"audit {check.pk}", [*administrators_of(None), *auditors], fault=str(check.fault))


def find_unsettled() -> None:
    """Tells who may settle of the requests with orders that only a person can settle, and again when more came.

    `orders` of the notices says of how many was told; it falls when orders are settled. A request whose orders fall one
    by one is told of once an hour at most.
    """
    now, notices = timezone.now(), Notice.objects.filter(kind=Kind.TO_SETTLE)
    lines = OrderLine.objects.for_people().order_by().values("cancellation")
    left = dict(lines.annotate(orders=Count("pk")).values_list("cancellation", "orders"))
    orders = Cast(KeyTextTransform("orders", "about"), IntegerField())
    most = notices.order_by().values("cancellation").annotate(most=Coalesce(Max(orders), 0))
    told = dict(most.values_list("cancellation", "most"))
    for pk in [pk for pk, number in told.items() if left.get(pk, 0) < number]:
        notices.filter(cancellation=pk).update(about={"orders": left.get(pk, 0)})
    notices.filter(cancellation__in=told.keys() - left.keys(), read_at__isnull=True).update(read_at=now)
    lately = notices.filter(at__gt=now - TOLD_AGAIN_AFTER).values("cancellation")
    more = CancellationRequest.objects.filter(pk__in=[pk for pk in left if left[pk] > told.get(pk, 0)])
    for cancellation in more.exclude(pk__in=lately).select_related("shop", "requester"):
        write(
            Kind.TO_SETTLE,
            f"request {cancellation.pk} {now:%Y%m%d%H}",
            present(deciders_of(cancellation)) or administrators_of(cancellation.shop_id),
            shop=cancellation.shop,
            cancellation=cancellation,
            orders=left[cancellation.pk],
        )


def find_silent_workers(silent_since: datetime) -> None:
    """Tells administrators of workers that have not shown themselves since then, and did not end in order."""
    for worker in Worker.objects.filter(beat_at__lt=silent_since):
        tell_administrators(Kind.WORKER, f"worker {worker.name}", None, host=worker.host)


def tell_of_no_worker(last_beat: datetime | None) -> None:
    """Tells administrators that no worker is alive, once for each day of it."""
    since = f"{timezone.localtime(last_beat):%Y-%m-%d %H:%M}" if last_beat else ""
    tell_administrators(Kind.WORKER, f"no worker {since} {timezone.localdate()}", None, since=since)
