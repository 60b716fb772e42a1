"""One slice of work of one account: what a task runs.

The tables hold the truth: a slice may be lost or run twice, and nothing is.
"""

import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from cancellations import sending
from cancellations.models import (
    AccountProblem,
    ApiCall,
    CancellationRequest,
    Credential,
    Lookup,
    OrderLine,
    RestoredCopy,
    Shop,
)
from cancellations.sending import calls, lease, pace, problems
from cancellations.sending.hours import may_be_sent_now
from cancellations.sending.lookup import due_lookups, end_all, look_up_next
from cancellations.sending.send import send_next
from cancellations.sending.settle import due_lines, settle_next
from cancellations.wdt.client import Client
from cancellations.workflow import machine, manager
from cancellations.workflow.errors import MovedOn
from cancellations.workflow.waking import wake_account

Outcome = OrderLine.Outcome
WAKE_LASTS = timedelta(seconds=15)  # a wake-up that did nothing until then is taken for lost


def run_account(credential_id: int, *, worker: str = "") -> None:
    """Works for one account until nothing is due, at most SLICE_SECONDS, and wakes the next slice if something is.

    Returns at once if another sender holds the account. `worker` is the name of the process that works.
    """
    credential = lease.take(credential_id, worker=worker)
    if credential is None:
        return
    try:
        calls.take_over(credential)
        _work(credential)
    except lease.LeaseLost:
        return
    except BaseException:
        lease.release(credential)  # no wake-up: the sweep tries again, at its own pace
        raise
    calls.retry_until_recorded(_hand_over, credential)


@transaction.atomic
def _hand_over(credential: Credential) -> None:
    """Releasing and waking the next slice are one transaction: work is never left without either."""
    lease.release(credential)
    credential.refresh_from_db(fields=["next_call_at"])
    due = credential.next_call_at is None or credential.next_call_at <= timezone.now() + timedelta(seconds=2)
    if due and has_work(credential):
        wake_account(credential.pk)


def _work(credential: Credential) -> None:
    """Works while something is due. If the account cannot be used, requests pause and look-ups end with the reason."""
    if not credential.is_active:
        return  # another credential may have taken its place; the sweep pauses what has none
    problem = problems.before_any_call(credential) if credential.shop.is_active else AccountProblem.NO_CREDENTIAL
    if problem:
        pause_all(sendable(credential.shop), problem)
        end_all(due_lookups(credential.shop), problem)
        return
    end = time.monotonic() + settings.SLICE_SECONDS
    checked: set[int] = set()  # requests whose list is the approved one
    with calls.open_client(credential) as client:
        while time.monotonic() < end and not sending.stopping.is_set():
            step = _next_step(credential, client, checked)
            if step is None or not pace.wait_for_turn(credential):
                return
            step()


def _next_step(credential: Credential, client: Client, checked: set[int]) -> Callable[[], None] | None:
    """What to do next: settle what is unknown, send, verify, look up, ask one by one; None if nothing is due.

    Nothing if somebody has paused the account, retired the credential or switched the shop off in the meantime. In a
    restored database only what is known to be sent is asked about.
    """
    going = Credential.objects.filter(
        pk=credential.pk, is_active=True, shop__is_active=True, shop__paused_at__isnull=True
    )
    held = going.values_list(Exists(RestoredCopy.objects.unconfirmed()), flat=True).first()
    if held is None:
        return None
    due, settle = due_lines(credential.shop), partial(settle_next, credential, client)
    if due.filter(outcome=Outcome.UNKNOWN).exists():
        return partial(settle, outcomes=[Outcome.UNKNOWN])
    for cancellation in sendable(credential.shop):
        if not cancellation.has_waiting:
            finish_if_complete(cancellation)
        elif held or not may_be_sent_now(cancellation):
            continue
        elif cancellation.pk not in checked and (reason := manager.not_as_approved(cancellation)):
            pause_all([cancellation], reason)
        else:
            checked.add(cancellation.pk)
            return partial(send_next, credential, client, cancellation)
    if due.filter(settle_count=0).exists():
        return partial(settle, outcomes=[Outcome.DONE, Outcome.REFUSED])
    if not held and (lookup := due_lookups(credential.shop).first()):  # a manager waits for it
        return partial(look_up_next, credential, client, lookup)
    return partial(settle, outcomes=[Outcome.DONE, Outcome.REFUSED]) if due.exists() else None


