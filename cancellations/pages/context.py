from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from cancellations.models import AccessChange, CancellationRequest, Maintenance, Notice, RestoredCopy
from cancellations.sending import heartbeat
from cancellations.workflow import permissions
from wdtadmin import version

COUNTED = 100  # unread notices; that many are shown as 99+
OF_A_REQUEST = ("cancellation", "order", "cancellation-calls")  # pages that a list of requests leads to


def what_the_person_may_do(request: HttpRequest) -> dict[str, Any]:
    """What the navigation and the error pages show; an error page may come before anybody is known."""
    known = {"request_id": getattr(request, "number", "")}
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return known
    can_decide = permissions.has_role(person, permissions.MANAGER)
    can_manage_shops = permissions.has_role(person, permissions.ADMINISTRATOR)
    return known | {
        "maintenance": Maintenance.objects.first() if person.in_maintenance else None,
        "of_a_request": OF_A_REQUEST,
        "can_draft": permissions.has_role(person, permissions.CLERK),
        "can_decide": can_decide,
        "can_verify_history": permissions.may(permissions.check_may_verify_history, person),
        "can_see_figures": permissions.may(permissions.check_may_see_figures, person),
        "can_manage_shops": can_manage_shops,
        "no_worker_at_all": SimpleLazyObject(heartbeat.no_worker_is_alive) if can_manage_shops else False,
        "is_restored": SimpleLazyObject(RestoredCopy.objects.unconfirmed().exists) if can_manage_shops else False,
        "application_version": version.shown() if can_manage_shops else "",
        "awaiting_decision_count": SimpleLazyObject(CancellationRequest.objects.awaiting_decision_of(person).count)
        if can_decide
        else 0,
        "access_change_count": SimpleLazyObject(AccessChange.objects.concerning(person).waiting().count)
        if can_decide or can_manage_shops
        else 0,
        "unread_count": SimpleLazyObject(Notice.objects.for_user(person).unread().order_by()[:COUNTED].count),
        "to_settle_count": SimpleLazyObject(CancellationRequest.objects.to_be_settled_by(person).count)
        if can_decide
        else 0,
    }
