"""Requests in every status with orders of every outcome, stored in bulk and without going through the verbs."""

import uuid
from datetime import timedelta

from cancellations.models import AccountProblem, ApiCall, CancellationRequest, KnownName, OrderLine, ReasonKind

Status, Outcome, KnownBy = CancellationRequest.Status, OrderLine.Outcome, OrderLine.KnownBy
UNDECIDED = (Status.DRAFT, Status.SUBMITTED, Status.WITHDRAWN, Status.EXPIRED)
SETTLED = [
    (outcome, known_by) for outcome in (Outcome.DONE, Outcome.REFUSED) for known_by in KnownBy.values if known_by
]
OUTCOMES = {
    Status.DRAFT: [(Outcome.LISTED, "")],
    Status.SUBMITTED: [(Outcome.WAITING, "")],
    Status.WITHDRAWN: [(Outcome.SKIPPED, "")],
    Status.EXPIRED: [(Outcome.SKIPPED, "")],
    Status.REJECTED: [(Outcome.SKIPPED, "")],
    Status.APPROVED: [(Outcome.WAITING, "")],
    Status.RUNNING: [(Outcome.WAITING, ""), (Outcome.SENDING, ""), (Outcome.UNKNOWN, ""), *SETTLED],
    Status.PAUSED: [(Outcome.WAITING, ""), (Outcome.UNKNOWN, ""), *SETTLED],
    Status.STOPPED: [(Outcome.SKIPPED, ""), (Outcome.UNKNOWN, ""), *SETTLED],
    Status.FINISHED: [(Outcome.UNKNOWN, ""), *SETTLED],
}
MESSAGES = ("采购单 {} 状态不正确，不能取消", "采购单非部分入库状态", "已入库 {} 件", "")


def make(shops, requesters, decider, *, count, around, random, days=5):
    """`count` requests, submitted within some `days` before the moment `around`."""
    requests = [_request(shops, requesters, decider, around, days, random) for _ in range(count)]
    CancellationRequest.objects.bulk_create(requests)
    calls = {shop.pk: _call(shop, around) for shop in shops}
    lines = [line for request in requests for line in _lines(request, calls[request.shop_id], random)]
    OrderLine.objects.bulk_create(lines)
    names = {(line.shop_id, kind, getattr(line, kind)) for line in lines for kind in KnownName.Kind.values}
    KnownName.objects.bulk_create(
        (KnownName(shop_id=shop, kind=kind, name=name) for shop, kind, name in sorted(names, key=str) if name),
        ignore_conflicts=True,
    )
    return requests


def _request(shops, requesters, decider, around, days, random):
    status = random.choice(list(Status))
    submitted_at = around - timedelta(seconds=random.randrange(days * 86_400))
    decided_at = submitted_at + timedelta(seconds=int(10 ** random.uniform(0, 6)))
    made = CancellationRequest(
        number=f"CR20000101-{uuid.uuid4().int % 10**8:08}",
        shop=random.choice(shops),
        operation=random.randrange(3),
        reason="供应商停产",
        line_count=random.randrange(1, 9),
        content_hash="h",
        status=status,
        requester=random.choice(requesters),
        form_token=uuid.uuid4(),
        created_at=submitted_at,
        submitted_at=submitted_at if _is_submitted(status, random) else None,
    )
    if made.submitted_at:
        made.expires_at = submitted_at + timedelta(days=3)
    made.reason_kind = ReasonKind.values[made.line_count % len(ReasonKind)]
    if status not in UNDECIDED:
        made.decided_by, made.decided_at, made.decided_hash, made.decision_note = decider, decided_at, "h", "好"
    if status == Status.STOPPED:
        made.stopped_by, made.stopped_at = decider, decided_at
    if status == Status.PAUSED:
        made.pause_reason = AccountProblem.SIGN
    if status in (Status.FINISHED, Status.STOPPED, Status.REJECTED, Status.EXPIRED, Status.WITHDRAWN):
        made.ended_at = decided_at + timedelta(seconds=int(10 ** random.uniform(0, 6)))
    return made


def _is_submitted(status, random):
    """A draft is not; what was withdrawn may have been withdrawn as a draft."""
    return status != Status.DRAFT and (status != Status.WITHDRAWN or random.random() < 0.7)


def _call(shop, at):
    [credential] = shop.credentials.all()
    return ApiCall.objects.create(
        credential=credential,
        purpose="send",
        method="cancelByType",
        body="",
        state="answered",
        started_at=at,
        finished_at=at,
    )


def _lines(request, call, random):
    for position in range(1, request.line_count + 1):
        outcome, known_by = random.choice(OUTCOMES[request.status])
        number = f"CG{uuid.uuid4().hex[:12]}"
        reported = (outcome, known_by) == (Outcome.REFUSED, KnownBy.REPORTED)
        yield OrderLine(
            cancellation=request,
            shop_id=request.shop_id,
            operation=request.operation,
            position=position,
            source_line=position,
            order_no=number,
            supplier=f"供应商{position % 3}" if position % 4 else None,
            warehouse=f"仓库{request.line_count % 2}",
            purchaser="李娜" if position % 2 else "",
            outcome=outcome,
            known_by=known_by,
            why=_why(outcome, known_by, random),
            message=random.choice(MESSAGES).format(random.randrange(1000)) if reported else "",
            sent_in=None if outcome in (Outcome.LISTED, Outcome.WAITING, Outcome.SKIPPED) else call,
        )


def _why(outcome, known_by, random):
    if outcome == Outcome.UNKNOWN:
        return OrderLine.Why.NO_ANSWER
    if (outcome, known_by) == (Outcome.REFUSED, KnownBy.VERIFIED):
        return random.choice([OrderLine.Why.NOT_CARRIED_OUT, OrderLine.Why.CONTRADICTED])
    return ""
