"""Changes of access that a second person has to confirm: what is asked for, and who may confirm or refuse it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from cancellations import words
from cancellations.access.sudo import needs_password
from cancellations.models import AccessChange, Person
from cancellations.workflow import access_changes, permissions
from cancellations.workflow.errors import WorkflowError

WAITS = gettext_lazy("A second administrator has to confirm this before it takes effect.")


@dataclass
class Row:
    """A change that waits, with what the reader may do about it."""

    change: AccessChange
    text: str
    confirmers: list[Person]  # who may confirm it now
    may_confirm: bool
    may_refuse: bool
    is_own: bool  # the reader asked for it, and withdraws it


def rows(waiting: Iterable[AccessChange], *, by: Person) -> list[Row]:
    """The changes as the person `by` sees them, the oldest first."""
    found = waiting.select_related("person", "asked_by").prefetch_related("shops").order_by("pk")
    return [
        Row(
            change=change,
            text=words.people.access_change(change),
            confirmers=access_changes.who_may_confirm(change),
            may_confirm=permissions.may(access_changes.check_may_confirm, by, change),
            may_refuse=permissions.may(access_changes.check_may_refuse, by, change),
            is_own=by.pk == change.asked_by_id,
        )
        for change in found
    ]


def tell(request: HttpRequest, change: AccessChange | None, done: str) -> None:
    """Says what was done, or that it waits: a verb gives the AccessChange that it has only asked for."""
    if change is None:
        messages.success(request, done)
    else:
        messages.warning(request, WAITS)


def change_list(request: HttpRequest) -> HttpResponse:
    """Those that concern the reader: of their own access, in their seller accounts, or asked for by them."""
    waiting = AccessChange.objects.concerning(request.user).waiting()
    return render(request, "people/changes.html", {"changes": rows(waiting, by=request.user)})


@require_POST
@needs_password
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    return _end(request, pk, access_changes.confirm, _("Change confirmed."))


@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    return _end(request, pk, access_changes.refuse, _("The change was ended and has no effect."))


def _end(request, pk, verb: Callable[..., None], done):
    change = get_object_or_404(AccessChange.objects.concerning(request.user), pk=pk)
    try:
        verb(change, by=request.user)
    except WorkflowError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("access-change-list")
