"""Takes the notices that are due, as one message for each recipient, and writes down what the channel answered.

Several workers may do it at once, each with the notices that it has claimed; a robot's pace stands in the database.
What a channel had confirmed and was not written down when a process died is told again, under the same Message-ID.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cancellations.models import CancellationRequest, GroupRobot, Notice, Person
from cancellations.notices import claims, groups, mail
from cancellations.notices.verdict import State, Verdict
from cancellations.notices.wishes import wishes_of
from cancellations.workflow import permissions, telling

logger = logging.getLogger("cancellations.notices")
AT_ONCE = 200  # recipients of a look
MAX_MERGED = 20  # of one message; further ones follow in another
KEPT = timedelta(days=90)
GIVEN_UP_AFTER = timedelta(hours=24)
PAUSES = (60, 120, 300, 900, 3600)  # seconds; then every hour


def deliver_due(is_stopping: Callable[[], bool] = lambda: False) -> int:
    """Delivers what is due to everybody for whom something is; returns how many messages were sent.

    A process that is to stop ends with the message that is on its way.
    """
    now = timezone.now()
    turn = Q(robot__isnull=True) | Q(robot__next_at__isnull=True) | Q(robot__next_at__lte=now)
    due = claims.due(Notice.objects.filter(turn), now)
    sent = 0
    for person, robot in due.order_by().values_list("person", "robot").distinct()[:AT_ONCE]:
        if is_stopping():
            break
        if robot is not None and not groups.take_turn(robot):
            continue
        claimed = claims.claim(Notice.objects.filter(person=person, robot=robot), most=MAX_MERGED).order_by("pk")
        told_of = ("event__person", "shop", "cancellation__shop", "cancellation__requester")
        if notices := list(claimed.select_related(*told_of)):
            sent += _to_person(person, notices) if robot is None else _to_group(robot, notices)
    return sent


def _to_person(pk: int, notices: Sequence[Notice]) -> bool:
    person = Person.objects.get(pk=pk)
    wishes = wishes_of(person)
    stale, page_only, sent = [], [], []
    moment = timezone.now()
    for notice in notices:
        if not is_still_true(notice, person):
            stale.append(notice)
        elif not (mail.is_possible(person) and wishes.wants_mail(notice.kind)):
            page_only.append(notice)
        elif telling.rule_of(notice.kind).is_urgent or (awake_at := wishes.awake_at(moment, notice.shop)) <= moment:
            sent.append(notice)
        else:
            _put_off(notice, awake_at)
    _write(stale, Notice.State.STALE)
    _write(page_only, Notice.State.PAGE_ONLY)
    if rest := mail.seconds_of_rest():
        for notice in sent:
            _put_off(notice, timezone.now() + timedelta(seconds=rest))
        return False
    return bool(sent) and _settle(sent, mail.send(person, wishes, sent))


def is_still_true(notice: Notice, person: Person | None = None) -> bool:
    """Whether it may and need be said at this moment: rights and the request are asked anew at the delivery."""
    cancellation = notice.cancellation
    if person is not None and not person.is_active:
        return False
    if cancellation is None:
        return True
    if person is not None and not CancellationRequest.objects.for_user(person).filter(pk=cancellation.pk).exists():
        return False
    if notice.kind in telling.ASKING:
        if cancellation.status != CancellationRequest.Status.SUBMITTED:
            return False
        decides = notice.kind != Notice.Kind.NOBODY and person is not None
        return not decides or permissions.may(permissions.check_may_decide, person, cancellation)
    if notice.kind == Notice.Kind.TO_SETTLE:
        return cancellation.lines.for_people().exists()
    return True


def _to_group(pk: int, notices: Sequence[Notice]) -> bool:
    robot = GroupRobot.objects.select_related("shop").get(pk=pk)
    if not robot.is_active:
        _write(notices, Notice.State.STALE)
        return False
    true = [notice for notice in notices if is_still_true(notice)]
    _write([notice for notice in notices if notice not in true], Notice.State.STALE)
    if not true:
        return False
    verdict = groups.send(robot, true)
    groups.note_answer(robot, verdict)
    if verdict.state is State.OFF:
        # This address will never work: nobody asks it again until an administrator has mended it.
        now, own = timezone.now(), GroupRobot.objects.filter(pk=robot.pk, is_active=True)
        with transaction.atomic():
            if own.update(is_active=False, off_code=verdict.code[:32], off_at=now):
                telling.tell_administrators(
                    Notice.Kind.CHANNEL_OFF,
                    f"robot {robot.pk} {now:%Y%m%d%H%M%S}",
                    robot.shop,
                    robot=robot.name,
                    code=verdict.code,
                    meaning=verdict.meaning,
                )
                logger.warning(
                    "Robot %s of seller account %s was switched off: %s", robot.pk, robot.shop_id, verdict.code
                )
    return _settle(true, verdict)


def _settle(notices: Sequence[Notice], verdict: Verdict) -> bool:
    if verdict.state is State.SENT:
        _write(notices, Notice.State.SENT, code=verdict.code, sent_at=timezone.now())
        return True
    if verdict.state in (State.NEVER, State.OFF):
        _write(notices, Notice.State.REFUSED, code=verdict.code)
        return False
    now = timezone.now()
    for notice in notices:
        if now - notice.at > GIVEN_UP_AFTER:
            _write([notice], Notice.State.GIVEN_UP, code=verdict.code)
            logger.error("A notice was given up after a day: %s %s, %s", notice.kind, notice.pk, verdict.code)
            continue
        pause = max(verdict.wait, PAUSES[min(notice.attempts, len(PAUSES) - 1)])
        _put_off(notice, now + timedelta(seconds=pause), attempts=notice.attempts + 1, code=verdict.code[:32])
    return False


def _put_off(notice: Notice, due_at: datetime, **changes: object) -> None:
    own = Notice.objects.filter(pk=notice.pk, claimed_by=notice.claimed_by)
    own.update(due_at=due_at, claimed_until=None, claimed_by="", **changes)


def _write(notices: Sequence[Notice], state: Notice.State, *, code: str = "", sent_at: datetime | None = None) -> None:
    if notices:
        own = Notice.objects.filter(pk__in=[notice.pk for notice in notices], claimed_by=notices[0].claimed_by)
        own.update(state=state, code=code[:32], sent_at=sent_at, claimed_until=None)


def forget_old() -> int:
    """Removes notices after 90 days; returns how many."""
    return Notice.objects.filter(at__lt=timezone.now() - KEPT).exclude(state=Notice.State.DUE).delete()[0]
