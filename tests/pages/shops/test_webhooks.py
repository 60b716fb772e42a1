"""Webhooks, as administrators see and change them."""

import html
import re

import pytest
from django.urls import reverse

from cancellations.models import Event, Webhook, WebhookDelivery
from cancellations.notices import webhooks as delivering
from cancellations.workflow import webhooks
from tests.people import submitted
from tests.ports import LOOPBACK
from tests.webhooks.receiver import receiver, signed_with, status

pytestmark = pytest.mark.django_db
GIVEN = {"name": "SAP", "kinds": ["request.finished", "order.settled"]}


@pytest.fixture
def administrator(cast, browser_of):
    return browser_of(cast.zhaolei, confirmed=True)


@pytest.fixture
def other(settings):
    settings.WEBHOOK_PRIVATE_NETWORKS = LOOPBACK
    with receiver() as running:
        yield running


@pytest.fixture
def hook(shop, cast, other):
    return webhooks.add_webhook(shop, by=cast.zhaolei, name="SAP", url=other.url, kinds=Webhook.Kind.values)


def url(name, about):
    return reverse(name, args=[about.pk])


def secret_on(page):
    [secret] = re.findall(r'value="(whsec_[^"]+)"', html.unescape(page))
    return secret


def test_a_webhook_is_added_and_its_secret_shown_once(shop, administrator, other):
    page = administrator.post(url("webhook-add", shop), GIVEN | {"url": other.url}).content.decode()
    secret = secret_on(page)
    hook = Webhook.objects.get()
    assert hook.secret.reveal() == secret
    assert (hook.name, hook.url, hook.kinds) == ("SAP", other.url, GIVEN["kinds"])
    later = "".join(
        administrator.get(address).content.decode()
        for address in (url("webhook", hook), url("webhook-change", hook), url("shop", shop))
    )
    assert secret not in html.unescape(later)
    assert secret not in repr(list(Webhook.objects.values()))
    event = Event.objects.get(kind="webhook_added")
    assert event.data == {"webhook": "SAP", "url": other.url, "kinds": GIVEN["kinds"]}


def test_a_test_says_what_the_address_answered(hook, administrator, other):
    page = administrator.post(url("webhook-test", hook), follow=True).content.decode()
    assert "The address took the message. (HTTP 204)" in page
    [message] = other.got
    assert signed_with(hook.secret.reveal(), message.headers, message.body)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (status(500), "The address refused the message. (HTTP 500)"),
        (status(302, Location="https://x/"), "which is not followed"),
        (status(429), "asks to slow down"),
        (status(410), "wants no more messages"),
    ],
    ids=["500", "302", "429", "410"],
)
def test_a_test_that_fails_says_why(answer, sentence, hook, administrator, other):
    other.answer = answer
    assert sentence in administrator.post(url("webhook-test", hook), follow=True).content.decode()


def test_a_test_of_an_address_that_may_not_be_called_says_so(hook, administrator, settings):
    settings.WEBHOOK_PRIVATE_NETWORKS = []
    page = administrator.post(url("webhook-test", hook), follow=True).content.decode()
    assert "WEBHOOK_PRIVATE_NETWORKS does not list" in page


@pytest.mark.parametrize(
    "address", ["http://sap.example.com/", "https://127.0.0.1/", "https://u:p@sap.example.com/", "file:///etc/passwd"]
)
def test_an_address_that_may_not_be_called_is_refused(address, shop, administrator):
    answer = administrator.post(url("webhook-add", shop), GIVEN | {"url": address})
    assert answer.status_code == 422
    assert "This address cannot be used." in answer.content.decode()
    assert not Webhook.objects.exists()


def test_a_webhook_wants_to_be_told_of_something_that_exists(shop, administrator, other):
    for kinds in ([], ["request.eaten"]):
        answer = administrator.post(url("webhook-add", shop), {"name": "SAP", "url": other.url, "kinds": kinds})
        assert answer.status_code == 422
    assert not Webhook.objects.exists()


def test_two_webhooks_have_two_names(hook, shop, administrator, other):
    answer = administrator.post(url("webhook-add", shop), GIVEN | {"url": other.url})
    assert "already has a webhook called “SAP”" in answer.content.decode()


