"""Requests in every status, brought there by the verbs that lead there."""

from datetime import timedelta

from django.utils import timezone

from cancellations.models import ApiCall, CancellationRequest, OrderLine
from cancellations.sending import calls, lease
from cancellations.workflow import clerk, control, machine, manager
from tests.made_lookups import show
from tests.people import draft_of

Status, Outcome = CancellationRequest.Status, OrderLine.Outcome
THREE = ("CG1", "CG2", "CG3")


def drafted(shop, by, order_nos=THREE):
    """A draft whose first order will be refused, with no look-up under way."""
    cancellation = draft_of(shop, by, order_nos)
    show(cancellation.lines.first(), verdict="refused")
    _end_lookups(cancellation)
    return cancellation


def _submitted(shop, by, order_nos=THREE):
    cancellation = drafted(shop, by, order_nos)
    clerk.submit(cancellation, by=by)
    _end_lookups(cancellation)
    return cancellation


def _end_lookups(cancellation):
    cancellation.lookups.update(ended_at=timezone.now())


def running(shop, by, decider, order_nos=THREE):
    """One order refused, one of which nobody knows, one waiting."""
    cancellation = _submitted(shop, by, order_nos)
    manager.approve(cancellation, by=decider, seen_hash=cancellation.content_hash)
    credential = lease.take(shop.credentials.get().pk)
    [call] = calls.write_ahead(credential, purpose="send", method="m", bodies=["[]"], cancellation=cancellation)
    ApiCall.objects.filter(pk=call.pk).update(state="unknown", finished_at=timezone.now())
    lease.release(credential)
    first, second, _ = cancellation.lines.all()
    OrderLine.objects.filter(pk=first.pk).update(outcome=Outcome.REFUSED, known_by="reported", sent_in=call)
    OrderLine.objects.filter(pk=second.pk).update(outcome=Outcome.UNKNOWN, sent_in=call)
    machine.start(cancellation)
    return cancellation


def in_status(status, shop, by, decider):
    """A request in the status, brought there by the verbs that lead there."""
    if status == Status.DRAFT:
        return drafted(shop, by)
    if status in (Status.RUNNING, Status.PAUSED, Status.FINISHED, Status.STOPPED):
        cancellation = running(shop, by, decider)
    else:
        cancellation = _submitted(shop, by)
    if status == Status.EXPIRED:
        CancellationRequest.objects.filter(pk=cancellation.pk).update(expires_at=timezone.now() - timedelta(hours=1))
    lead = {
        Status.APPROVED: lambda: manager.approve(cancellation, by=decider, seen_hash=cancellation.content_hash),
        Status.REJECTED: lambda: manager.reject(
            cancellation, by=decider, seen_hash=cancellation.content_hash, note="不"
        ),
        Status.WITHDRAWN: lambda: clerk.withdraw(cancellation, by=by),
        Status.EXPIRED: machine.expire_overdue,
        Status.PAUSED: lambda: machine.pause(cancellation, reason="sign"),
        Status.FINISHED: lambda: machine.finish(cancellation),
        Status.STOPPED: lambda: control.stop(cancellation, by=decider, note="供应商改期"),
    }
    lead.get(status, lambda: None)()
    cancellation.refresh_from_db()
    assert cancellation.status == status
    return cancellation
