"""Looks orders up before the decision: what the ERP shows of each, and what is to be expected.

A look-up is a read: it may be repeated, it comes behind everything that is sent or settled, and nothing waits for it.
One step is one call: first the pages of a window of time, where that takes fewer calls, then number by number.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import BooleanField, Count, ExpressionWrapper, F, Q, QuerySet
from django.utils import timezone

from cancellations.models import (
    AccountProblem,
    ApiCall,
    CancellationRequest,
    Credential,
    Event,
    Lookup,
    OrderSnapshot,
    Shop,
)
from cancellations.sending import calls, lease, pace, problems
from cancellations.sending.snapshots import write_found, write_missing, write_unanswered
from cancellations.wdt.client import QUERY_WITH_DETAIL, Client, Page, body_of
from cancellations.wdt.errors import State
from cancellations.wdt.orders import read_orders
from cancellations.wdt.values import erp_time

Status = CancellationRequest.Status
PAGE_SIZE = 100
WINDOW = timedelta(days=30)  # the longest that the ERP takes (reference section 4)
MAX_PAGES = 20  # of a window: whoever buys more than 2,000 orders a month is asked number by number
FEW = 3  # orders for which a window does not pay
MAX_FAILURES = 5  # calls in a row without a usable answer
MAX_UNREACHABLE = 12  # in a row; they become rarer, so that is most of an hour
ABOUT_ONE_ORDER = {None, AccountProblem.ARGUMENT, AccountProblem.NO_ANSWER}  # the next one may get another answer


def due_lookups(shop: Shop) -> QuerySet[Lookup]:
    """The shop's look-ups that can go on now: those that a manager waits for first, then the one that ends soonest."""
    ready = Q(next_at__isnull=True) | Q(next_at__lte=timezone.now())
    undecided = Q(cancellation__status__in=CancellationRequest.UNDECIDED)
    submitted = ExpressionWrapper(Q(cancellation__status=Status.SUBMITTED), output_field=BooleanField())
    due = shop.lookups.filter(undecided, ready, ended_at__isnull=True)
    left = Count("snapshots", filter=Q(snapshots__at__isnull=True))
    return due.alias(left=left).order_by(submitted.desc(), "left", "pk").select_related("cancellation__shop")


def look_up_next(credential: Credential, client: Client, lookup: Lookup) -> None:
    """Makes one call for the look-up, or ends it if nothing is left to ask. Raises lease.LeaseLost."""
    left = lookup.snapshots.filter(at__isnull=True)
    count = left.count()
    if not count:
        calls.retry_until_recorded(_end, lookup)
    elif lookup.window_end is None and count > FEW:
        _ask_window(credential, client, lookup, Page(0, PAGE_SIZE, count=True))
    elif 0 < lookup.pages_left < count:
        _ask_window(credential, client, lookup, Page(lookup.pages_left, PAGE_SIZE, count=False))
    else:
        # What nobody knows anything of yet comes first.
        unknown_first = F("line__snapshot").asc(nulls_first=True)
        snapshot = left.select_related("line").order_by(unknown_first, "line")[0]
        page = Page(0, 1, count=True)
        _ask(credential, client, lookup, body_of({"purchase_no": snapshot.line.order_no}), page, snapshot)


def _ask_window(credential: Credential, client: Client, lookup: Lookup, page: Page) -> None:
    """A page of everything that changed in the last 30 days; from the last page to the second, after the first."""
    lookup.window_end = lookup.window_end or timezone.now()
    body = body_of({"start_time": erp_time(lookup.window_end - WINDOW), "end_time": erp_time(lookup.window_end)})
    _ask(credential, client, lookup, body, page)


def _ask(
    credential: Credential, client: Client, lookup: Lookup, body: str, page: Page, snapshot: OrderSnapshot | None = None
) -> None:
    """Makes one call: for a page of a window, or for the one order of the `snapshot`."""
    [call] = calls.write_ahead(
        credential,
        purpose=ApiCall.Purpose.LOOK_UP,
        method=QUERY_WITH_DETAIL,
        bodies=[body],
        cancellation=lookup.cancellation,
        page=page,
    )
    made = calls.make(client, call, page)
    calls.retry_until_recorded(_record, credential, lookup, call, made, snapshot)


@transaction.atomic
def _record(
    credential: Credential, lookup: Lookup, call: ApiCall, made: calls.Exchange, snapshot: OrderSnapshot | None
) -> None:
    """Writes the answer down, what it means for the account, what it shows, and how far the look-up is.

    An answer that is not understood makes this look-up wait and not the account: sending must not wait for a look-up.
    """
    lookup.cancellation = calls.locked(lookup.cancellation_id)  # its operation may have been changed meanwhile
    answer = made.answer
    calls.finish(call, answer)
    if answer.state is not State.UNKNOWN:
        changes, park = pace.after(credential, *made)
        lease.renew(credential, **changes)
        if park:
            _end(lookup, AccountProblem.RATE, answer.message)
    found = read_orders(answer.data) if answer.state is State.ANSWERED else None
    if found is not None:
        lookup.failures = 0
        written = write_found(lookup, call, found.orders)
        if snapshot and not written:
            write_missing(lookup, snapshot, call)
        elif not snapshot and call.page_no == 0:
            pages = -(-(found.total or 0) // PAGE_SIZE)
            lookup.pages_left = pages - 1 if 1 < pages <= MAX_PAGES else 0
        elif not snapshot:
            lookup.pages_left -= 1
    else:
        problem = problems.in_answer(answer)
        if not snapshot:
            lookup.pages_left = 0  # number by number it may go better
        elif problem in ABOUT_ONE_ORDER:
            write_unanswered(lookup, snapshot, call)
        # Ends the look-up if its account cannot be used; if the ERP is limited or away, the same order is asked again.
        if problem in ABOUT_ONE_ORDER:
            lookup.failures += 1
            lookup.next_at = timezone.now() + timedelta(seconds=2**lookup.failures)
            if lookup.failures >= MAX_FAILURES:
                _end(lookup, AccountProblem.NO_ANSWER, answer.message)
        elif problem and not problem.waits:
            _end(lookup, problem, answer.message)
        elif problem is AccountProblem.UNREACHABLE:
            lookup.failures += 1
            if lookup.failures >= MAX_UNREACHABLE:
                _end(lookup, problem, answer.message)
    lookup.save(update_fields=["window_end", "pages_left", "failures", "next_at"])
    if not lookup.snapshots.filter(at__isnull=True).exists():
        _end(lookup)


def end_all(lookups: QuerySet[Lookup], failure: AccountProblem) -> None:
    """Ends look-ups that cannot be made at all, with the reason."""
    for lookup in lookups.select_related("cancellation__shop"):
        _end(lookup, failure)


@transaction.atomic
def _end(lookup: Lookup, failure: AccountProblem | str = "", message: str = "") -> None:
    """Ends it, unless a verb has ended it in the meantime, and writes the event."""
    now = timezone.now()
    ended = Lookup.objects.filter(pk=lookup.pk, ended_at__isnull=True).update(
        ended_at=now, failure=failure, message=message[:500]
    )
    lookup.refresh_from_db(fields=["ended_at", "failure", "message"])
    if not ended:
        return
    verdicts = lookup.snapshots.exclude(verdict="").order_by().values_list("verdict").annotate(Count("pk"))
    Event.write(
        Event.Kind.LOOKED_UP,
        by=None,
        shop=lookup.cancellation.shop,
        cancellation=lookup.cancellation,
        at=now,
        note=message[:500],
        wanted=lookup.wanted,
        of=lookup.of,
        failure=str(failure),
        verdicts=dict(verdicts),
    )