def test_an_account_has_ten_webhooks_at_most(hook, shop, administrator, other):
    for number in range(9):
        administrator.post(url("webhook-add", shop), GIVEN | {"url": other.url, "name": f"SAP {number}"})
    answer = administrator.post(url("webhook-add", shop), GIVEN | {"url": other.url, "name": "one more"})
    assert "already has 10 webhooks" in answer.content.decode()
    assert Webhook.objects.count() == 10


def test_a_webhook_is_changed(hook, administrator, other):
    given = {"name": "SAP 800", "url": f"{other.url}/new", "kinds": ["request.paused"]}
    administrator.post(url("webhook-change", hook), given)
    hook.refresh_from_db()
    assert {"name": hook.name, "url": hook.url, "kinds": hook.kinds} == given
    assert Event.objects.filter(kind="webhook_changed").exists()


def test_a_new_secret_is_shown_once_and_the_old_one_signs_beside_it(hook, administrator):
    old = hook.secret.reveal()
    page = administrator.post(url("webhook-rotate", hook)).content.decode()
    hook.refresh_from_db()
    assert secret_on(page) == hook.secret.reveal() != old
    assert hook.old_secret.reveal() == old
    assert "The old secret signs beside it until" in administrator.get(url("webhook", hook)).content.decode()
    assert Event.objects.filter(kind="webhook_rotated").exists()


def test_a_new_secret_asks_for_the_password(hook, cast, browser_of):
    answer = browser_of(cast.zhaolei).post(url("webhook-rotate", hook))
    assert answer.url.startswith(reverse("confirm-password"))
    hook.refresh_from_db()
    assert hook.old_secret is None


def test_a_webhook_is_switched_off_and_on_and_removed(hook, shop, administrator):
    page = administrator.post(url("webhook-switch", hook), {"on": "0"}, follow=True).content.decode()
    assert "nothing is sent" in page
    administrator.post(url("webhook-switch", hook), {"on": "1"})
    hook.refresh_from_db()
    assert (hook.is_active, hook.off_at) == (True, None)
    assert administrator.post(url("webhook-remove", hook)).url == reverse("shop", args=[shop.pk])
    assert not Webhook.objects.exists()
    assert Event.objects.filter(kind="webhook_removed").exists()


def test_the_page_shows_messages_with_their_answers(hook, shop, cast, administrator, other):
    other.answer = status(500, "<script>alert(1)</script> no client 999")
    cancellation = submitted(shop, cast.lina)
    delivering.deliver_due()
    page = administrator.get(url("webhook", hook)).content.decode()
    assert cancellation.number in page
    assert "The address refused the message. (HTTP 500)" in page
    assert "next attempt" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; no client 999" in page
    assert "No message has got through since" in page


def test_a_message_is_sent_again_by_a_click(hook, shop, cast, administrator, other):
    submitted(shop, cast.lina)
    delivering.deliver_due()
    page = administrator.post(url("webhook-again", WebhookDelivery.objects.get()), follow=True).content.decode()
    assert "The message is sent again." in page
    assert delivering.deliver_due() == 1
    assert other.got[0].body == other.got[1].body


def test_nothing_is_sent_again_while_it_is_off(hook, shop, cast, administrator):
    submitted(shop, cast.lina)
    webhooks.switch_webhook(hook, by=cast.zhaolei, on=False)
    page = administrator.post(url("webhook-again", WebhookDelivery.objects.get()), follow=True).content.decode()
    assert "The webhook is switched off." in page


def test_the_page_of_the_account_says_which_are_off_or_failing(hook, shop, cast, administrator, other):
    other.answer = status(500)
    submitted(shop, cast.lina)
    delivering.deliver_due()
    assert "Failing" in administrator.get(url("shop", shop)).content.decode()


def test_fifty_messages_take_as_many_queries_as_one(hook, shop, cast, administrator, django_assert_max_num_queries):
    cancellation = submitted(shop, cast.lina)
    first = WebhookDelivery.objects.get()
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            webhook=hook, kind=first.kind, cancellation=cancellation, at=first.at, due_at=first.at, body=first.body
        )
        for _ in range(60)
    )
    with django_assert_max_num_queries(16):
        page = administrator.get(url("webhook", hook)).content.decode()
    assert page.count("<tr>") == 51
