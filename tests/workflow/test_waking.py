"""The verbs that make work for an account wake its worker, in their own transaction."""

import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from cancellations import tasks
from cancellations.models import ApiCall, CancellationRequest, Credential, OrderLine
from cancellations.models.secrets import AppSecret
from cancellations.workflow import administrator, clerk, control, drafts, lookups, machine, manager
from tests.people import approved, draft_of, submitted

pytestmark = pytest.mark.django_db


def woken():
    """The credentials whose wake-ups are enqueued; they are forgotten then."""
    found = [task.args_kwargs["args"][0] for task in DBTaskResult.objects.all()]
    DBTaskResult.objects.all().delete()
    return found


def unknown(shop, cast):
    """An approved request of which nobody knows what became of one order."""
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    call = ApiCall.objects.create(
        credential=shop.credentials.get(), purpose="send", method="x", body="[]", started_at=timezone.now()
    )
    cancellation.lines.filter(position=1).update(outcome=OrderLine.Outcome.UNKNOWN, sent_in=call)
    return cancellation


def paused(shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    machine.pause(cancellation, reason="ip")
    return cancellation


def looked_up(shop, cast):
    cancellation = submitted(shop, cast.lina)
    cancellation.lookups.update(ended_at=timezone.now())
    return cancellation


def stopped(shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    control.stop(cancellation, by=cast.lina, note="供应商改期")
    return cancellation


def paused_account(shop, cast):
    administrator.pause_account(shop, by=cast.zhaolei, note="ERP 升级")
    return shop


def decide(cancellation, cast):
    lines = cancellation.lines.all()
    control.decide_by_hand(cancellation, by=cast.wangqiang, lines=lines, done=True, note="看过了")


VERBS = {
    "draft": (lambda shop, cast: shop, lambda shop, cast: draft_of(shop, cast.lina)),
    "copy": (stopped, lambda it, cast: drafts.copy(it, by=cast.lina, token=uuid.uuid4())),
    "submit": (lambda shop, cast: draft_of(shop, cast.lina), lambda it, cast: clerk.submit(it, by=cast.lina)),
    "look_again": (looked_up, lambda it, cast: lookups.look_again(it, by=cast.lina)),
    "approve": (
        lambda shop, cast: submitted(shop, cast.lina),
        lambda it, cast: manager.approve(it, by=cast.wangqiang, seen_hash=it.content_hash),
    ),
    "resume": (paused, lambda it, cast: control.resume(it, by=cast.wangqiang)),
    "ask_again": (unknown, lambda it, cast: control.ask_again(it, by=cast.lina)),
    "decide_by_hand": (unknown, decide),
    "resume_account": (paused_account, lambda shop, cast: administrator.resume_account(shop, by=cast.zhaolei)),
    "replace_credential": (
        lambda shop, cast: shop,
        lambda shop, cast: administrator.replace_credential(
            shop, by=cast.zhaolei, app_key="new", app_secret=AppSecret("a", "b")
        ),
    ),
}


@pytest.mark.parametrize("verb", VERBS)
def test_the_verb_wakes_the_account_it_makes_work_for(verb, shop, cast):
    before, do = VERBS[verb]
    thing = before(shop, cast)
    woken()
    do(thing, cast)
    assert woken() == [Credential.objects.get(shop=shop, is_active=True).pk]


def test_withdraw_and_stop_wake_nobody(shop, cast):
    first = submitted(shop, cast.lina)
    woken()
    clerk.withdraw(first, by=cast.lina)
    assert not woken()
    second = approved(shop, cast.lina, cast.wangqiang)
    woken()
    control.stop(second, by=cast.lina, note="供应商改期")
    assert not woken()


def test_approve_enqueues_for_the_end_of_the_hold(shop, cast, settings):
    settings.APPROVAL_HOLD_SECONDS = 30
    cancellation = submitted(shop, cast.lina)
    woken()
    manager.approve(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash)
    [task] = DBTaskResult.objects.all()
    assert task.run_after == cancellation.held_until == cancellation.decided_at + timedelta(seconds=30)
    assert not DBTaskResult.objects.ready()
    assert tasks.queue() == (0, 0, None)


def test_when_the_hold_ends_the_wake_up_is_due(shop, cast, settings, time_machine):
    settings.APPROVAL_HOLD_SECONDS = 30
    cancellation = submitted(shop, cast.lina)
    woken()
    manager.approve(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash)
    time_machine.move_to(cancellation.held_until)
    assert DBTaskResult.objects.ready().count() == tasks.queue()[0] == 1


def test_an_approval_that_is_rolled_back_wakes_nobody(shop, cast):
    cancellation = submitted(shop, cast.lina)
    woken()
    with transaction.atomic():
        manager.approve(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash)
        transaction.set_rollback(True)
    assert not woken()
    assert CancellationRequest.objects.get().status == CancellationRequest.Status.SUBMITTED
