"""What goes on in the background: workers, accounts, what waits."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, Count, ExpressionWrapper, Min, Q
from django.http import HttpResponse
from django.shortcuts import render

from cancellations import tasks
from cancellations.models import CancellationRequest, Credential, OrderLine, Shop, Worker
from cancellations.sending import heartbeat, lease
from cancellations.workflow import permissions

Status, Outcome = CancellationRequest.Status, OrderLine.Outcome


@login_not_required
def worker_list(request):
    """The page; as a fragment when it asks for itself again.

    A part of a page must not be answered by a redirect: the sign-in page would stand in the middle of this one.
    """
    fragment = "HX-Request" in request.headers
    if not request.user.is_authenticated:
        signed_out = HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return signed_out if fragment else redirect_to_login(request.get_full_path())
    if not permissions.may(permissions.check_may_manage_shops, request.user):
        raise PermissionDenied
    shops = Shop.objects.for_user(request.user)
    ready, running, oldest = tasks.queue()
    context = {
        "workers": Worker.objects.annotate(is_alive=Count("pk", filter=Q(pk__in=heartbeat.alive().values("pk")))),
        "nobody": heartbeat.no_worker_is_alive(),
        "accounts": _accounts(shops),
        "requests": _requests(shops),
        "queue": {"ready": ready, "running": running, "oldest": oldest},
    }
    return render(request, "cancellations/_workers.html" if fragment else "cancellations/workers.html", context)


def _accounts(shops):
    """The active credentials, each with what its shop has open."""
    accounts = list(
        Credential.objects.filter(shop__in=shops, is_active=True)
        .annotate(is_free=ExpressionWrapper(lease.free(), output_field=BooleanField()))  # by the database's clock
        .select_related("shop")
        .order_by("shop__name")
    )
    # The orders of a request that nobody has decided on are WAITING too, but they wait for a person.
    approved = Q(outcome__in=OrderLine.OPEN, cancellation__status__in=CancellationRequest.IN_PROGRESS)
    rows = OrderLine.objects.filter(approved | Q(settle_at__isnull=False), shop__in=shops)
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
    for account in accounts:
        account.open_lines = open_lines.get(account.shop_id, {})
    return accounts


def _requests(shops):
    """How many requests are on their way, and since when the oldest of them is."""
    return CancellationRequest.objects.filter(shop__in=shops, status__in=CancellationRequest.IN_PROGRESS).aggregate(
        approved=Count("pk", filter=Q(status=Status.APPROVED)),
        running=Count("pk", filter=Q(status=Status.RUNNING)),
        paused=Count("pk", filter=Q(status=Status.PAUSED)),
        oldest=Min("decided_at", filter=Q(status__in=CancellationRequest.SENDABLE)),
    )
