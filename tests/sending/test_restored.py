"""In a database that was restored from a copy nothing is sent again before somebody has looked."""

import pytest
from django.utils import timezone

from cancellations.models import CancellationRequest, Event, RestoredCopy
from cancellations.sending import slices
from cancellations.workflow import control, machine, restored
from cancellations.workflow.errors import NotAllowed, NothingRestored
from tests.made_calls import call_of
from tests.people import approved, numbers, submitted
from tests.sending.conftest import executed, sent

pytestmark = pytest.mark.django_db
Status = CancellationRequest.Status


@pytest.fixture
def copy(db):
    return RestoredCopy.objects.create(copied_at=timezone.now())


def test_a_worker_neither_sends_nor_looks_up_until_somebody_confirms(copy, account, erp, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(3))
    submitted(shop, cast.sunyue, numbers(3, start=11))
    account.work()
    account.sweep()
    assert not erp.calls()
    assert not account.woken

    assert restored.confirm(by=cast.zhaolei) == 1
    account.work()
    assert erp.calls()  # the look-up
    assert not sent(erp)

    cancellation.refresh_from_db()
    control.resume(cancellation, by=cast.wangqiang)
    account.work()
    assert sorted(executed(erp)) == numbers(3)


def test_what_was_being_sent_in_the_copy_is_asked_about(copy, account, erp, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(3))
    call = call_of(cancellation, state="in_flight", finished_at=None, http_status=None, answer="")
    cancellation.lines.update(outcome="SENDING", sent_in=call)
    account.work()
    assert erp.calls("queryWithDetail")
    assert not sent(erp)


def test_whatever_may_be_sent_twice_is_paused_with_the_reason(copy, shop, cast):
    waiting, running, paused, forged = (
        approved(shop, cast.lina, cast.wangqiang, numbers(2, start=start)) for start in (1, 11, 21, 31)
    )
    machine.start(running)
    machine.pause(paused, reason="sign", message="签名错误")
    machine.pause(forged, reason=CancellationRequest.LIST_CHANGED)
    assert restored.confirm(by=cast.root) == 4
    said = dict(CancellationRequest.objects.values_list("pk", "pause_reason"))
    assert said == {
        waiting.pk: "perhaps_sent",
        running.pk: "perhaps_sent",
        paused.pk: "perhaps_sent",
        forged.pk: CancellationRequest.LIST_CHANGED,
    }
    assert set(CancellationRequest.objects.values_list("status", flat=True)) == {Status.PAUSED}
    event = Event.objects.get(kind=Event.Kind.RESTORE_CONFIRMED)
    assert (event.actor, event.data) == (cast.root, {"requests": 4})


def test_what_was_answered_wholly_is_left_alone(copy, account, erp, shop, cast):
    RestoredCopy.objects.all().delete()
    cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(2))
    account.work()
    RestoredCopy.objects.create(copied_at=timezone.now())
    assert restored.confirm(by=cast.zhaolei) == 0
    cancellation.refresh_from_db()
    assert cancellation.status == Status.FINISHED


def test_a_restore_is_confirmed_once_and_by_an_administrator(copy, cast):
    for person in (cast.lina, cast.wangqiang, cast.chenjing):
        with pytest.raises(NotAllowed):
            restored.confirm(by=person)
    restored.confirm(by=cast.zhaolei)
    with pytest.raises(NothingRestored):
        restored.confirm(by=cast.root)
    copy.refresh_from_db()
    assert copy.confirmed_by == cast.zhaolei


def test_an_account_with_nothing_but_held_orders_has_no_work(copy, account, shop, cast):
    approved(shop, cast.lina, cast.wangqiang, numbers(1))
    assert not slices.has_work(account.credential)
    RestoredCopy.objects.all().delete()
    assert slices.has_work(account.credential)
