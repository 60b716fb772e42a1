"""What people do to a request: each view loads it, calls one verb and answers."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import transaction
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cancellations import tasks
from cancellations.models import Verdict
from cancellations.pages.loading import find
from cancellations.pages.requests.forms import DecisionForm
from cancellations.pages.requests.page import page
from cancellations.workflow import clerk, control, lookups, manager
from cancellations.workflow.errors import MovedOn, NotAllowed, NoteMissing, TooOften, WorkflowError


def _status_of(error):
    if isinstance(error, NotAllowed):
        return 403
    if isinstance(error, TooOften):
        return 429
    return 409 if isinstance(error, MovedOn) else 422


def _do(request, number, verb, done):
    """Calls `verb(cancellation)`; its refusal is shown on the page of the request."""
    cancellation = find(request, number)
    try:
        verb(cancellation)
    except WorkflowError as error:
        return page(request, find(request, number), problem=str(error), status=_status_of(error))
    messages.success(request, done)
    return redirect(cancellation)


@require_POST
def submit(request, number):
    def verb(cancellation):
        with transaction.atomic():
            clerk.submit(cancellation, by=request.user)
            tasks.wake_shop(cancellation.shop)

    done = _("The request was submitted. You see here when it is decided on and what becomes of each order.")
    return _do(request, number, verb, done)


@require_POST
def look_again(request, number):
    def verb(cancellation):
        with transaction.atomic():
            lookups.look_again(cancellation, by=request.user)
            tasks.wake_shop(cancellation.shop)

    return _do(request, number, verb, _("The orders are being looked up once more."))


# what can be dropped with one click -> the lines of a draft
DROPPABLE = {
    "refused": lambda cancellation: cancellation.lines.filter(snapshot__verdict=Verdict.REFUSED),
    "not_visible": lambda cancellation: cancellation.lines.filter(snapshot__verdict=Verdict.NOT_VISIBLE),
    "taken": lambda cancellation: _with_numbers(cancellation, clerk.taken_elsewhere(cancellation)),
    "done": lambda cancellation: _with_numbers(cancellation, clerk.done_before(cancellation)),
}


def _with_numbers(cancellation, others):
    return cancellation.lines.filter(order_no__in=others.order_by().values("order_no"))


@require_POST
def drop(request, number):
    what = request.POST.get("what")

    def verb(cancellation):
        if what not in DROPPABLE:  # only now: what somebody may not see is a 404, whatever was posted
            raise BadRequest
        clerk.drop(cancellation, by=request.user, lines=DROPPABLE[what](cancellation), why=what)

    return _do(request, number, verb, _("These orders were left out of the draft."))


@require_POST
def withdraw(request, number):
    done = _("The request was withdrawn. Nothing was sent to the ERP.")
    return _do(request, number, lambda cancellation: clerk.withdraw(cancellation, by=request.user), done)


@require_POST
def stop(request, number):
    done = _("The request was stopped: nothing further is sent. A call that is under way is still recorded.")
    return _do(request, number, lambda cancellation: control.stop(cancellation, by=request.user), done)


@require_POST
def resume(request, number):
    def verb(cancellation):
        with transaction.atomic():
            control.resume(cancellation, by=request.user)
            tasks.wake_shop(cancellation.shop)

    return _do(request, number, verb, _("The request was resumed."))


@require_POST
def ask_again(request, number):
    def verb(cancellation):
        with transaction.atomic():
            control.ask_again(cancellation, by=request.user)
            tasks.wake_shop(cancellation.shop)

    return _do(request, number, verb, _("The ERP is asked once more what became of these orders."))


@require_POST
def by_hand(request, number):
    """Of one order if its position is given, else of all that are unknown."""
    done, position = request.POST.get("done"), request.POST.get("position", "")

    def verb(cancellation):
        if done not in ("yes", "no") or not (position == "" or (position.isascii() and position.isdigit())):
            raise BadRequest
        lines = cancellation.lines.filter(position=int(position[:9])) if position else cancellation.lines.all()
        note = request.POST.get("note", "").replace("\x00", "")
        with transaction.atomic():
            control.decide_by_hand(cancellation, by=request.user, lines=lines, done=done == "yes", note=note)
            tasks.wake_shop(cancellation.shop)

    return _do(request, number, verb, _("Your decision was recorded with your name and your note."))


@require_POST
def approve(request, number):
    def verb(cancellation, seen_hash, note):
        with transaction.atomic():
            manager.approve(cancellation, by=request.user, seen_hash=seen_hash, note=note)
            tasks.wake_shop(cancellation.shop)

    return _decide(request, number, verb, _("The request was approved. What happens with it now stands below."))


@require_POST
def reject(request, number):
    def verb(cancellation, seen_hash, note):
        manager.reject(cancellation, by=request.user, seen_hash=seen_hash, note=note)

    return _decide(request, number, verb, _("The request was rejected. The requester sees your note."))


def _decide(request, number, verb, done):
    cancellation = find(request, number)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return page(request, cancellation, decision_form=form, status=422)
    try:
        verb(cancellation, form.cleaned_data["seen_hash"], form.cleaned_data["note"])
    except NoteMissing as error:
        form.add_error("note", str(error))
        return page(request, find(request, number), decision_form=form, status=422)
    except WorkflowError as error:
        form = DecisionForm({"note": form.cleaned_data["note"], "seen_hash": cancellation.content_hash})
        return page(request, find(request, number), decision_form=form, problem=str(error), status=_status_of(error))
    messages.success(request, done)
    return redirect(cancellation)


@require_POST
def copy(request, number):
    cancellation = find(request, number)
    try:
        draft = clerk.copy(cancellation, by=request.user, token=_token(request))
    except WorkflowError as error:
        return page(request, find(request, number), problem=str(error), status=_status_of(error))
    return redirect(draft)


def _token(request):
    """The form's own token, so that a double click makes one draft; a form without one is a form of its own."""
    try:
        return UUID(request.POST.get("token", ""))
    except ValueError:
        return uuid4()
