"""What webhooks are told of an event: a message for each, written in the transaction of the event.

The body is made here and never again, so that each attempt sends what was true at the event, byte for byte. It is thin:
who needs more asks for the request by its number.
"""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet

from cancellations.models import CancellationRequest, Event, Operation, OrderLine, Shop, Webhook, WebhookDelivery

Kind, Outcome = Webhook.Kind, OrderLine.Outcome
KINDS = {
    Event.Kind.SUBMITTED: Kind.SUBMITTED,
    Event.Kind.APPROVED: Kind.APPROVED,
    Event.Kind.REJECTED: Kind.REJECTED,
    Event.Kind.WITHDRAWN: Kind.WITHDRAWN,
    Event.Kind.EXPIRED: Kind.EXPIRED,
    Event.Kind.PAUSED: Kind.PAUSED,
    Event.Kind.STOPPED: Kind.STOPPED,
    Event.Kind.FINISHED: Kind.FINISHED,
}
TOLD = [outcome for outcome in Outcome if outcome != Outcome.LISTED]
MAX_ORDERS = 100  # named in a message; how many they are in all stands beside them
GATHERING = timedelta(seconds=60)  # so long the outcomes of a request are gathered into one message


def publish(event: Event) -> None:
    """Writes what is to be told of a request's move; call it in the transaction of the event.

    A draft that was never submitted is nobody else's business.
    """
    kind, cancellation = KINDS.get(Event.Kind(event.kind)), event.cancellation
    if kind is None or cancellation is None or cancellation.submitted_at is None:
        return
    if webhooks := _subscribed(event, kind):
        body = _body(kind, event.at, about_request(cancellation))
        WebhookDelivery.objects.bulk_create(_message(webhook, kind, event, body, event.at) for webhook in webhooks)


def publish_settled(event: Event, lines: Sequence[OrderLine] | QuerySet[OrderLine], count: int) -> None:
    """The same for orders whose outcome became known, or another one: `lines`, `count` of them.

    What is still being gathered of the request takes them in; else a message begins that is sent a minute later.
    """
    cancellation = event.cancellation
    webhooks = _subscribed(event, Kind.SETTLED) if count else []
    if cancellation is None or not webhooks:
        return
    about, news = about_request(cancellation), [about_order(line) for line in lines[:MAX_ORDERS]]
    for webhook in webhooks:
        waiting = (
            WebhookDelivery.objects.select_for_update()
            .filter(webhook=webhook, cancellation=cancellation, kind=Kind.SETTLED, state=WebhookDelivery.State.DUE)
            .filter(tried_at__isnull=True, claimed_until__isnull=True)
            .first()
        )
        before: dict[str, Any] = json.loads(waiting.body)["data"] if waiting else {"settled": 0, "settled_orders": []}
        named = [*before["settled_orders"], *news][:MAX_ORDERS]
        data = about | {"settled": before["settled"] + count, "settled_orders": named}
        body = _body(Kind.SETTLED, event.at, data)
        if waiting:
            WebhookDelivery.objects.filter(pk=waiting.pk).update(body=body)
        else:
            _message(webhook, Kind.SETTLED, event, body, event.at + GATHERING).save()


def test_message(webhook: Webhook, at: datetime) -> WebhookDelivery:
    """A message that is about nothing, stored as one that is under way."""
    body = _body(WebhookDelivery.TEST, at, {"seller_account": _account(webhook.shop)})
    return WebhookDelivery(webhook=webhook, kind=WebhookDelivery.TEST, at=at, due_at=at, body=body)


def about_request(cancellation: CancellationRequest) -> dict[str, Any]:
    """What a message says of a submitted request. Amounts are texts in yuan, or null where nothing is known."""
    counts = Counter(dict(cancellation.lines.order_by().values_list("outcome").annotate(Count("pk"))))
    counts[Outcome.WAITING] += counts.pop(Outcome.LISTED, 0)  # at the submission they are about to wait
    amounts = cancellation.lines.amounts()
    about = {
        "number": cancellation.number,
        "external_id": cancellation.external_id,
        "seller_account": _account(cancellation.shop),
        "operation": Operation(cancellation.operation).name.lower(),
        "status": cancellation.status.lower(),
        "pause": str(cancellation.pause_reason),
        "orders": cancellation.line_count,
        "counts": {outcome.lower(): counts[outcome] for outcome in TOLD},
        "amounts": {
            "expected": _yuan(amounts["expected"], amounts["priced"]),
            "done": _yuan(amounts["done"], amounts["priced"]),
            "known_orders": amounts["priced"],
        },
    }
    if settings.PUBLIC_URL:
        about["page"] = settings.PUBLIC_URL.rstrip("/") + cancellation.get_absolute_url()
    return about


def about_order(line: OrderLine) -> dict[str, str]:
    """What a message says of an order, and of how its outcome is known."""
    return {"order_number": line.order_no, "outcome": line.outcome.lower(), "known_by": str(line.known_by)}


def _account(shop: Shop) -> dict[str, Any]:
    return {"id": shop.pk, "sid": shop.sid, "environment": shop.environment, "name": shop.name}


def _yuan(amount: Decimal | None, priced: int) -> str | None:
    return f"{amount or Decimal(0):.2f}" if priced else None


def _subscribed(event: Event, kind: Webhook.Kind) -> list[Webhook]:
    """Those of the seller account that are on and want to be told of it."""
    return [webhook for webhook in Webhook.objects.filter(shop=event.shop_id, is_active=True) if kind in webhook.kinds]


def _message(webhook: Webhook, kind: str, event: Event, body: str, due_at: datetime) -> WebhookDelivery:
    about = {"event": event, "cancellation": event.cancellation, "at": event.at}
    return WebhookDelivery(webhook=webhook, kind=kind, body=body, due_at=due_at, **about)


def _body(kind: str, at: datetime, data: dict[str, Any]) -> str:
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"type": str(kind), "timestamp": moment, "data": data}, ensure_ascii=False, separators=(",", ":"))
