"""What people do to a request: each view loads it, calls one verb and answers."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cancellations import tasks
from cancellations.forms.requests import DecisionForm
from cancellations.views.cancellation import find, page
from cancellations.workflow import clerk, control, manager
from cancellations.workflow.errors import MovedOn, NotAllowed, NoteMissing, WorkflowError


def _status_of(error):
    if isinstance(error, NotAllowed):
        return 403
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
    done = _("The request was submitted. You see here when it is decided on and what becomes of each order.")
    return _do(request, number, lambda cancellation: clerk.submit(cancellation, by=request.user), done)


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
def approve(request, number):
    def verb(cancellation, seen_hash, note):
        with transaction.atomic():
            manager.approve(cancellation, by=request.user, seen_hash=seen_hash, note=note)
            tasks.wake_shop(cancellation.shop)

    return _decide(request, number, verb, _("The request was approved. It is being sent to the ERP in the background."))


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
