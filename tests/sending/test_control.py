"""People stay in control of what is sent: hold, working hours, a paused account, asking again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cancellations.models import CancellationRequest
from cancellations.sending import slices
from cancellations.workflow import administrator, control
from tests.people import approved, draft_of, numbers
from tests.sending.conftest import executed, outcomes, sent

pytestmark = pytest.mark.django_db


def test_send_waits_for_the_hold_and_then_starts_by_itself(account, erp, shop, cast, settings):
    settings.APPROVAL_HOLD_SECONDS = 30
    cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(3))
    account.work()
    assert not sent(erp)
    assert not slices.has_work(account.credential)
    CancellationRequest.objects.update(decided_at=timezone.now() - timedelta(seconds=31))
    account.sweep()
    assert account.woken == [account.credential.pk]
    account.work()
    assert sent(erp) == numbers(3)
    cancellation.refresh_from_db()
    assert cancellation.status == "FINISHED"


def test_what_is_stopped_while_it_is_held_never_reaches_the_erp(account, erp, shop, cast, settings):
    settings.APPROVAL_HOLD_SECONDS = 30
    cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(3))
    control.stop(cancellation, by=cast.wangqiang, note="供应商改期")
    CancellationRequest.objects.update(decided_at=timezone.now() - timedelta(seconds=31))
    account.work()
    assert not erp.calls("cancelByType")


def test_outside_working_hours_it_verifies_but_sends_nothing(account, erp, shop, cast, time_machine):
    running = approved(shop, cast.lina, cast.wangqiang, numbers(3))
    erp.misbehave("cut_after", method="cancelByType")
    account.work()
    shop.send_from, shop.send_until = "09:00", "18:00"
    shop.save()
    waiting = approved(shop, cast.lina, cast.wangqiang, numbers(2, start=31))
    time_machine.move_to(timezone.now().replace(hour=15, minute=0))  # 23:00 in China
    account.be_patient()
    account.work()
    assert sent(erp) == numbers(3)
    assert set(outcomes(running).values()) == {("DONE", "verified")}
    assert set(outcomes(waiting).values()) == {("WAITING", "")}
    assert not slices.has_work(account.credential)


def test_a_paused_account_makes_no_call_until_resumed(account, erp, shop, cast):
    draft_of(shop, cast.sunyue, numbers(2, start=41))
    approved(shop, cast.lina, cast.wangqiang, numbers(3))
    administrator.pause_account(shop, by=cast.zhaolei, note="ERP 升级")
    account.work()
    account.sweep()
    assert not erp.calls()
    assert not account.woken
    administrator.resume_account(shop, by=cast.zhaolei)
    account.work()
    assert sent(erp) == numbers(3)


def test_pause_account_sends_nothing_further(account, erp, shop, cast, monkeypatch):
    shop.orders_per_call, shop.seconds_between_calls = 2, "0.3"
    shop.save()
    cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(8))
    send_next = slices.send_next

    def paused_after_the_first(*arguments):
        send_next(*arguments)
        administrator.pause_account(shop, by=cast.zhaolei, note="ERP 升级")

    monkeypatch.setattr(slices, "send_next", paused_after_the_first)
    account.work()
    assert sent(erp) == numbers(2)
    assert cancellation.lines.filter(outcome="WAITING").count() == 6
    assert not cancellation.lines.filter(outcome="SENDING").exists()


def test_asking_again_settles_what_the_erp_shows_now(account, erp, shop, cast):
    order_no = numbers(1)[0]
    cancellation = approved(shop, cast.lina, cast.wangqiang, [order_no])
    erp.misbehave("cut_after", method="cancelByType")
    erp.api.book.change(order_no, visible=False)
    for _ in range(7):
        account.work()
        account.be_patient()
    line = cancellation.lines.get()
    assert (line.outcome, line.why, line.settle_at) == ("UNKNOWN", "not_visible", None)
    erp.api.book.change(order_no, visible=True)
    control.ask_again(cancellation, by=cast.wangqiang)
    account.work()
    assert outcomes(cancellation) == {order_no: ("DONE", "verified")}
    assert executed(erp) == [order_no]


def test_the_erp_itself_contradicts_an_answer_that_lied(account, erp, shop, cast, monkeypatch):
    order_nos = numbers(9)[::2]
    cancellation = approved(shop, cast.lina, cast.wangqiang, order_nos)
    book, operate = erp.api.book, erp.api.book.operate

    def forgets_the_last(operation, order_nos, **how):
        done, refused = operate(operation, order_nos[:-1], **how)
        return [*done, order_nos[-1]], refused

    monkeypatch.setattr(book, "operate", forgets_the_last)
    for _ in range(3):
        account.work()
        account.be_patient()
    line = cancellation.lines.get(order_no=order_nos[-1])
    assert (line.outcome, line.known_by, line.why) == ("REFUSED", "verified", "contradicted")
    assert set(cancellation.lines.exclude(pk=line.pk).values_list("outcome", "known_by")) == {("DONE", "verified")}
    queries = erp.calls("queryWithDetail")
    assert len([call for call in queries if "purchase_no" in call["body"]]) == 1
