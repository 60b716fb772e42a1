"""Workers that die between sending a message and writing its answer down: it is sent again, with the same id."""

import threading

import pytest

from cancellations.models import Webhook, WebhookDelivery
from cancellations.workflow import webhooks
from tests import processes
from tests.faults.conftest import LONG_AGO, QUICK, kill
from tests.people import submitted
from tests.ports import LOOPBACK
from tests.webhooks.receiver import receiver, signed_with

State = WebhookDelivery.State


@pytest.fixture
def other(settings):
    settings.WEBHOOK_PRIVATE_NETWORKS = LOOPBACK
    with receiver() as running:
        yield running


@pytest.fixture
def courier():
    """`courier()`: the process id of a new worker."""
    with processes.nursery(**QUICK, WEBHOOK_PRIVATE_NETWORKS="127.0.0.0/8") as bear:
        born = []

        def live():
            born.append(bear("tests.nursery.worker", interval=0.1))
            return born[-1]

        yield live
        kill(*born)


def test_a_worker_that_dies_before_the_verdict_sends_the_message_again(courier, other, shop, cast):
    reached, dead = threading.Event(), threading.Event()

    def at():
        if not reached.is_set():
            reached.set()
            dead.wait(30)

    other.at = at
    hook = webhooks.add_webhook(shop, by=cast.zhaolei, name="SAP", url=other.url, kinds=Webhook.Kind.values)
    submitted(shop, cast.lina)
    doomed = courier()
    assert reached.wait(60), "the message came"
    kill(doomed)
    dead.set()
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts) == (State.DUE, 0)
    WebhookDelivery.objects.update(claimed_until=LONG_AGO)
    courier()
    sent = WebhookDelivery.objects.filter(state=State.SENT)
    processes.wait_until(sent.exists, "the message is delivered", 60)
    first, second = other.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == delivery.message_id
    assert first.body == second.body
    assert all(signed_with(hook.secret.reveal(), message.headers, message.body) for message in other.got)


def test_two_workers_send_each_message_once(courier, other, shop, cast):
    webhooks.add_webhook(shop, by=cast.zhaolei, name="SAP", url=other.url, kinds=Webhook.Kind.values)
    for number in range(40):
        submitted(shop, cast.lina, [f"CG{number}"])
    courier()
    courier()
    due = WebhookDelivery.objects.filter(state=State.DUE)
    processes.wait_until(lambda: not due.exists(), "all messages are delivered", 60)
    ids = [message.headers["webhook-id"] for message in other.got]
    assert len(ids) == len(set(ids)) == 40
