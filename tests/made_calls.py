"""Calls and outcomes as the sender writes them, without an ERP."""

from django.utils import timezone

from cancellations.models import ApiCall


def call_of(cancellation, **fields):
    """A call of the request that was answered."""
    now = timezone.now()
    usual = {
        "purpose": ApiCall.Purpose.SEND,
        "method": "purchase.PurchaseOrder.cancelByType",
        "body": '[["CG1"]]',
        "state": ApiCall.State.ANSWERED,
        "started_at": now,
        "finished_at": now,
        "http_status": 200,
        "answer": '{"status":0}',
    }
    credential = cancellation.shop.credentials.get()
    return ApiCall.objects.create(credential=credential, cancellation=cancellation, **(usual | fields))
