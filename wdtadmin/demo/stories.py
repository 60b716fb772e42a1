"""What becomes of a request of the made history. A story does one thing after the other and yields how long it waits.

Every step is a verb of the application, and every call goes to the stand-in ERP: nothing is written past them.
"""

import uuid
from collections.abc import Generator, Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from cancellations.models import CancellationRequest, Forecast
from cancellations.workflow import clerk, control, drafts, editing, lookups, manager
from wdtadmin.demo.world import Case, World

CANCEL_BY_TYPE = "cancelByType"
HELD = timedelta(seconds=15)  # a little longer than the demo's APPROVAL_HOLD_SECONDS
AT_ONCE = timedelta(seconds=20)  # before a worker has come by
SOON = timedelta(minutes=2)
LONGEST = 40  # looks at a request that is sent


def minutes(world: World, least: float, most: float) -> timedelta:
    """Some time that a person takes."""
    return timedelta(seconds=world.random.randint(60 * least, 60 * most))


def drafted(world: World, case: Case) -> Iterator[Any]:
    """A draft that nobody has submitted yet."""
    request = world.draft(case)
    world.work(request.shop)
    yield SOON


def withdrawn(world: World, case: Case) -> Iterator[Any]:
    """The clerk thinks better of it."""
    request = world.draft(case)
    yield AT_ONCE
    world.submit(request)
    yield minutes(world, 20, 90)
    clerk.withdraw(request, by=request.requester)


def given_up(world: World, case: Case) -> Iterator[Any]:
    """Withdrawn as a draft."""
    request = world.draft(case)
    yield minutes(world, 3, 10)
    clerk.withdraw(request, by=request.requester)


def submitted(world: World, case: Case) -> Generator[Any, None, CancellationRequest]:
    """Nobody decides: it awaits a decision, and expires after some days. Returns the request."""
    request = world.draft(case)
    yield AT_ONCE
    world.submit(request)
    return request


def rejected(world: World, case: Case) -> Iterator[Any]:
    """The manager says no, and why."""
    request = yield from submitted(world, case)
    yield minutes(world, 10, 200)
    manager.reject(request, by=world.people[case.manager], seen_hash=request.content_hash, note=case.note)


def finished(world: World, case: Case) -> Iterator[Any]:
    """Approved, sent and verified; `mishap` is how the ERP answers its first call. Returns the request."""
    request = yield from submitted(world, case)
    yield minutes(world, 5, 240)
    return (yield from _approved_and_sent(world, case, request))


def looked_at_again(world: World, case: Case) -> Iterator[Any]:
    """The clerk leaves out what will be refused; the manager has the orders looked up once more before deciding."""
    request = world.draft(case)
    world.work(request.shop)
    yield minutes(world, 3, 9)
    hopeless = request.lines.filter(snapshot__verdict=Forecast.REFUSED)
    editing.drop(request, by=request.requester, lines=hopeless, why="refused")
    world.submit(request)
    yield minutes(world, 30, 300)
    lookups.look_again(request, by=world.people[case.manager])
    world.work(request.shop)
    yield minutes(world, 1, 5)
    yield from _approved_and_sent(world, case, request)


def contradicted(world: World, case: Case) -> Iterator[Any]:
    """The ERP claims to have cancelled two orders that it left as they were."""
    book = world.erp.api.book
    honest = book.operate

    def claims(operation, numbers, **how):
        return honest(operation, numbers[:-2], **how)

    request = yield from submitted(world, case)
    yield minutes(world, 5, 60)
    _approve(world, case, request)
    yield HELD
    with patch.object(book, "operate", claims):
        world.work(request.shop)
    yield from _worked_off(world, request)


def decided_by_hand(world: World, case: Case) -> Iterator[Any]:
    """Nobody could find out, not even when asked again; the manager looked in the ERP."""
    request = yield from finished(world, case)
    yield minutes(world, 30, 120)
    control.ask_again(request, by=request.requester)
    yield from _worked_off(world, request)
    yield minutes(world, 20, 60)
    unknown = world.unknown(request)
    control.decide_by_hand(request, by=world.people[case.manager], lines=unknown, done=True, note=case.note)


def stopped(world: World, case: Case) -> Iterator[Any]:
    """The ERP limits the calls after the first one; the clerk stops the rest. Returns the request."""
    request = yield from submitted(world, case)
    yield minutes(world, 5, 60)
    _approve(world, case, request)
    yield HELD
    world.erp.misbehave("rate", method=CANCEL_BY_TYPE, skip=1)
    world.work(request.shop)
    yield timedelta(seconds=20)
    request.refresh_from_db()
    control.stop(request, by=request.requester, note="供应商说能提前发货，先停下")
    yield from _worked_off(world, request)
    return request


def stopped_and_copied(world: World, case: Case) -> Iterator[Any]:
    """What was not sent goes into a second request."""
    request = yield from stopped(world, case)
    yield minutes(world, 60, 180)
    copy = drafts.copy(request, by=request.requester, token=uuid.UUID(int=world.random.getrandbits(128)))
    yield AT_ONCE
    world.submit(copy)
    yield minutes(world, 10, 60)
    yield from _approved_and_sent(world, case, copy)


def stopped_in_time(world: World, case: Case) -> Iterator[Any]:
    """The manager approved in haste, and stops it before the first call."""
    request = yield from submitted(world, case)
    yield minutes(world, 2, 5)
    _approve(world, case, request)
    yield timedelta(seconds=6)
    control.stop(request, by=world.people[case.manager], note="批错了，先核对")


def paused(world: World, case: Case) -> Iterator[Any]:
    """The account cannot be used, and nobody has mended that yet. Returns the request."""
    request = yield from submitted(world, case)
    yield minutes(world, 5, 60)
    _approve(world, case, request)
    yield HELD
    world.erp.misbehave(case.mishap, method=CANCEL_BY_TYPE)
    world.work(request.shop)
    request.refresh_from_db()
    return request


def paused_and_resumed(world: World, case: Case) -> Iterator[Any]:
    """The administrator mends it."""
    request = yield from paused(world, case)
    yield minutes(world, 30, 90)
    control.resume(request, by=world.people["admin"])
    yield from _worked_off(world, request)


def _approved_and_sent(world, case, request):
    _approve(world, case, request)
    yield HELD
    if case.mishap:
        world.erp.misbehave(case.mishap, method=CANCEL_BY_TYPE)
    yield from _worked_off(world, request)
    return request


def _approve(world, case, request):
    manager.approve(request, by=world.people[case.manager], seen_hash=request.content_hash, note=case.note)


def _worked_off(world, request):
    """Workers send it and ask about its orders until nothing is left to do."""
    for _ in range(LONGEST):
        world.work(request.shop)
        if not world.is_busy(request):
            return
        yield SOON
    raise RuntimeError(f"{request} did not come to its end.")
