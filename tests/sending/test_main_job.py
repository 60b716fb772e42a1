import json
from itertools import pairwise

import pytest
from django.utils import timezone

from cancellations.models import ApiCall, CancellationRequest, Event, Operation
from cancellations.workflow import clerk, control, manager
from tests.people import approved, draft_of, numbers, submitted
from tests.sending.conftest import executed, outcomes, sent

Status = CancellationRequest.Status
pytestmark = pytest.mark.django_db

CANCELLABLE = numbers(59)[::2]  # the made-up orders with an odd number are being edited


def test_every_order_ends_with_an_outcome_that_was_checked(account, erp, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, CANCELLABLE)
    account.work()
    cancellation.refresh_from_db()
    assert cancellation.status == Status.FINISHED
    assert set(outcomes(cancellation).values()) == {("DONE", "verified")}
    assert sorted(executed(erp)) == sorted(CANCELLABLE)


def test_a_call_carries_the_shops_number_of_orders_in_order(account, erp, shop, cast):
    approved(shop, cast.lina, cast.wangqiang, CANCELLABLE)
    account.work()
    assert [len(call["numbers"]) for call in erp.calls("cancelByType")] == [20, 10]
    assert sent(erp) == CANCELLABLE


def test_verify_asks_for_a_hundred_orders_at_once(account, erp, shop, cast):
    approved(shop, cast.lina, cast.wangqiang, CANCELLABLE)
    account.work()
    assert len(erp.calls("queryWithDetail")) == 1


def test_a_refusal_keeps_the_erps_words_and_others_are_done(account, erp, shop, cast):
    order_nos = ["CG202611010001", "CG202611010006", "CG202611010003", "CG190001010001"]
    cancellation = approved(shop, cast.lina, cast.wangqiang, order_nos)
    account.work()
    assert outcomes(cancellation) == {
        "CG202611010001": ("DONE", "verified"),
        "CG202611010006": ("REFUSED", "verified"),
        "CG202611010003": ("DONE", "verified"),
        "CG190001010001": ("REFUSED", "verified"),
    }
    assert cancellation.lines.get(order_no="CG202611010006").message == "采购单不是编辑中状态"
    assert cancellation.lines.get(order_no="CG190001010001").message == "单据不存在"


def test_option_and_operation_are_sent_as_approved(account, erp, shop, cast):
    approved(shop, cast.lina, cast.wangqiang, ["CG202611010004"], allow_checked=True)
    account.work()
    approved(shop, cast.lina, cast.wangqiang, ["CG202611010004"], operation=Operation.STOP_WAITING)
    account.work()
    first, second = (json.loads(call["body"])[0] for call in erp.calls("cancelByType"))
    assert first == {"operate_type": 0, "purchase_no_list": ["CG202611010004"], "allow_cancel_checked_order": 1}
    assert second == {"operate_type": 1, "purchase_no_list": ["CG202611010004"], "allow_cancel_checked_order": 0}


def test_stop_waiting_is_verified_by_what_the_erp_shows(account, erp, shop, cast):
    erp.api.book.change("CG202611010001", status=50, stockin_status=1)
    cancellation = approved(shop, cast.lina, cast.wangqiang, ["CG202611010001"], operation=Operation.STOP_WAITING)
    account.work()
    assert outcomes(cancellation) == {"CG202611010001": ("DONE", "verified")}


def test_what_the_wms_did_is_not_documented_so_it_stays_reported(account, erp, shop, cast):
    erp.api.book.change("CG202611010001", outsourced=True)
    cancellation = approved(shop, cast.lina, cast.wangqiang, ["CG202611010001"], operation=Operation.WMS_STOP_WAITING)
    account.work()
    assert outcomes(cancellation) == {"CG202611010001": ("DONE", "reported")}
    assert not erp.calls("queryWithDetail")


def test_every_call_is_kept_word_for_word_and_without_a_secret(account, erp, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, ["CG202611010001"])
    account.work()
    send, settle = cancellation.calls.order_by("pk")
    assert (send.purpose, settle.purpose) == (ApiCall.Purpose.SEND, ApiCall.Purpose.SETTLE)
    assert send.body == erp.calls("cancelByType")[0]["body"]
    assert json.loads(send.answer) == {"status": 0, "data": {"code": 0, "message": "", "error_count": 0}}
    everything = repr([list(ApiCall.objects.values()), list(Event.objects.values())])
    assert "demosecret" not in everything
    assert "demosalt" not in everything


def test_the_history_tells_the_steps_in_their_order(account, erp, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, ["CG202611010001"])
    account.work()
    kinds = list(cancellation.events.values_list("kind", flat=True))
    assert kinds == ["drafted", "submitted", "approved", "started", "sent", "settled", "finished"]


