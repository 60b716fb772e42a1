"""What a clerk does beside drafting: bring a file, submit, withdraw, restore."""

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from cancellations.models import CancellationRequest, Event, Lookup, Notice, OrderLine, Person, Shop, Upload
from cancellations.models.lines import OrderLineQuerySet
from cancellations.workflow import lookups, machines, permissions, telling, working_days
from cancellations.workflow.drafts import check_shop_usable
from cancellations.workflow.errors import MovedOn, NotADiscardedDraft, OrdersOpenElsewhere, RemindedLately
from cancellations.workflow.transitions import check_possible, move

Outcome = OrderLine.Outcome
FILES_KEPT = 5  # of a person
REMIND_AFTER = timedelta(hours=1)


@transaction.atomic
def bring_file(*, by: Person, name: str, content: bytes) -> Upload:
    """Keeps a file until a draft is made of it, of each person the latest few; returns it. Raises NotAllowed."""
    permissions.check_may_bring_files(by)
    upload = Upload.objects.create(person=by, name=name[-200:], content=content, brought_at=timezone.now())
    mine = Upload.objects.filter(person=by).order_by("-brought_at")
    Upload.objects.filter(pk__in=list(mine.values_list("pk", flat=True)[FILES_KEPT:])).delete()
    return upload


@transaction.atomic
def submit(cancellation: CancellationRequest, *, by: Person) -> None:
    """Hands the draft to the managers; from here on its orders are taken, and its deadline stands.

    Raises NotAllowed, MovedOn, ShopInactive, NoCredential, OrdersOpenElsewhere, and of a machine AmountNotKnown and
    DailyAmountUsedUp.
    """
    permissions.check_may_submit(by, cancellation)
    check_possible("submit", cancellation)
    check_shop_usable(cancellation.shop)
    if by.is_machine:
        machines.check_amount(by.machine, cancellation)
    # One submission of a shop at a time: two lists with the same orders, sorted differently, would deadlock.
    Shop.objects.select_for_update(no_key=True).get(pk=cancellation.shop_id)
    now = timezone.now()
    expires_at = working_days.add_working_days(now, settings.SUBMITTED_EXPIRES_AFTER_WORKING_DAYS)
    move(
        cancellation,
        "submit",
        by=by,
        at=now,
        submitted_at=now,
        expires_at=expires_at,
        data={
            "orders": cancellation.line_count,
            "content_hash": cancellation.content_hash,
            "reason_hash": cancellation.reason_hash,
            "expires_at": expires_at.isoformat(),
        },
    )
    _check_not_open_elsewhere(cancellation)
    try:
        with transaction.atomic():
            cancellation.lines.filter(outcome=Outcome.LISTED).update(outcome=Outcome.WAITING)
    except IntegrityError:  # another request was submitted at the same moment
        _check_not_open_elsewhere(cancellation)
        raise
    lookups.begin(cancellation, Lookup.Occasion.SUBMITTED, at=now)


def _check_not_open_elsewhere(cancellation: CancellationRequest) -> None:
    """An order that is waiting, being sent or not settled yet must not be asked for a second time."""
    elsewhere = list(taken_elsewhere(cancellation).values_list("order_no", "cancellation__number"))
    if elsewhere:
        examples = ", ".join(f"{order_no} ({number})" for order_no, number in elsewhere[:5])
        raise OrdersOpenElsewhere(
            count=len(elsewhere), examples=examples + (" …" if len(elsewhere) > 5 else ""), orders=elsewhere
        )


def taken_elsewhere(cancellation: CancellationRequest) -> QuerySet[OrderLine]:
    """The lines of other requests that keep orders of this one from being asked for now."""
    return _same_orders_elsewhere(cancellation).taken()


def done_before(cancellation: CancellationRequest) -> QuerySet[OrderLine]:
    """The lines of other requests that carried orders of this one out already, or for which nobody could find out."""
    return _same_orders_elsewhere(cancellation).perhaps_done()


def _same_orders_elsewhere(cancellation: CancellationRequest) -> OrderLineQuerySet:
    same = OrderLine.objects.of_operation(cancellation.shop_id, cancellation.operation)
    return same.like(cancellation.lines.all()).exclude(cancellation=cancellation)


@transaction.atomic
def withdraw(cancellation: CancellationRequest, *, by: Person) -> None:
    """Takes back what nobody has decided on yet. Raises NotAllowed, MovedOn."""
    permissions.check_may_withdraw(by, cancellation)
    move(cancellation, "withdraw", by=by, at=timezone.now())


@transaction.atomic
def restore(cancellation: CancellationRequest, *, by: Person) -> None:
    """Takes back that a draft was discarded. Raises NotAllowed, MovedOn, NotADiscardedDraft."""
    permissions.check_may_withdraw(by, cancellation)
    check_possible("restore", cancellation)
    if cancellation.submitted_at:
        raise NotADiscardedDraft
    move(cancellation, "restore", by=by, at=timezone.now(), ended_at=None)
    cancellation.lines.update(outcome=Outcome.LISTED, outcome_at=None)
    lookups.go_on_with_what_is_new(cancellation)


@transaction.atomic
def remind(cancellation: CancellationRequest, *, by: Person) -> list[Person]:
    """Asks those who may decide once more, at most once an hour; returns whom.

    Where nobody is here the administrators are told.

    Raises NotAllowed, MovedOn, RemindedLately.
    """
    permissions.check_may_submit(by, cancellation)
    if cancellation.status != CancellationRequest.Status.SUBMITTED:
        raise MovedOn(status=cancellation.get_status_display())
    now = timezone.now()
    lately = cancellation.events.filter(kind=Event.Kind.REMINDED, at__gt=now - REMIND_AFTER).last()
    if lately:
        raise RemindedLately(when=f"{timezone.localtime(lately.at):%H:%M}")
    people = telling.present(telling.deciders_of(cancellation))
    if not people:
        telling.tell_administrators(Notice.Kind.NOBODY, f"request {cancellation.pk}", cancellation.shop, cancellation)
    event = Event.write(
        Event.Kind.REMINDED, by=by, shop=cancellation.shop, cancellation=cancellation, at=now, people=len(people)
    )
    key = f"event {event.pk}"
    telling.write(Notice.Kind.REMINDER, key, people, event=event, shop=cancellation.shop, cancellation=cancellation)
    return people
