"""Finds out from the ERP what became of orders: by a window of time first, then by number.

A look is a read, so it may be repeated. What it shows settles a line only where it proves something: 'cancelled'
proves at once; 'not cancelled' proves nothing as long as the call could still be carried out. What the ERP called
refused is a claim like any other: one window without a filter shows every order that changed during the run.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Min, Q, QuerySet
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
from cancellations.wdt.answers import same
from cancellations.wdt.client import QUERY_WITH_DETAIL, Client, Page, body_of
from cancellations.wdt.errors import State
from cancellations.wdt.orders import ErpOrder, OrdersPage, read_orders
from cancellations.wdt.values import erp_time
from cancellations.workflow import machine, publishing

Outcome, KnownBy, Why = OrderLine.Outcome, OrderLine.KnownBy, OrderLine.Why

Window = tuple[datetime, datetime]  # of the ERP's times of modification
PAGE_SIZE = 100
MARGIN = timedelta(minutes=10)  # the ERP's clocks differ from ours, and by 314 s from each other (reference section 8)
LONGEST_WINDOW = timedelta(days=30)
MAX_LOOKS = 4  # for an order that the ERP does not show
MAX_REFUSED_BY_NUMBER = 50  # of a request; where too much else changed for a window, further ones stay as reported
# Seconds until the next query after one without a usable answer; after the last one nobody asks any more.
PATIENCE = (5, 15, 60, 300, 1_800, 7_200, 14_400)
CANCELLED, EDITING, UNCHECKED_FROM = 10, 20, (30, 35, 40)  # codes of reference section 4
SAYS_CANCELLED = "已取消"
STOPPED = 3  # the stockin_status that stopping to wait leaves: an inference
# Where too many orders changed in a window, only those that show the operation's effect are asked for.
WINDOW_FILTERS: dict[int, dict[str, Any]] = {
    Operation.CANCEL: {"status": str(CANCELLED)},
    Operation.STOP_WAITING: {"stockin_status": STOPPED},
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
    due = due.filter(cancellation=cancellation)
    fresh = due.filter(settle_count=0)
    # The window of the calls that carried the fresh lines, unless it is too long ago.
    span = fresh.order_by().aggregate(start=Min("sent_in__started_at"), end=Max("sent_in__finished_at"))
    start, end = span["start"], span["end"] or timezone.now()
    if cancellation.operation in WINDOW_FILTERS and start and end - start + 2 * MARGIN < LONGEST_WINDOW:
        _ask_window(credential, client, cancellation, fresh, (start - MARGIN, end + MARGIN))
    elif fresh.filter(outcome=Outcome.REFUSED).count() > MAX_REFUSED_BY_NUMBER:
        calls.retry_until_recorded(_after_window, list(fresh.values_list("pk", flat=True)), False)
    elif oldest := due.order_by("settle_at", "pk").first():
        body = body_of({"purchase_no": oldest.order_no})
        found = _ask(credential, client, cancellation, body, Page(0, 1, count=True), [oldest.pk])
        if found is None or any(same(order.order_no) == same(oldest.order_no) for order in found.orders):
            return
        # 'Not found' is not 'does not exist': the app key's employee may not see it. Asked again a few times.
        count, is_unknown = oldest.settle_count + 1, oldest.outcome == Outcome.UNKNOWN
        again = timezone.now() + timedelta(seconds=30 * 2**count) if is_unknown and count <= MAX_LOOKS else None
        why = Why.NOT_VISIBLE if is_unknown else oldest.why
        write = OrderLine.objects.filter(pk=oldest.pk).update
        calls.retry_until_recorded(partial(write, settle_count=count, why=why, settle_at=again))


def _ask_window(
    credential: Credential,
    client: Client,
    cancellation: CancellationRequest,
    lines: QuerySet[OrderLine],
    window: Window,
) -> None:
    """Every order that changed in the window, from the last page to the first (reference section 4)."""
    line_pks = list(lines.values_list("pk", flat=True))
    times = {"start_time": erp_time(window[0]), "end_time": erp_time(window[1])}
    # More pages than lines are of no use; for many lines, twice as many as these lines themselves may fill.
    most_pages = min(len(line_pks), 20 + 2 * (len(line_pks) // PAGE_SIZE))
    for filters in ({}, WINDOW_FILTERS[cancellation.operation]):
        body = body_of(times | filters)
        first = _ask(credential, client, cancellation, body, Page(0, PAGE_SIZE, count=True), line_pks)
        if first is None:
            return
        pages = -(-(first.total or 0) // PAGE_SIZE)
        is_counted = first.total is not None or len(first.orders) < PAGE_SIZE
        if pages <= max(most_pages, 1):
            break
    # Rows move to the front while we read: the first page is read again at the end.
    for number in range(pages - 1, -1, -1) if 1 < pages <= most_pages else ():
        turn = pace.wait_for_turn(credential)
        if not turn or not _ask(credential, client, cancellation, body, Page(number, PAGE_SIZE, False), line_pks):
            return
    is_whole = is_counted and not filters and pages <= max(most_pages, 1)
    calls.retry_until_recorded(_after_window, line_pks, is_whole)


@transaction.atomic
def _after_window(line_pks: list[int], is_whole: bool) -> None:
    """What a whole window did not show has not changed: that proves a refusal, unless the order cannot be seen at all.

    A window without an order that we cancelled is not whole, whatever it claims. Everything else is asked by number:
    an answer that sounds like success is not the ERP's record.
    """
    left = OrderLine.objects.filter(pk__in=line_pks, settle_at__isnull=False)
    refused = left.filter(outcome=Outcome.REFUSED)
    if is_whole and not left.filter(outcome=Outcome.DONE).exists():
        shows_ours = OrderLine.objects.filter(pk__in=line_pks, settled_in__isnull=False).exists()
        is_unseen = Q(snapshot__found=False) if shows_ours else ~Q(snapshot__found=True)
        unseen = list(refused.filter(is_unseen).values_list("pk", flat=True))
        shown_before = Q(operation=Operation.CANCEL, snapshot__status=CANCELLED) | Q(message__contains=SAYS_CANCELLED)
        shown_before |= Q(operation=Operation.STOP_WAITING, snapshot__stockin_status=STOPPED)
        already = list(refused.filter(shown_before).values_list("pk", flat=True))
        left.filter(pk__in=already).update(why=Why.ALREADY)
        refused.exclude(pk__in=unseen).update(settle_at=None, known_by=KnownBy.VERIFIED)
        left.filter(pk__in=unseen).update(settle_at=None)
    elif refused.count() > MAX_REFUSED_BY_NUMBER:
        refused.update(settle_at=None)
    left.update(settle_count=1)


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
    changes, park = pace.after(credential, *made)
    if found is not None:
        _settle(cancellation, call, found)
    elif problems.in_answer(answer) is AccountProblem.PERMISSION:
        _give_up(asked, Why.MAY_NOT_ASK)
    else:
        # Nothing was learned of these lines: they are asked about again, ever later, and at last no more.
        now = timezone.now()
        _give_up(asked.filter(failed_asks__gte=len(PATIENCE)), Why.ASKED_IN_VAIN)
        for count, seconds in enumerate(PATIENCE):
            same_count = asked.filter(failed_asks=count, settle_at__lte=now)
            same_count.update(settle_at=now + timedelta(seconds=seconds), failed_asks=count + 1)
        problem = problems.that_pauses(answer, waited_in_vain=park)
        cancellation.refresh_from_db()
        if problem and cancellation.status in CancellationRequest.SENDABLE:
            machine.pause(cancellation, reason=problem, message=answer.message)
    lease.renew(credential, **changes)


def _give_up(asked: QuerySet[OrderLine], why: OrderLine.Why) -> None:
    """Nobody asks any more. What was reported stays reported; what is unknown says why it is open."""
    unknown = list(asked.filter(outcome=Outcome.UNKNOWN).values_list("pk", flat=True))
    asked.exclude(pk__in=unknown).update(settle_at=None)
    OrderLine.objects.filter(pk__in=unknown).update(settle_at=None, why=why)


def _settle(cancellation: CancellationRequest, call: ApiCall, found: OrdersPage) -> None:
    """Settles what the page shows of the request, also of lines that were not asked for: windows overlap."""
    by_number = {same(order.order_no): order for order in found.orders}
    waiting = cancellation.lines.filter(settle_at__isnull=False)
    lines = waiting.numbered(order.order_no for order in found.orders)
    settled, changed = [], []
    for line in lines.select_related("sent_in", "snapshot"):
        was = line.outcome
        if same(line.order_no) in by_number and _conclude(line, by_number[same(line.order_no)], call):
            settled.append(line)
            changed += [line] if line.outcome != was else []
    if settled:
        event = Event.write(
            Event.Kind.SETTLED,
            by=None,
            shop=cancellation.shop,
            cancellation=cancellation,
            at=call.finished_at or timezone.now(),
            call=call.pk,
            done=sum(line.outcome == Outcome.DONE for line in settled),
            refused=sum(line.outcome == Outcome.REFUSED for line in settled),
        )
        publishing.publish_settled(event, changed, len(changed))


def _conclude(line: OrderLine, order: ErpOrder, call: ApiCall) -> bool:
    """Draws the conclusion for one line; True if it is settled now."""
    effect: bool | None = None  # whether the ERP shows the operation's effect; None where it tells nothing
    if line.operation == Operation.CANCEL and order.status is not None:
        effect = order.status == CANCELLED
    elif line.operation == Operation.STOP_WAITING and order.stockin_status == STOPPED:
        effect = True
    was = line.outcome
    if effect is False and was != Outcome.REFUSED and line.sent_in:
        # 'No effect' proves that the call was not carried out once no ERP would take it that late.
        ended = line.sent_in.finished_at or line.sent_in.started_at
        conclusive_from = ended + timedelta(seconds=settings.SETTLE_GRACE_SECONDS)
        if timezone.now() < conclusive_from:
            line.settle_at = conclusive_from
            line.save(update_fields=["settle_at"])
            return False
    line.settle_at, line.settled_in, line.erp_status = None, call, order.status
    before = _before_this_request(line, order) if effect else ""
    if effect is None:
        line.why = Why.NOT_PROVABLE if was == Outcome.UNKNOWN else line.why
        line.save()
        return False
    if was == Outcome.REFUSED and (not effect or before == Why.ALREADY):
        # The option un-checks an order first; whether that is undone where the cancelling fails is not known.
        unchecked = order.status == EDITING and line.snapshot and line.snapshot.status in UNCHECKED_FROM
        line.why = before or (Why.UNCHECKED if unchecked else line.why)
    elif effect:
        line.outcome, line.why = Outcome.DONE, before or (Why.REFUSAL_WRONG if was == Outcome.REFUSED else "")
        line.message = "" if was == Outcome.UNKNOWN else line.message
    else:
        line.outcome = Outcome.REFUSED
        line.why = Why.NOT_CARRIED_OUT if was == Outcome.UNKNOWN else Why.CONTRADICTED
    line.known_by, line.outcome_at = KnownBy.VERIFIED, timezone.now()
    line.save()
    return True


def _before_this_request(line: OrderLine, order: ErpOrder) -> str:
    """Whether what the ERP shows was so before our call: Why.ALREADY, Why.PERHAPS_BEFORE, or '' if it was not."""
    sent_at = line.sent_in.started_at if line.sent_in else timezone.now()
    seen = line.snapshot if line.snapshot and line.snapshot.found else None
    if seen and seen.at and seen.at <= sent_at:
        was = seen.status == CANCELLED if line.operation == Operation.CANCEL else seen.stockin_status == STOPPED
        if was:
            return Why.ALREADY
    if order.modified and order.modified < sent_at - MARGIN:
        return Why.ALREADY
    if line.outcome == Outcome.REFUSED and SAYS_CANCELLED in line.message:
        return Why.ALREADY
    is_ours = seen or line.outcome == Outcome.DONE or (order.modified and order.modified >= sent_at)
    return "" if is_ours else Why.PERHAPS_BEFORE
