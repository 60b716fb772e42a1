from collections.abc import Callable
from functools import cache, partial
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from cancellations.models import AccessChange, CancellationRequest, Maintenance, Notice, Person, RestoredCopy
from cancellations.sending import heartbeat
from cancellations.workflow import permissions
from wdtadmin import version

COUNTED = 100  # rows at the most; that many are shown as 99+
# what the navigation counts for a person; nothing but the person may differ from page to page
COUNTS: dict[str, Callable[[Person], QuerySet[Any]]] = {
    "awaiting_decision_count": lambda person: CancellationRequest.objects.awaiting_decision_of(person),
    "access_change_count": lambda person: AccessChange.objects.concerning(person).waiting(),
    "unread_count": lambda person: Notice.objects.for_user(person).unread(),
    "to_settle_count": lambda person: CancellationRequest.objects.to_be_settled_by(person),
}
ANYBODY = -1  # no person has this key
OF_A_REQUEST = ("cancellation", "order", "cancellation-calls")  # pages that a list of requests leads to


def what_the_person_may_do(request: HttpRequest) -> dict[str, Any]:
    """What the navigation and the error pages show; an error page may come before anybody is known."""
    known: dict[str, Any] = {"request_id": getattr(request, "number", "")}
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return known
    can_decide = permissions.has_role(person, permissions.MANAGER)
    can_manage_shops = permissions.has_role(person, permissions.ADMINISTRATOR)
    counts = {name: SimpleLazyObject(partial(_count, name, person)) for name in COUNTS}
    if not can_decide:
        counts |= {"awaiting_decision_count": 0, "to_settle_count": 0}
    if not (can_decide or can_manage_shops):
        counts["access_change_count"] = 0
    known |= counts
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
    }


def _count(name: str, person: Person) -> int:
    """How many of COUNTS there are for the person, COUNTED at the most.

    Every page counts some, and Django takes four times as long to write such a statement as the database to answer it:
    it is written once, and the person's key is put into it.
    """
    statement, parameters = _statement(name, person.is_superuser)
    with connection.cursor() as cursor:
        cursor.execute(statement, [person.pk if each == ANYBODY else each for each in parameters])
        return cursor.fetchone()[0]


@cache
def _statement(name, is_superuser):
    rows = COUNTS[name](Person(pk=ANYBODY, is_superuser=is_superuser)).order_by().values("pk")[:COUNTED]
    statement, parameters = rows.query.sql_with_params()
    return f"SELECT COUNT(*) FROM ({statement}) AS counted", parameters  # noqa: S608 - Django wrote it
