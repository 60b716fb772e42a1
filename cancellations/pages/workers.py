"""What goes on in the background: workers, accounts, what waits."""

from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, Min, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cancellations import tasks
from cancellations.models import CancellationRequest, Credential, OrderLine, Shop, Worker
from cancellations.sending import heartbeat, lease
from cancellations.workflow import permissions

Status, Outcome = CancellationRequest.Status, OrderLine.Outcome


def worker_list(request: HttpRequest) -> HttpResponse:
    """The page; as a fragment when it asks for itself again."""
    fragment = "HX-Request" in request.headers
    if not permissions.may(permissions.check_may_manage_shops, request.user):
        raise PermissionDenied
    shops = Shop.objects.for_user(request.user)
    ready, running, oldest = tasks.queue()
    accounts = _accounts(shops)
    # Those that have shown themselves within a day, each with whether it is alive and whether it holds an account.
    held = Credential.objects.filter(~lease.free(), leased_to=OuterRef("name"))  # by the database's clock
    workers = Worker.objects.annotate(
        is_alive=Exists(heartbeat.alive().filter(pk=OuterRef("pk"))), is_working=Exists(held)
    ).order_by("host", "process", "started_at")
    by_name = {worker.name: worker for worker in workers}
    for account in accounts:
        account.worker = None if account.is_free else by_name.get(account.leased_to)
        account.may_call = account.next_call_at is not None and account.next_call_at <= timezone.now()
        if account.worker:  # its account, as far as the reader may know it
            account.worker.account = account
    context = {
        "workers": workers,
        "nobody": not any(worker.is_alive for worker in workers),
        "accounts": accounts,
        "requests": CancellationRequest.objects.filter(
            shop__in=shops, status__in=CancellationRequest.IN_PROGRESS
        ).aggregate(
            approved=Count("pk", filter=Q(status=Status.APPROVED)),
            running=Count("pk", filter=Q(status=Status.RUNNING)),
            paused=Count("pk", filter=Q(status=Status.PAUSED)),
            oldest=Min("decided_at", filter=Q(status__in=CancellationRequest.SENDABLE)),
        ),
        "queue": {"ready": ready, "running": running, "oldest": oldest},
    }
    return render(request, "workers/_workers.html" if fragment else "workers/page.html", context)


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
        shop: {"waiting": waiting, "sending": sending, "unknown": unknown, "to_verify": to_verify}
        for shop, waiting, sending, unknown, to_verify in rows.order_by()
        .values("shop")
        .annotate(
            waiting=Count("pk", filter=Q(outcome=Outcome.WAITING)),
            sending=Count("pk", filter=Q(outcome=Outcome.SENDING)),
            unknown=Count("pk", filter=Q(settle_at__isnull=False, outcome=Outcome.UNKNOWN)),
            to_verify=Count("pk", filter=Q(settle_at__isnull=False) & ~Q(outcome=Outcome.UNKNOWN)),
        )
        .values_list("shop", "waiting", "sending", "unknown", "to_verify")
    }
    of_shops = OrderLine.objects.for_people().filter(shop__in=shops).order_by().values_list("shop")
    for_people = dict(of_shops.annotate(Count("pk")))
    for account in accounts:
        account.open_lines = open_lines.get(account.shop_id, {})
        account.for_people = for_people.get(account.shop_id, 0)
    return accounts