def sendable(shop: Shop) -> QuerySet[CancellationRequest, Any]:
    """The shop's requests that may be sent, the first approved first, each with `has_waiting`."""
    waiting = OrderLine.objects.filter(cancellation=OuterRef("pk"), outcome=Outcome.WAITING)
    requests = shop.cancellations.filter(status__in=CancellationRequest.SENDABLE)
    return requests.annotate(has_waiting=Exists(waiting)).select_related("shop").order_by("decided_at", "pk")


def finish_if_complete(cancellation: CancellationRequest) -> bool:
    """Finishes the request if every order has its outcome and nothing is left to ask."""
    if unfinished(cancellation).exists():
        return False
    counts = dict(cancellation.lines.order_by().values_list("outcome").annotate(Count("pk")))
    try:
        if cancellation.status == CancellationRequest.Status.APPROVED:
            machine.start(cancellation)
        machine.finish(cancellation, **counts)
    except MovedOn:  # somebody stopped it at this very moment
        return False
    return True


def unfinished(cancellation: CancellationRequest) -> QuerySet[OrderLine]:
    return cancellation.lines.filter(outcome__in=OrderLine.OPEN) | cancellation.lines.filter(settle_at__isnull=False)


def pause_all(cancellations: Iterable[CancellationRequest], reason: str) -> None:
    for cancellation in cancellations:
        try:
            machine.pause(cancellation, reason=reason)
        except MovedOn:  # stopped in the meantime, which is as good
            continue


def has_work(credential: Credential) -> bool:
    """Whether anything of the account is due: a call without a sender, an order to send or to ask about."""
    shop = credential.shop
    if ApiCall.objects.filter(credential=credential, state=ApiCall.State.IN_FLIGHT).exists():
        return True
    if not (credential.is_active and shop.is_active) or is_paused(shop):
        return False
    held = RestoredCopy.objects.unconfirmed().exists()
    if due_lines(shop).exists() or (not held and due_lookups(shop).exists()):
        return True
    return any(
        not held and may_be_sent_now(cancellation)
        if cancellation.has_waiting
        else not unfinished(cancellation).exists()
        for cancellation in sendable(shop)
    )


def is_paused(shop: Shop) -> bool:
    """Whether an administrator has paused the account, as the database knows it now."""
    return Shop.objects.filter(pk=shop.pk, paused_at__isnull=False).exists()


def sweep() -> None:
    """Finds work that nobody does and wakes its account; gives up what cannot be done for want of a credential."""
    usable = Shop.objects.filter(is_active=True, credentials__is_active=True)
    requests = CancellationRequest.objects.filter(status__in=CancellationRequest.SENDABLE).exclude(shop__in=usable)
    pause_all(requests.select_related("shop"), AccountProblem.NO_CREDENTIAL)
    end_all(Lookup.objects.filter(ended_at__isnull=True).exclude(shop__in=usable), AccountProblem.NO_CREDENTIAL)
    now = timezone.now()
    asleep = Credential.objects.filter(lease.free()).exclude(next_call_at__gt=now)
    for credential in asleep.exclude(woken_at__gt=now - WAKE_LASTS).select_related("shop"):
        if not has_work(credential):
            continue
        # One wake-up at a time, however many workers sweep; none if somebody has begun in the meantime.
        same = Credential.objects.filter(lease.free(), pk=credential.pk, woken_at=credential.woken_at)
        with transaction.atomic():
            if same.update(woken_at=timezone.now()):
                wake_account(credential.pk)
