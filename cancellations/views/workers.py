"""What goes on in the background: workers, accounts, what waits."""

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Min, Q
from django.shortcuts import render
from django.utils import timezone

from cancellations import tasks
from cancellations.models import CancellationRequest, Credential, OrderLine, Shop, Worker
from cancellations.sending import heartbeat
from cancellations.workflow import permissions

Status, Outcome = CancellationRequest.Status, OrderLine.Outcome


def worker_list(request):
    """The page; as a fragment when it asks for itself again."""
    if not permissions.may(permissions.check_may_manage_shops, request.user):
        raise PermissionDenied
    shops = Shop.objects.for_user(request.user)
    ready, running, oldest = tasks.queue()
    context = {
        "workers": Worker.objects.annotate(is_alive=Count("pk", filter=Q(pk__in=heartbeat.alive().values("pk")))),
        "nobody": not heartbeat.alive().exists(),
        "accounts": _accounts(shops),
        "requests": _requests(shops),
        "queue": {"ready": ready, "running": running, "oldest": oldest},
    }
    fragment = "HX-Request" in request.headers
    return render(request, "cancellations/_workers.html" if fragment else "cancellations/workers.html", context)


def _accounts(shops):
    """The active credentials, each with what its shop has open."""
    accounts = list(
        Credential.objects.filter(shop__in=shops, is_active=True).select_related("shop").order_by("shop__name")
    )
    rows = OrderLine.objects.filter(shop__in=shops, outcome__in=[Outcome.WAITING, Outcome.SENDING]) | (
        OrderLine.objects.filter(shop__in=shops, settle_at__isnull=False)
    )
    open_lines = {
        shop: {"waiting": waiting, "sending": sending, "asked": asked}
        for shop, waiting, sending, asked in rows.order_by()
        .values("shop")
        .annotate(
            waiting=Count("pk", filter=Q(outcome=Outcome.WAITING)),
            sending=Count("pk", filter=Q(outcome=Outcome.SENDING)),
            asked=Count("pk", filter=Q(settle_at__isnull=False)),
        )
        .values_list("shop", "waiting", "sending", "asked")
    }
    now = timezone.now()
    for account in accounts:
        account.open_lines = open_lines.get(account.shop_id, {})
        account.is_in_use = account.lease_until is not None and account.lease_until > now
    return accounts


def _requests(shops):
    """How many requests are on their way, and since when the oldest of them is."""
    return CancellationRequest.objects.filter(shop__in=shops, status__in=CancellationRequest.IN_PROGRESS).aggregate(
        approved=Count("pk", filter=Q(status=Status.APPROVED)),
        running=Count("pk", filter=Q(status=Status.RUNNING)),
        paused=Count("pk", filter=Q(status=Status.PAUSED)),
        oldest=Min("decided_at"),
    )
