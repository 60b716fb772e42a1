"""What section 8 of the reference tells of the ERP, lived through from the call to what the line says of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cancellations.models import ApiCall, CancellationRequest, Credential, Lookup, OrderLine
from cancellations.sending import settle
from cancellations.wdt.client import Client
from cancellations.workflow import manager
from tests.people import approved, numbers, submitted
from tests.sending.conftest import outcomes

pytestmark = pytest.mark.django_db
Outcome, Why, Status = OrderLine.Outcome, OrderLine.Why, CancellationRequest.Status
FIRST, SECOND, THIRD = "CG202611010001", "CG202611010003", "CG202611010005"  # being edited: they can be cancelled
QUERY = "queryWithDetail"


def go_on(account, hours=0.0):
    """Time moves on by some hours: what happened is that much older, and the account works once more."""
    if hours:
        _age(hours)
    Credential.objects.update(next_call_at=None)
    account.work()


def _age(hours):
    ago = timedelta(hours=hours)
    for line in OrderLine.objects.all():
        for field in ("settle_at", "outcome_at"):
            if getattr(line, field):
                setattr(line, field, getattr(line, field) - ago)
        line.save(update_fields=["settle_at", "outcome_at"])
    for call in ApiCall.objects.exclude(finished_at=None):
        ApiCall.objects.filter(pk=call.pk).update(started_at=call.started_at - ago, finished_at=call.finished_at - ago)
    for lookup in Lookup.objects.exclude(next_at=None):
        Lookup.objects.filter(pk=lookup.pk).update(next_at=lookup.next_at - ago)


def whys(cancellation):
    return dict(cancellation.lines.values_list("order_no", "why"))


def queries(erp):
    return [call for call in erp.calls() if call["method"].endswith(QUERY)]


def test_a_refusal_that_the_erp_shows_as_cancelled_is_done(account, erp, shop, cast):
    erp.misbehave("told_failed", method="cancelByType")
    cancellation = approved(shop, cast.lina, cast.wangqiang, [FIRST, SECOND])
    go_on(account)
    assert set(outcomes(cancellation).values()) == {("DONE", "verified")}
    assert set(whys(cancellation).values()) == {Why.REFUSAL_WRONG}
    assert OrderLine.objects.contradicting().count() == 2


def test_an_order_that_was_only_unchecked_says_where_it_stands(account, erp, shop, cast):
    erp.api.book.change(FIRST, status=40)
    cancellation = submitted(shop, cast.lina, [FIRST], allow_checked=True)
    go_on(account)  # looks it up: it is checked
    erp.misbehave("unchecked", method="cancelByType")
    manager.approve(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash)
    go_on(account)
    [line] = cancellation.lines.all()
    assert (line.outcome, line.known_by, line.why, line.erp_status) == ("REFUSED", "verified", Why.UNCHECKED, 20)


def test_refusals_of_orders_that_did_not_change_are_verified_by_one_window(account, erp, shop, cast):
    refused = numbers(30, start=700)  # the ERP does not know them
    cancellation = approved(shop, cast.lina, cast.wangqiang, [FIRST, *refused])
    Lookup.objects.update(ended_at=timezone.now())
    before = len(queries(erp))
    while cancellation.status != Status.FINISHED:
        go_on(account)
        cancellation.refresh_from_db()
    assert len(queries(erp)) - before == 1
    assert set(outcomes(cancellation).values()) == {("DONE", "verified"), ("REFUSED", "verified")}


def test_what_was_cancelled_before_is_not_done_by_us(account, erp, shop, cast):
    erp.api.book.change(FIRST, status=10)
    cancellation = submitted(shop, cast.lina, [FIRST, SECOND])
    go_on(account)  # looks them up
    manager.approve(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash)
    go_on(account)
    assert whys(cancellation) == {FIRST: Why.ALREADY, SECOND: ""}
    assert outcomes(cancellation)[FIRST] == ("REFUSED", "verified")


def test_what_somebody_else_cancelled_meanwhile_is_said(account, erp, shop, cast):
    erp.misbehave("meddled", method="cancelByType")
    cancellation = approved(shop, cast.lina, cast.wangqiang, [FIRST])
    go_on(account)
    [line] = cancellation.lines.all()
    assert (line.outcome, line.known_by) == ("DONE", "verified")  # cancelled it is, while our call ran
    assert line.why in (Why.REFUSAL_WRONG, Why.PERHAPS_BEFORE)


def test_an_order_typed_in_another_case_is_found(account, erp, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, [FIRST.lower()])
    go_on(account)
    assert outcomes(cancellation) == {FIRST.lower(): ("DONE", "verified")}
    assert cancellation.lines.get().snapshot is None or cancellation.lines.get().snapshot.found


@pytest.mark.parametrize("name", ["empty_null", "empty_absent", "empty_list", "empty_order_null", "empty_order_absent"])
def test_an_empty_answer_is_no_rows_in_every_form(account, erp, shop, cast, name):
    erp.misbehave("cut_after", method="cancelByType")
    erp.misbehave(name, method=QUERY, times=1_000)
    cancellation = approved(shop, cast.lina, cast.wangqiang, [FIRST])
    for _ in range(12):
        go_on(account, hours=2)
    [line] = cancellation.lines.all()
    assert (line.outcome, line.why, line.settle_at) == ("UNKNOWN", Why.NOT_VISIBLE, None)
    cancellation.refresh_from_db()
    assert cancellation.status == Status.FINISHED


@pytest.mark.parametrize(
    "name",
    ["permission", "warehouse", "warehouse_of_the_order", "no_such_warehouse", "hidden_warehouse", "no_warehouse"],
)
def test_a_text_of_permission_ends_the_asking_with_its_reason(account, erp, shop, cast, name):
    erp.misbehave("cut_after", method="cancelByType")
    erp.misbehave(name, method=QUERY, times=1_000)
    cancellation = approved(shop, cast.lina, cast.wangqiang, [FIRST])
    for _ in range(4):
        go_on(account, hours=1)
    [line] = cancellation.lines.all()
    assert (line.outcome, line.why, line.settle_at) == ("UNKNOWN", Why.MAY_NOT_ASK, None)
    assert not Lookup.objects.filter(ended_at=None).exists()


@pytest.mark.parametrize(
    "name",
    [
        *("http_500", "html", "broken_json", "empty", "cut_before", "db_error", "empty_null", "empty_list", "rate"),
        *("most_at_once", "argument", "permission", "hidden_warehouse", "ip", "sign", "clock", "db_error_after"),
    ],
)
def test_nothing_asks_for_ever(account, erp, shop, cast, name):
    """A day under each answer, or until nothing is due for three hours: at most 12 calls about an order, and then the
    line says why it is open."""
    cancellation = approved(shop, cast.lina, cast.wangqiang, [FIRST])
    erp.misbehave("cut_after", method="cancelByType")
    erp.misbehave(name, method=QUERY, times=100_000)
    idle = 0
    for _ in range(24 * 2):
        go_on(account, hours=1 / 2)
        cancellation.refresh_from_db()
        idle = 0 if cancellation.lines.exclude(settle_at=None).exists() else idle + 1
        if cancellation.status == Status.PAUSED or idle > 3 * 2:
            break
    asked = [call for call in queries(erp) if FIRST in call["body"] or "start_time" in call["body"]]
    assert len(asked) <= 12
    [line] = cancellation.lines.all()
    if cancellation.status != Status.PAUSED:
        assert (line.outcome, line.settle_at) == ("UNKNOWN", None)
        assert line.why


def test_an_answer_of_another_shape_is_not_asked_for_ever(account, erp, shop, cast, monkeypatch):
    erp.misbehave("cut_after", method="cancelByType")
    cancellation = approved(shop, cast.lina, cast.wangqiang, [FIRST])
    monkeypatch.setattr(settle, "read_orders", lambda data: None)
    asked = Client.call
    made = []
    monkeypatch.setattr(Client, "call", lambda *args, **how: made.append(args[1]) or asked(*args, **how))
    for _ in range(24):
        go_on(account, hours=1)
    [line] = cancellation.lines.all()
    assert (line.outcome, line.why, line.settle_at) == ("UNKNOWN", Why.ASKED_IN_VAIN, None)
    assert len(made) <= 13  # with the one that was cut
