"""How a message gets there, and what happens if it does not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cancellations.models import CancellationRequest, Event, Notice, Webhook, WebhookDelivery
from cancellations.notices import claims
from cancellations.notices import webhooks as delivering
from cancellations.webhooks import delivery as attempts
from cancellations.workflow import clerk, webhooks
from cancellations.workflow.errors import NotAllowed, TooOften, WebhookOff
from tests.people import submitted
from tests.webhooks.receiver import FINE, cut, garbage, signed_with, silent, status

pytestmark = pytest.mark.django_db
State, Kind, Off = WebhookDelivery.State, Webhook.Kind, Webhook.Off


@pytest.fixture(autouse=True)
def _short_timeouts(monkeypatch):
    monkeypatch.setattr(attempts, "READ_TIMEOUT", 0.3)


def deliver():
    return sum(iter(delivering.deliver_due, 0))


def now_is_due():
    """What is waited for is over: time is moved."""
    Webhook.objects.update(rests_until=None)
    WebhookDelivery.objects.filter(state=State.DUE).update(due_at=timezone.now(), claimed_until=None)


def test_a_message_is_delivered_signed_and_once(shop, cast, hook, other):
    submitted(shop, cast.lina)
    assert deliver() == 1
    [message] = other.got
    [delivery] = WebhookDelivery.objects.all()
    assert message.body.decode() == delivery.body
    assert message.headers["webhook-id"] == delivery.message_id
    assert signed_with(hook.secret.reveal(), message.headers, message.body)
    assert (delivery.state, delivery.http_status, delivery.attempts) == (State.SENT, 204, 1)
    assert deliver() == 0


def test_several_messages_of_a_webhook_go_in_one_look(shop, cast, hook, other):
    for number in range(5):
        submitted(shop, cast.lina, [f"CG{number}"])
    assert delivering.deliver_due() == 5
    assert [message["data"]["number"] for message in other.messages()] == sorted(
        CancellationRequest.objects.values_list("number", flat=True)
    )


ANSWERS = {"500": status(500), "302": status(302), "404": status(404), "silent": silent, "garbage": garbage, "cut": cut}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_what_was_not_taken_is_sent_again_with_the_same_id_and_bytes(answer, shop, cast, hook, other):
    other.answer = answer
    cancellation = submitted(shop, cast.lina)
    assert deliver() == 0
    clerk.withdraw(cancellation, by=cast.lina)
    WebhookDelivery.objects.exclude(kind="request.submitted").delete()
    other.answer = FINE
    now_is_due()
    assert deliver() == 1
    first, second = other.got
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_the_pauses_are_those_of_the_scheme(shop, cast, hook, other):
    other.answer = status(500)
    submitted(shop, cast.lina)
    for attempt, seconds in enumerate((5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400), 1):
        now_is_due()
        delivering.deliver_due()
        delivery = WebhookDelivery.objects.get()
        assert (delivery.state, delivery.attempts) == (State.DUE, attempt)
        assert 0.95 * seconds < (delivery.due_at - timezone.now()).total_seconds() <= 1.2 * seconds
    now_is_due()
    delivering.deliver_due()
    assert WebhookDelivery.objects.get().state == State.FAILED
    assert len(other.got) == 10


@pytest.mark.parametrize("code", [429, 502, 504])
def test_who_asks_to_slow_down_is_left_alone_for_as_long(code, shop, cast, hook, other):
    other.answer = status(code, Retry_After="900")
    for number in range(3):
        submitted(shop, cast.lina, [f"CG{number}"])
    deliver()
    assert len(other.got) == 1  # the others wait as well
    hook.refresh_from_db()
    assert hook.rests_until > timezone.now() + timedelta(seconds=890)
    first = WebhookDelivery.objects.order_by("pk").first()
    assert first.due_at > timezone.now() + timedelta(seconds=890)


def test_an_address_that_is_away_holds_up_no_other(shop, cast, hook, other):
    away = webhooks.add_webhook(shop, by=cast.zhaolei, name="A", url="http://127.0.0.1:9/", kinds=Kind.values)
    for number in range(5):
        submitted(shop, cast.lina, [f"CG{number}"])
    assert deliver() == 5
    tried = away.deliveries.exclude(tried_at=None)
    assert 1 <= tried.count() <= 2  # it rests after the first ones


def test_410_switches_it_off_and_administrators_are_told(shop, cast, hook, other):
    other.answer = status(410)
    submitted(shop, cast.lina)
    deliver()
    hook.refresh_from_db()
    assert (hook.is_active, hook.off_why) == (False, Off.GONE)
    told = Notice.objects.filter(kind="webhook_off")
    assert {notice.person.username for notice in told} == {"zhaolei", "root"}
    event = Event.objects.get(kind="webhook_switched")
    assert (event.actor, event.data) == (None, {"webhook": "SAP", "on": False, "why": "gone"})
    submitted(shop, cast.lina, ["CG9"])
    assert WebhookDelivery.objects.count() == 1  # nothing more is written for it
    assert deliver() == 0
    assert len(other.got) == 1


def test_a_day_of_failure_switches_it_off(shop, cast, hook, other):
    other.answer = status(500)
    submitted(shop, cast.lina)
    deliver()
    Webhook.objects.update(failing_since=timezone.now() - timedelta(hours=23, minutes=59))
    now_is_due()
    deliver()
    hook.refresh_from_db()
    assert hook.is_active
    Webhook.objects.update(failing_since=timezone.now() - timedelta(hours=24, minutes=1))
    now_is_due()
    deliver()
    hook.refresh_from_db()
    assert (hook.is_active, hook.off_why) == (False, Off.FAILING)
    assert Notice.objects.filter(kind="webhook_off").exists()


def test_one_good_answer_ends_the_failure(shop, cast, hook, other):
    other.answer = status(500)
    submitted(shop, cast.lina)
    deliver()
    other.answer = FINE
    now_is_due()
    deliver()
    hook.refresh_from_db()
    assert (hook.failing_since, hook.failures, hook.rests_until) == (None, 0, None)


def test_switching_it_on_sends_what_was_due(shop, cast, hook, other):
    other.answer = status(410)
    submitted(shop, cast.lina)
    deliver()
    other.answer = FINE
    hook.refresh_from_db()
    webhooks.switch_webhook(hook, by=cast.zhaolei, on=True)
    assert deliver() == 1


def test_without_a_readable_secret_nothing_is_sent(shop, cast, hook, other, settings, caplog):
    submitted(shop, cast.lina)
    settings.CREDENTIAL_KEYS = ["cG9zc2libHkgYW5vdGhlciBrZXkgb2YgMzIgYnl0ZXM="]
    assert deliver() == 0
    assert not other.got
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.meaning, delivery.attempts) == (State.DUE, "secret", 0)
    assert "cannot be decrypted" in caplog.text


def test_a_name_that_leads_inside_is_not_called(shop, cast, hook, other, settings):
    submitted(shop, cast.lina)
    settings.WEBHOOK_PRIVATE_NETWORKS = []
    deliver()
    assert not other.got
    assert WebhookDelivery.objects.get().meaning == "address_refused"


def test_while_a_secret_is_changed_both_sign_and_then_the_new_one_alone(shop, cast, hook, other):
    old = hook.secret.reveal()
    webhooks.rotate_secret(hook, by=cast.zhaolei)
    new = hook.secret.reveal()
    assert new != old
    submitted(shop, cast.lina, ["CG1"])
    deliver()
    Webhook.objects.update(old_until=timezone.now())
    submitted(shop, cast.lina, ["CG2"])
    deliver()
    during, after = other.got
    assert [signed_with(secret, during.headers, during.body) for secret in (old, new)] == [True, True]
    assert [signed_with(secret, after.headers, after.body) for secret in (old, new)] == [False, True]


# --- several workers -------------------------------------------------------------------------------


def test_nobody_else_has_what_one_has_claimed(shop, cast, hook, other):
    submitted(shop, cast.lina)
    [claimed] = claims.claim(hook.deliveries.all())
    assert not claims.claim(hook.deliveries.all())
    assert deliver() == 0
    WebhookDelivery.objects.update(claimed_until=timezone.now())
    assert deliver() == 1
    delivering._attempt(hook, claimed)  # the one that was thought dead comes back: its answer counts no more
    assert WebhookDelivery.objects.get().attempts == 1


# --- by hand ---------------------------------------------------------------------------------------


def test_a_message_is_sent_again_by_hand(shop, cast, hook, other):
    submitted(shop, cast.lina)
    deliver()
    webhooks.send_again(WebhookDelivery.objects.get(), by=cast.zhaolei)
    assert deliver() == 1
    assert len({message.headers["webhook-id"] for message in other.got}) == 1
    assert other.got[0].body == other.got[1].body


def test_what_is_switched_off_sends_nothing_again(shop, cast, hook):
    submitted(shop, cast.lina)
    webhooks.switch_webhook(hook, by=cast.zhaolei, on=False)
    with pytest.raises(WebhookOff):
        webhooks.send_again(WebhookDelivery.objects.select_related("webhook__shop").get(), by=cast.zhaolei)


def test_a_test_is_sent_at_once_and_once(hook, cast, other):
    other.answer = status(500, "no such client 999")
    delivery = delivering.send_test(hook, by=cast.zhaolei)
    assert (delivery.state, delivery.http_status, delivery.answer) == (State.FAILED, 500, "no such client 999")
    [message] = other.messages()
    assert message["type"] == "test"
    assert deliver() == 0
    hook.refresh_from_db()
    assert hook.failing_since is None


def test_a_test_is_possible_while_it_is_off(hook, cast, other):
    webhooks.switch_webhook(hook, by=cast.zhaolei, on=False)
    assert delivering.send_test(hook, by=cast.zhaolei).state == State.SENT


def test_tests_have_a_limit(hook, cast, other, settings):
    settings.HEAVY_WORK_PER_HOUR = settings.HEAVY_WORK_PER_HOUR | {"test_webhook": 2}
    for _ in range(2):
        delivering.send_test(hook, by=cast.zhaolei)
    with pytest.raises(TooOften):
        delivering.send_test(hook, by=cast.zhaolei)
    assert len(other.got) == 2


@pytest.mark.parametrize("person", ["lina", "wangqiang", "chenjing", "heping"])
def test_only_administrators_of_the_account_test_and_send_again(person, shop, cast, hook, other):
    submitted(shop, cast.lina)
    somebody = getattr(cast, person)
    with pytest.raises(NotAllowed):
        delivering.send_test(hook, by=somebody)
    with pytest.raises(NotAllowed):
        webhooks.send_again(WebhookDelivery.objects.get(), by=somebody)
    assert not other.got


# --- how long it is kept ---------------------------------------------------------------------------


def test_messages_are_forgotten_after_90_days(shop, cast, hook):
    submitted(shop, cast.lina, ["CG1"])
    submitted(shop, cast.lina, ["CG2"])
    WebhookDelivery.objects.filter(pk=WebhookDelivery.objects.first().pk).update(at=timezone.now() - timedelta(days=91))
    assert delivering.forget_old() == 1
    assert WebhookDelivery.objects.count() == 1


def test_secrets_are_encrypted_anew_with_the_others(shop, cast, hook, settings):
    from cancellations.workflow.administrator import encrypt_secrets_anew

    webhooks.rotate_secret(hook, by=cast.zhaolei)
    before = [hook.secret.reveal(), hook.old_secret.reveal()]
    new = "cG9zc2libHkgYW5vdGhlciBrZXkgb2YgMzIgYnl0ZXM="
    settings.CREDENTIAL_KEYS = [new, *settings.CREDENTIAL_KEYS]
    assert encrypt_secrets_anew() == 3  # with the app secret of the account
    settings.CREDENTIAL_KEYS = [new]
    hook = Webhook.objects.get()
    assert [hook.secret.reveal(), hook.old_secret.reveal()] == before
