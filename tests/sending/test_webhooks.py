"""What webhooks are told of outcomes, from the calls of a stand-in ERP on."""

import json

import pytest

from cancellations.models import Webhook, WebhookDelivery
from cancellations.workflow import webhooks
from tests.people import approved

pytestmark = pytest.mark.django_db
FIRST, SECOND = "CG202611010001", "CG202611010003"  # being edited: they can be cancelled


@pytest.fixture
def hook(shop, cast):
    return webhooks.add_webhook(
        shop, by=cast.zhaolei, name="SAP", url="https://sap.example.com/", kinds=Webhook.Kind.values
    )


def told(kind):
    return [json.loads(one.body)["data"] for one in WebhookDelivery.objects.filter(kind=kind)]


def test_an_unknown_outcome_that_becomes_known_is_told(account, erp, shop, cast, hook):
    erp.misbehave("cut_after", method="cancelByType")
    approved(shop, cast.lina, cast.wangqiang, [FIRST, SECOND])
    for _ in range(3):
        account.work()
        account.be_patient()
    [data] = told(Webhook.Kind.SETTLED)
    assert data["settled"] == 2
    assert [(one["order_number"], one["outcome"], one["known_by"]) for one in data["settled_orders"]] == [
        (FIRST, "done", "verified"),
        (SECOND, "done", "verified"),
    ]


def test_what_was_reported_and_is_only_verified_is_not_told_twice(account, erp, shop, cast, hook):
    cancellation = approved(shop, cast.lina, cast.wangqiang, [FIRST, SECOND])
    for _ in range(3):
        account.work()
        account.be_patient()
    assert set(cancellation.lines.values_list("known_by", flat=True)) == {"verified"}
    assert told(Webhook.Kind.SETTLED) == []
    [data] = told(Webhook.Kind.FINISHED)
    assert (data["status"], data["counts"]["done"], data["orders"]) == ("finished", 2, 2)


def test_a_report_that_the_erps_data_contradicts_is_told(account, erp, shop, cast, hook):
    erp.misbehave("told_failed", method="cancelByType")
    approved(shop, cast.lina, cast.wangqiang, [FIRST])
    for _ in range(3):
        account.work()
        account.be_patient()
    [data] = told(Webhook.Kind.SETTLED)
    assert data["settled_orders"] == [{"order_number": FIRST, "outcome": "done", "known_by": "verified"}]
