"""A webhook of the seller account, and another system that takes its messages."""

import pytest

from cancellations.models import Webhook
from cancellations.workflow import webhooks
from tests.ports import LOOPBACK
from tests.webhooks.receiver import receiver


@pytest.fixture
def other(settings):
    """The other system; HTTP is possible there."""
    settings.WEBHOOK_PRIVATE_NETWORKS = LOOPBACK
    with receiver() as running:
        yield running


@pytest.fixture
def hook(shop, cast, other):
    """A webhook that is told of everything."""
    return webhooks.add_webhook(shop, by=cast.zhaolei, name="SAP", url=other.url, kinds=Webhook.Kind.values)