def test_nothing_is_sent_before_the_approval_or_after_a_stop(account, erp, shop, cast):
    from tests.people import submitted

    submitted(shop, cast.lina, ["CG202611010001"])
    stopped = approved(shop, cast.lina, cast.wangqiang, ["CG202611010003"])
    control.stop(stopped, by=cast.lina, note="供应商改期")
    account.work()
    assert not erp.calls("cancelByType")
    assert outcomes(stopped) == {"CG202611010003": ("SKIPPED", "")}


def test_a_list_that_was_changed_after_the_approval_is_not_sent(account, erp, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, ["CG202611010001", "CG202611010003"])
    cancellation.lines.filter(position=2).update(order_no="CG202611010005")
    account.work()
    cancellation.refresh_from_db()
    assert (cancellation.status, cancellation.pause_reason) == (Status.PAUSED, "changed")
    assert not erp.calls()


def forged(cancellation, **fields):
    """As whoever owns the database would write it: the constraints let it pass."""
    seal = cancellation.content_hash
    wanted = {"status": "APPROVED", "decided_at": timezone.now(), "decided_hash": seal} | fields
    CancellationRequest.objects.filter(pk=cancellation.pk).update(**wanted)


def reason_for_holding_back(cancellation, account, erp):
    account.work()
    cancellation.refresh_from_db()
    return cancellation.status, cancellation.pause_reason, len(erp.calls("cancelByType"))


HELD_BACK = (Status.PAUSED, "not_vouched_for", 0)


def test_an_approval_that_nobody_gave_is_not_sent(account, erp, shop, cast):
    cancellation = submitted(shop, cast.lina, ["CG202611010001"])
    forged(cancellation, decided_by=cast.wangqiang)
    assert reason_for_holding_back(cancellation, account, erp) == HELD_BACK


@pytest.mark.parametrize(
    "changes",
    [{"reason": "老板同意"}, {"reason_kind": "price"}, {"operation": 1}, {"content_hash": "x", "decided_hash": "x"}],
)
def test_what_was_changed_after_the_approval_is_not_sent(changes, account, erp, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, ["CG202611010001"])
    CancellationRequest.objects.filter(pk=cancellation.pk).update(**changes)
    status, why, calls = reason_for_holding_back(cancellation, account, erp)
    assert (status, calls) == (Status.PAUSED, 0)
    assert why in ("not_vouched_for", "changed")


def test_amounts_that_were_changed_after_the_approval_are_found_before_the_first_call(account, erp, shop, cast):
    cancellation = draft_of(shop, cast.lina, ["CG202611010001"])
    account.work()
    clerk.submit(cancellation, by=cast.lina)
    manager.approve(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash)
    cancellation.lines.update(amount=1)
    assert reason_for_holding_back(cancellation, account, erp) == (Status.PAUSED, "shown_changed", 0)


def test_an_approval_in_somebody_elses_name_is_not_sent(account, erp, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, ["CG202611010001"])
    forged(cancellation, decided_by=cast.zhoulan)
    assert reason_for_holding_back(cancellation, account, erp) == HELD_BACK


def test_an_own_approval_under_another_requesters_name_is_not_sent(account, erp, shop, cast):
    cancellation = approved(shop, cast.lina, cast.zhoulan, ["CG202611010001"])
    forged(cancellation, requester=cast.sunyue, decided_by=cast.zhoulan)
    assert reason_for_holding_back(cancellation, account, erp) == HELD_BACK


def test_an_approval_of_another_content_is_not_sent(account, erp, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, ["CG202611010001"])
    cancellation.lines.update(order_no="CG202611010005")
    seal = cancellation.stored_hash()
    CancellationRequest.objects.filter(pk=cancellation.pk).update(content_hash=seal, decided_hash=seal)
    assert reason_for_holding_back(cancellation, account, erp) == HELD_BACK


def test_an_approval_event_that_somebody_wrote_is_not_believed(account, erp, shop, cast):
    cancellation = submitted(shop, cast.lina, ["CG202611010001"])
    forged(cancellation, decided_by=cast.wangqiang)
    event = Event.compose(
        "approved",
        by=cast.wangqiang,
        at=timezone.now(),
        shop=shop,
        cancellation=cancellation,
        content_hash=cancellation.content_hash,
    )
    event.mac = "0" * 64
    event.save(force_insert=True)
    assert reason_for_holding_back(cancellation, account, erp) == HELD_BACK


def test_the_pace_of_the_account_is_kept_between_calls(account, erp, shop, cast):
    shop.seconds_between_calls, shop.orders_per_call = "0.30", 1
    shop.save()
    approved(shop, cast.lina, cast.wangqiang, CANCELLABLE[:4])
    account.work()
    starts = [call["at"] for call in erp.calls()]
    assert len(starts) == 5
    # Measured where the calls arrive: the way there may take one of them a little longer.
    assert all(later - earlier >= 0.2 for earlier, later in pairwise(starts))
