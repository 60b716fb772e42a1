"""What is written of an event, in its transaction."""

import json
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from cancellations.models import CancellationRequest, Event, Webhook, WebhookDelivery
from cancellations.notices import webhooks as delivering
from cancellations.workflow import clerk, control, machine, manager, webhooks
from tests.made_calls import call_of
from tests.made_lookups import show
from tests.people import approved, draft_of, submitted
from tests.security.states import in_status, running
from tests.webhooks.receiver import status

pytestmark = pytest.mark.django_db
Kind = Webhook.Kind


def written(**about):
    return [json.loads(one.body) for one in WebhookDelivery.objects.filter(**about).order_by("pk")]


def types():
    return [message["type"] for message in written()]


def test_a_request_is_told_from_its_submission_to_its_end(shop, cast, hook):
    cancellation = running(shop, cast.lina, cast.wangqiang)
    machine.finish(cancellation)
    assert types() == ["request.submitted", "request.approved", "request.finished"]


@pytest.mark.parametrize(
    ("state", "last"),
    [
        ("REJECTED", "request.rejected"),
        ("WITHDRAWN", "request.withdrawn"),
        ("EXPIRED", "request.expired"),
        ("PAUSED", "request.paused"),
        ("STOPPED", "request.stopped"),
    ],
)
def test_every_end_is_told(state, last, shop, cast, hook):
    in_status(CancellationRequest.Status(state), shop, cast.lina, cast.wangqiang)
    assert types()[-1] == last


def test_a_message_says_what_was_true_at_the_event(shop, cast, hook, settings):
    settings.PUBLIC_URL = "https://wdtadmin.example.com/"
    cancellation = draft_of(shop, cast.lina, ["CG1", "CG2"], reason="机密的原因")
    show(cancellation.lines.first(), verdict="will", at_stake="1980.5")
    clerk.submit(cancellation, by=cast.lina)
    manager.approve(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash)
    message, _ = written()
    event = Event.objects.get(kind="submitted")
    assert message["timestamp"] == f"{event.at:%Y-%m-%dT%H:%M:%S}.{event.at.microsecond // 1000:03}Z"
    assert message["data"] == {
        "number": cancellation.number,
        "external_id": "",
        "seller_account": {"id": shop.pk, "sid": "demo_sid", "environment": "sandbox", "name": "上海旗舰店"},
        "operation": "cancel",
        "status": "submitted",
        "pause": "",
        "orders": 2,
        "counts": {
            **dict.fromkeys(("sending", "done", "refused", "unknown", "skipped"), 0),
            "waiting": 2,
        },
        "amounts": {"expected": "1980.50", "done": "0.00", "known_orders": 1},
        "page": f"https://wdtadmin.example.com/requests/{cancellation.number}/",
    }
    assert "机密的原因" not in str(written())


def test_what_nobody_knows_is_null_and_no_zero(shop, cast, hook):
    submitted(shop, cast.lina)
    [message] = written()
    assert message["data"]["amounts"] == {"expected": None, "done": None, "known_orders": 0}
    assert "page" not in message["data"]


def test_a_pause_says_why(shop, cast, hook):
    in_status(CancellationRequest.Status.PAUSED, shop, cast.lina, cast.wangqiang)
    assert written()[-1]["data"]["pause"] == "sign"


def test_a_draft_that_was_never_submitted_is_nobodys_business(shop, cast, hook):
    clerk.withdraw(draft_of(shop, cast.lina), by=cast.lina)
    assert not WebhookDelivery.objects.exists()


def test_it_is_told_of_what_it_wants_and_of_its_own_account(shop, cast, hook, shop_of_others):
    webhooks.change_webhook(hook, by=cast.zhaolei, name="SAP", url=hook.url, kinds=["request.approved"])
    approved(shop, cast.lina, cast.wangqiang)
    submitted(shop_of_others, cast.heping)
    assert types() == ["request.approved"]


def test_a_verb_that_is_taken_back_leaves_no_message(shop, cast, hook):
    with transaction.atomic():
        submitted(shop, cast.lina)
        transaction.set_rollback(True)
    assert not WebhookDelivery.objects.exists()


def in_doubt(shop, cast, order_nos):
    """A request with orders that only a person can settle."""
    cancellation = approved(shop, cast.lina, cast.wangqiang, order_nos)
    call = call_of(cancellation)
    machine.start(cancellation)
    cancellation.lines.update(outcome="UNKNOWN", known_by="", settle_at=None, sent_in=call)
    WebhookDelivery.objects.all().delete()
    return cancellation


def by_hand(cancellation, cast, *positions, done=True):
    lines = cancellation.lines.filter(position__in=positions)
    control.decide_by_hand(cancellation, by=cast.wangqiang, lines=lines, done=done, note="已在旺店通核对")


def test_outcomes_of_a_request_are_gathered_into_one_message(shop, cast, hook):
    cancellation = in_doubt(shop, cast, ["CG1", "CG2", "CG3"])
    by_hand(cancellation, cast, 1, 2)
    by_hand(cancellation, cast, 3, done=False)
    [message] = written(kind=Kind.SETTLED)
    assert message["data"]["settled"] == 3
    assert message["data"]["settled_orders"] == [
        {"order_number": "CG1", "outcome": "done", "known_by": "by_hand"},
        {"order_number": "CG2", "outcome": "done", "known_by": "by_hand"},
        {"order_number": "CG3", "outcome": "refused", "known_by": "by_hand"},
    ]
    assert message["data"]["counts"]["unknown"] == 0
    due = WebhookDelivery.objects.get(kind=Kind.SETTLED).due_at - timezone.now()
    assert timedelta(seconds=50) < due <= timedelta(seconds=60)


def test_what_is_on_its_way_takes_in_nothing_more(shop, cast, hook, other):
    cancellation = in_doubt(shop, cast, ["CG1", "CG2", "CG3"])
    by_hand(cancellation, cast, 1)
    WebhookDelivery.objects.update(due_at=timezone.now())
    other.answer = status(500)
    delivering.deliver_due()
    by_hand(cancellation, cast, 2)
    assert [message["data"]["settled"] for message in written(kind=Kind.SETTLED)] == [1, 1]


def test_a_long_list_is_capped_and_says_how_long_it_is(shop, cast, hook):
    order_nos = [f"CG{'9' * 30}{number:05}" for number in range(150)]  # as long as the numbers get
    cancellation = in_doubt(shop, cast, order_nos)
    by_hand(cancellation, cast, *range(1, 151))
    [delivery] = WebhookDelivery.objects.filter(kind=Kind.SETTLED)
    data = json.loads(delivery.body)["data"]
    assert (data["settled"], len(data["settled_orders"])) == (150, 100)
    assert len(delivery.body.encode()) < 20_000
