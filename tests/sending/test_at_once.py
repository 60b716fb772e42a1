"""People and workers who reach for the same orders at the same moment: with connections of their own."""

import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from cancellations.models import CancellationRequest
from cancellations.sending import lease, send
from cancellations.workflow import control
from cancellations.workflow.transitions import move
from tests.people import approved, draft_of, numbers
from tests.processes import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_send_claims_nothing_beside_an_uncommitted_stop(shop, cast, beside):
    cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(40))
    credential = lease.take(shop.credentials.get().pk)
    with transaction.atomic():
        control.stop(CancellationRequest.objects.get(pk=cancellation.pk), by=cast.lina, note="供应商改期")
        claim = beside(lambda: send._claim(credential, cancellation))
        time.sleep(0.3)  # it waits for the one who stops
    with pytest.raises(send._Interfered):
        claim.result(20)
    assert set(cancellation.lines.values_list("outcome", flat=True)) == {"SKIPPED"}
    assert not cancellation.calls.exists()


def test_a_stop_waits_for_a_claim_and_leaves_what_is_being_sent(shop, cast, beside):
    shop.seconds_between_calls = "1.10"  # one call at a time
    shop.save()
    cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(40))
    credential = lease.take(shop.credentials.get().pk)
    with transaction.atomic():
        send._claim(credential, cancellation)
        mine = CancellationRequest.objects.get(pk=cancellation.pk)
        stop = beside(lambda: control.stop(mine, by=cast.lina, note="供应商改期"))
        time.sleep(0.3)
    stop.result(20)
    outcomes = sorted(cancellation.lines.values_list("outcome", flat=True))
    assert outcomes == ["SENDING"] * 20 + ["SKIPPED"] * 20


def test_a_look_up_waits_for_a_submission_that_began_before(shop, cast, account, erp, beside):
    """Each of them changes the look-up and the orders: in another order than the other, they would wait for ever."""
    draft = draft_of(shop, cast.lina, numbers(20))
    now = timezone.now()
    moments = {"at": now, "submitted_at": now, "expires_at": now + timedelta(days=3)}
    with transaction.atomic():
        move(CancellationRequest.objects.get(pk=draft.pk), "submit", by=cast.lina, **moments)
        recorded = beside(account.work)
        if connection.vendor == "postgresql":  # on SQLite it waits before it asks
            wait_until(lambda: erp.calls("queryWithDetail"), "the ERP is asked")
        time.sleep(1.5)  # longer than the database waits before it looks whether two wait for each other
        draft.lines.update(outcome="WAITING")
    recorded.result(20)
    assert set(draft.lines.values_list("outcome", flat=True)) == {"WAITING"}
