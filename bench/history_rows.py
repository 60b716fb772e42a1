"""Order lines by the million, made by the database itself: five shops, requests of 200 orders, 92 % done."""

import uuid
from datetime import timedelta

SHOPS, LINES_OF_A_REQUEST, DAYS = 5, 200, 360
# a request's own number and a line's position -> the number of an order: CG, the day of the request, 9 digits
NUMBER = {
    "sqlite": "'CG' || strftime('%Y%m%d', c.submitted_at) || substr('000000000' || (c.id * 1000 + n), -9)",
    "postgresql": "'CG' || to_char(c.submitted_at, 'YYYYMMDD') || lpad((c.id * 1000 + n)::text, 9, '0')",
}
SERIES = {
    "sqlite": "WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < %s)",
    "postgresql": "WITH series(n) AS (SELECT generate_series(1, %s))",
}
# Always the same, and spread over all requests: 92 % done, 6.5 % refused, 0.5 % unknown, 1 % not sent.
DIE = "((c.id * 7919 + n * 104729) % 1000)"
LINES = """
    INSERT INTO cancellations_orderline (
        cancellation_id, shop_id, operation, position, source_line, order_no, typed, outcome, known_by, why, message,
        outcome_at, sent_in_id, settle_count, failed_asks, supplier, warehouse, purchaser, amount
    )
    {series}
    SELECT c.id, c.shop_id, c.operation, n, n, {number}, '',
        CASE WHEN {die} < 920 THEN 'DONE' WHEN {die} < 985 THEN 'REFUSED' WHEN {die} < 990 THEN 'UNKNOWN'
            ELSE 'SKIPPED' END,
        CASE WHEN {die} < 30 OR {die} BETWEEN 920 AND 984 THEN 'reported' WHEN {die} < 920 THEN 'verified' ELSE '' END,
        CASE WHEN {die} BETWEEN 985 AND 989 THEN 'no_answer' ELSE '' END,
        CASE WHEN {die} BETWEEN 920 AND 984 THEN '采购单已审核，不能取消' ELSE '' END,
        c.submitted_at, CASE WHEN {die} < 990 THEN a.id END, 1, 0,
        '供应商' || ((c.id * 31 + n) %% 2000), '仓库' || (n %% 12), '采购员' || (c.id %% 8),
        (c.id * 7919 + n * 104729) %% 9973
    FROM cancellations_cancellationrequest c JOIN cancellations_apicall a ON a.cancellation_id = c.id CROSS JOIN series
    WHERE c.id > %s AND c.id <= %s
    ORDER BY c.id, n
"""


def make(rows, lines=LINES_OF_A_REQUEST):
    """Makes about so many lines in requests of so many `lines`; returns the auditor who may read all of them."""
    from django.contrib.auth.models import Group
    from django.db import connection

    from cancellations.models import CancellationRequest, KnownName, Person, Shop

    clerks = [Person.objects.create_user(f"clerk-{number}", name=f"采购员{number}") for number in range(8)]
    managers = [Person.objects.create_user(f"manager-{number}", name=f"审批人{number}") for number in range(3)]
    auditor = Person.objects.create_user("auditor", name="审计员")
    auditor.groups.set(Group.objects.filter(name="auditor"))
    _requests(rows // lines, lines, _shops([*clerks, *managers, auditor]), clerks, managers)
    last = CancellationRequest.objects.order_by("-pk").values_list("pk", flat=True).first()
    vendor = connection.vendor
    statement = LINES.format(series=SERIES[vendor], number=NUMBER[vendor], die=DIE)
    for start in range(0, last, 5000):
        with connection.cursor() as cursor:
            cursor.execute(statement.replace("% 1000", "%% 1000"), [lines, start, start + 5000])
    names = [("supplier", f"供应商{number}") for number in range(2000)]
    names += [("warehouse", f"仓库{number}") for number in range(12)]
    names += [("purchaser", f"采购员{number}") for number in range(8)]
    KnownName.objects.bulk_create(
        KnownName(shop=shop, kind=kind, name=name) for shop in Shop.objects.all() for kind, name in names
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if vendor == "sqlite" else "VACUUM ANALYZE")
    return auditor


def _shops(members):
    from cancellations.models import Credential
    from cancellations.models.secrets import Secret
    from tests.people import make_shop

    shops = [make_shop(f"店铺{number}", sid=f"sid{number}", with_credential=False) for number in range(SHOPS)]
    for shop in shops:
        shop.members.set(members)
        Credential.objects.create(shop=shop, app_key="bench", app_secret=Secret("a:b"), fingerprint="bench")
    return shops


def _requests(count, lines, shops, clerks, managers):
    from django.utils import timezone

    from cancellations.models import ApiCall, CancellationRequest

    now = timezone.now()
    credentials = [shop.credentials.get() for shop in shops]
    for start in range(0, count, 5000):
        made = CancellationRequest.objects.bulk_create(
            [
                _request(number, lines, now - timedelta(days=DAYS * (count - number) / count), shops, clerks, managers)
                for number in range(start, min(start + 5000, count))
            ],
            batch_size=500,
        )
        ApiCall.objects.bulk_create(
            [_call(request, credentials[request.shop_id % SHOPS]) for request in made], batch_size=500
        )


def _request(number, lines, at, shops, clerks, managers):
    from cancellations.models import CancellationRequest

    return CancellationRequest(
        number=f"CR{at:%Y%m%d}-{number:08}",
        shop=shops[number % SHOPS],
        operation=number % 3,
        reason="供应商停产",
        line_count=lines,
        content_hash="0" * 64,
        status="FINISHED",
        requester=clerks[number % len(clerks)],
        form_token=uuid.uuid4(),
        created_at=at,
        submitted_at=at,
        decided_by=managers[number % len(managers)],
        decided_at=at,
        decided_hash="0" * 64,
        ended_at=at,
    )


def _call(request, credential):
    from cancellations.models import ApiCall

    return ApiCall(
        credential=credential,
        cancellation=request,
        purpose="send",
        method="purchase.PurchaseOrder.cancelByType",
        body="[]",
        state="answered",
        started_at=request.submitted_at,
        finished_at=request.submitted_at,
        http_status=200,
    )
