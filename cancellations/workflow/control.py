"""What people do after the approval: stop and resume a request, settle what is unknown."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from cancellations.models import CancellationRequest, Event, OrderLine, Person
from cancellations.models.events import MAX_NOTE
from cancellations.workflow import permissions, publishing
from cancellations.workflow.errors import NoteMissing, NothingUnknown, StopNoteMissing, WorkflowError
from cancellations.workflow.transitions import check_possible, move
from cancellations.workflow.waking import wake_shop

Outcome, KnownBy = OrderLine.Outcome, OrderLine.KnownBy


@transaction.atomic
def stop(cancellation: CancellationRequest, *, by: Person, note: str) -> None:
    """Nothing further is sent; a call in flight finishes and is recorded.

    Raises NotAllowed, MovedOn, StopNoteMissing.
    """
    permissions.check_may_stop(by, cancellation)
    check_possible("stop", cancellation)
    if not note.strip():
        raise StopNoteMissing
    now = timezone.now()
    waiting = cancellation.lines.filter(outcome=OrderLine.Outcome.WAITING).count()
    move(
        cancellation,
        "stop",
        by=by,
        at=now,
        stopped_by=by,
        stopped_at=now,
        pause_reason="",
        pause_message="",
        note=note.strip()[:MAX_NOTE],
        data={"orders": cancellation.line_count, "not_sent": waiting},
    )


def stop_each(
    cancellations: Iterable[CancellationRequest], *, by: Person, note: str
) -> tuple[list[CancellationRequest], list[tuple[CancellationRequest, WorkflowError]]]:
    """Stops several, each by itself. Returns (what was stopped, [(what was not, why)]). Raises StopNoteMissing."""
    if not note.strip():
        raise StopNoteMissing
    stopped, left = [], []
    for cancellation in cancellations:
        try:
            stop(cancellation, by=by, note=note)
        except WorkflowError as error:
            left.append((cancellation, error))
        else:
            stopped.append(cancellation)
    return stopped, left


@transaction.atomic
def resume(cancellation: CancellationRequest, *, by: Person) -> None:
    """Sending goes on after what made it pause was mended. Raises NotAllowed, MovedOn."""
    permissions.check_may_resume(by, cancellation)
    move(
        cancellation,
        "resume",
        by=by,
        at=timezone.now(),
        pause_reason="",
        pause_message="",
    )
    wake_shop(cancellation.shop)


@transaction.atomic
def ask_again(cancellation: CancellationRequest, *, by: Person) -> int:
    """Has the ERP asked once more about the orders that it could not tell of; returns how many.

    Raises NotAllowed, NothingUnknown.
    """
    permissions.check_may_ask_again(by, cancellation)
    now = timezone.now()
    given_up = cancellation.lines.filter(outcome=Outcome.UNKNOWN, settle_at__isnull=True)
    asked = given_up.update(settle_at=now, settle_count=0, failed_asks=0)
    if not asked:
        raise NothingUnknown
    _tell(Event.Kind.ASKED_AGAIN, cancellation, by=by, at=now, orders=asked)
    wake_shop(cancellation.shop)
    return asked


@transaction.atomic
def decide_by_hand(
    cancellation: CancellationRequest, *, by: Person, lines: QuerySet[OrderLine], done: bool, note: str
) -> int:
    """A person has looked in the ERP and says what became of `lines` that only people can settle: done, or not.

    Returns how many these were. Raises NotAllowed, OwnRequest, NoteMissing, NothingUnknown.
    """
    permissions.check_may_decide_by_hand(by, cancellation)
    if not note.strip():
        raise NoteMissing
    now = timezone.now()
    open_lines = lines.filter(cancellation=cancellation, needs_person=True)
    order_nos = list(open_lines.order_by("position").values_list("order_no", flat=True))
    pks = list(open_lines.values_list("pk", flat=True))
    decided = (
        OrderLine.objects.for_people()
        .filter(pk__in=pks)
        .update(
            outcome=Outcome.DONE if done else Outcome.REFUSED,
            known_by=KnownBy.BY_HAND,
            outcome_at=now,
            why="",
            message=note.strip()[:500],
        )
    )
    if not decided:
        raise NothingUnknown
    event = _tell(
        Event.Kind.DECIDED_BY_HAND,
        cancellation,
        by=by,
        at=now,
        note=note.strip(),
        decided=decided,
        as_done=bool(done),
        order_nos=order_nos[:100],
    )
    publishing.publish_settled(event, OrderLine.objects.filter(pk__in=pks).order_by("position"), decided)
    wake_shop(cancellation.shop)  # the request may be finished now
    return decided


@transaction.atomic
def decide_each_by_hand(
    cancellation: CancellationRequest, *, by: Person, answers: Mapping[int, tuple[bool, str]]
) -> int:
    """The same for a whole table: {position: (done, note)}. What somebody else has settled meanwhile stays so.

    Returns how many these were. Raises NotAllowed, OwnRequest, NoteMissing, NothingUnknown.
    """
    alike: dict[tuple[bool, str], list[int]] = defaultdict(list)
    for position, answer in answers.items():
        alike[answer].append(position)
    decided = 0
    for (done, note), positions in alike.items():
        with suppress(NothingUnknown):
            lines = cancellation.lines.filter(position__in=positions)
            decided += decide_by_hand(cancellation, by=by, lines=lines, done=done, note=note)
    if not decided:
        raise NothingUnknown
    return decided


def _tell(
    kind: Event.Kind, cancellation: CancellationRequest, *, by: Person, at: datetime, note: str = "", **data: Any
) -> Event:
    return Event.write(kind, by=by, shop=cancellation.shop, cancellation=cancellation, at=at, note=note[:500], **data)
