"""Finds out from the ERP what became of orders: by a window of time first, then by number.

A look is a read, so it may be repeated. What it shows settles a line only where it proves something: 'cancelled'
proves at once; 'not cancelled' proves nothing as long as the call could still be carried out.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Min, QuerySet
from django.utils import timezone

from cancellations.models import (
    AccountProblem,
    ApiCall,
    CancellationRequest,
    Credential,
    Event,
    Operation,
    OrderLine,
    Shop,
)
from cancellations.sending import calls, lease, pace, problems
from cancellations.wdt.client import QUERY_WITH_DETAIL, Client, Page, body_of
from cancellations.wdt.errors import State
from cancellations.wdt.orders import ErpOrder, OrdersPage, read_orders
from cancellations.wdt.values import erp_time
from cancellations.workflow import machine

Outcome, KnownBy, Why = OrderLine.Outcome, OrderLine.KnownBy, OrderLine.Why

Window = tuple[datetime, datetime]  # of the ERP's times of modification
PAGE_SIZE = 100
LINES_AT_ONCE = 2000  # so that a window has some twenty pages and fits into a slice
MARGIN = timedelta(minutes=5)  # the ERP's clock may differ from ours
LONGEST_WINDOW = timedelta(days=30)
MAX_LOOKS = 4  # for an order that the ERP does not show
# Which orders a window is asked for: cancelled is status 10; stop waiting leaves stockin_status 3 (an inference).
WINDOW_FILTERS: dict[int, dict[str, Any]] = {
    Operation.CANCEL: {"status": "10"},
    Operation.STOP_WAITING: {"stockin_status": 3},
}


def due_lines(shop: Shop) -> QuerySet[OrderLine]:
    """The lines that the ERP is to be asked about now."""
    return OrderLine.objects.filter(shop=shop, settle_at__lte=timezone.now()).exclude(
        cancellation__status=CancellationRequest.Status.PAUSED
    )


def settle_next(credential: Credential, client: Client, *, outcomes: list[OrderLine.Outcome]) -> None:
    """Asks about the oldest due lines of one request among `outcomes`. Raises lease.LeaseLost."""
    due = due_lines(credential.shop).filter(outcome__in=outcomes)
    first = due.order_by("settle_count", "settle_at", "pk").select_related("cancellation__shop").first()
    if first is None:
        return
    cancellation = first.cancellation
    batch = due.filter(cancellation=cancellation, settle_count=0).order_by("pk")[:LINES_AT_ONCE]
    window = _window(batch) if cancellation.operation in WINDOW_FILTERS else None
    if window:
        _ask_window(credential, client, cancellation, [line.pk for line in batch], window)
    elif oldest := due.filter(cancellation=cancellation).order_by("settle_at", "pk").first():
        body = body_of({"purchase_no": oldest.order_no})
        found = _ask(credential, client, cancellation, body, Page(0, 1, count=True), [oldest.pk])
        if found is not None and all(order.order_no != oldest.order_no for order in found.orders):
            calls.retry_until_recorded(_not_visible, oldest)


def _window(batch: Iterable[OrderLine]) -> Window | None:
    """(start, end) of the calls that carried the lines, or None if nothing is new or it is too long ago."""
    span = OrderLine.objects.filter(pk__in=[line.pk for line in batch]).aggregate(
        start=Min("sent_in__started_at"), end=Max("sent_in__finished_at")
    )
    if not span["start"]:
        return None
    start, end = span["start"] - MARGIN, (span["end"] or timezone.now()) + MARGIN
    return (start, end) if end - start < LONGEST_WINDOW else None


def _ask_window(
    credential: Credential, client: Client, cancellation: CancellationRequest, line_pks: list[int], window: Window
) -> None:
    """Every order that changed in the window, from the last page to the first (reference section 4)."""
    body = body_of(
        {"start_time": erp_time(window[0]), "end_time": erp_time(window[1])} | WINDOW_FILTERS[cancellation.operation]
    )
    first = _ask(credential, client, cancellation, body, Page(0, PAGE_SIZE, count=True), line_pks)
    if first is None:
        return
    pages = -(-(first.total or 0) // PAGE_SIZE)
    # Rows move to the front while we read: the first page is read again at the end. More pages than lines: no use.
    for number in range(pages - 1, -1, -1) if 1 < pages <= len(line_pks) else ():
        turn = pace.wait_for_turn(credential)
        if not turn or not _ask(credential, client, cancellation, body, Page(number, PAGE_SIZE, False), line_pks):
            return
    # What the window did not show is asked by number: an answer that sounds like success is not the ERP's record.
    OrderLine.objects.filter(pk__in=line_pks, settle_at__isnull=False).update(settle_count=1)


def _ask(
    credential: Credential,
    client: Client,
    cancellation: CancellationRequest,
    body: str,
    page: Page,
    line_pks: list[int],
) -> OrdersPage | None:
    """Makes one query and settles what it proves; returns the page, or None if nothing was learned."""
    [call] = calls.write_ahead(
        credential,
        purpose=ApiCall.Purpose.SETTLE,
        method=QUERY_WITH_DETAIL,
        bodies=[body],
        cancellation=cancellation,
        page=page,
    )
    made = calls.make(client, call, page)
    found = read_orders(made.answer.data) if made.answer.state is State.ANSWERED else None
    calls.retry_until_recorded(_record, credential, cancellation, call, made, found, line_pks)
    return found


@transaction.atomic
def _record(
    credential: Credential,
    cancellation: CancellationRequest,
    call: ApiCall,
    made: calls.Exchange,
    found: OrdersPage | None,
    line_pks: list[int],
) -> None:
    answer, asked = made.answer, OrderLine.objects.filter(pk__in=line_pks, settle_at__isnull=False)
    calls.finish(call, answer)
    if found is not None:
        _settle(cancellation, call, found)
    elif answer.state is State.ANSWERED:
        asked.update(settle_at=timezone.now() + timedelta(seconds=pace.LONGEST_BACKOFF))
    changes, park = pace.after(credential, *made)
    if problems.in_answer(answer) is AccountProblem.PERMISSION:
        asked.update(settle_at=None, why=Why.MAY_NOT_ASK)
    elif problem := problems.that_pauses(answer, waited_in_vain=park):
        cancellation.refresh_from_db()
        if cancellation.status in CancellationRequest.SENDABLE:
            machine.pause(cancellation, reason=problem, message=answer.message)
        else:
            asked.update(settle_at=timezone.now() + timedelta(seconds=2 * pace.LONGEST_BACKOFF))
    lease.renew(credential, **changes)


def _settle(cancellation: CancellationRequest, call: ApiCall, found: OrdersPage) -> None:
    """Settles what the page shows of the request, also of lines that were not asked for: windows overlap."""
    by_number = {order.order_no: order for order in found.orders}
    waiting = cancellation.lines.filter(settle_at__isnull=False, order_no__in=by_number)
    lines = waiting.select_related("sent_in")
    settled = [line for line in lines if _conclude(line, by_number[line.order_no], call)]
    if settled:
        Event.write(
            Event.Kind.SETTLED,
            by=None,
            shop=cancellation.shop,
            cancellation=cancellation,
            at=call.finished_at or timezone.now(),
            call=call.pk,
            done=sum(line.outcome == Outcome.DONE for line in settled),
            refused=sum(line.outcome == Outcome.REFUSED for line in settled),
        )


def _conclude(line: OrderLine, order: ErpOrder, call: ApiCall) -> bool:
    """Draws the conclusion for one line; True if it is settled now."""
    effect = _effect(line.operation, order)
    if effect is False and timezone.now() < (conclusive := _conclusive_from(line)):
        line.settle_at = conclusive
        line.save(update_fields=["settle_at"])
        return False
    line.settle_at, line.settled_in = None, call
    was_unknown = line.outcome == Outcome.UNKNOWN
    if effect is None:
        line.why = Why.NOT_PROVABLE if was_unknown else line.why
    else:
        line.outcome = Outcome.DONE if effect else Outcome.REFUSED
        line.known_by, line.outcome_at = KnownBy.VERIFIED, timezone.now()
        if effect:
            line.why, line.message = "", "" if was_unknown else line.message
        else:
            line.why = Why.NOT_CARRIED_OUT if was_unknown else Why.CONTRADICTED
    line.save()
    return effect is not None


def _effect(operation: int, order: ErpOrder) -> bool | None:
    """Whether the ERP shows the operation's effect: True, False, or None where it tells nothing."""
    if operation == Operation.CANCEL and order.status is not None:
        return order.status == 10
    if operation == Operation.STOP_WAITING and order.stockin_status == 3:
        return True
    return None


def _conclusive_from(line: OrderLine) -> datetime:
    """From when on 'no effect' proves that the call was not carried out: no ERP takes it that late."""
    if line.sent_in is None:
        return timezone.now()
    ended = line.sent_in.finished_at or line.sent_in.started_at
    return ended + timedelta(seconds=settings.SETTLE_GRACE_SECONDS)


@transaction.atomic
def _not_visible(line: OrderLine) -> None:
    """'Not found' is not 'does not exist': the app key's employee may not see it. Asked again a few times."""
    count = line.settle_count + 1
    again = count <= MAX_LOOKS and line.outcome == Outcome.UNKNOWN
    OrderLine.objects.filter(pk=line.pk).update(
        settle_count=count,
        why=Why.NOT_VISIBLE if line.outcome == Outcome.UNKNOWN else line.why,
        settle_at=timezone.now() + timedelta(seconds=30 * 2**count) if again else None,
    )
