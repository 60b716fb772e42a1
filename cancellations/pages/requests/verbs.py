"""What people do to a request: each view loads it, calls one verb and answers."""

from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from cancellations.access.sudo import approval_needs_password
from cancellations.models import CancellationRequest, Forecast, OrderLine
from cancellations.pages.loading import find, typed
from cancellations.pages.requests.forms import AskedForm, DecisionForm
from cancellations.pages.requests.lookup import joined
from cancellations.pages.requests.page import asked_of, page, refusal
from cancellations.pages.requests.steps import token_of
from cancellations.workflow import administrator, clerk, control, drafts, editing, lookups, manager
from cancellations.workflow.errors import NoteMissing, NothingToChange, WorkflowError


def _do(request, cancellation, verb, success="", /, **given):
    """Calls the verb; its refusal is shown on the page of the request, and `success`, if the page does not say it."""
    try:
        verb(cancellation, by=request.user, **given)
    except WorkflowError as error:
        return refusal(request, cancellation.number, error)
    if success:
        messages.success(request, success)
    return redirect(cancellation)


@require_POST
def submit(request: HttpRequest, number: str) -> HttpResponse:
    done = _("Request submitted. Its approval and the outcome of each order will appear on this page.")
    return _do(request, find(request, number), clerk.submit, done)


@require_POST
def look_again(request: HttpRequest, number: str) -> HttpResponse:
    return _do(request, find(request, number), lookups.look_again, is_rest="is_rest" in request.POST)


# what can be dropped with one click -> the lines of a draft
DROPPABLE = {
    "refused": lambda cancellation: cancellation.lines.filter(snapshot__verdict=Forecast.REFUSED),
    "not_visible": lambda cancellation: cancellation.lines.filter(snapshot__verdict=Forecast.NOT_VISIBLE).exclude(
        order_no__in=joined(cancellation)
    ),
    "joined": lambda cancellation: cancellation.lines.filter(order_no__in=joined(cancellation)),
    "taken": lambda cancellation: cancellation.lines.like(clerk.taken_elsewhere(cancellation)),
    "done": lambda cancellation: cancellation.lines.like(clerk.done_before(cancellation)),
}
CHOSEN = "chosen"  # one by one: the positions come with it


@require_POST
def drop(request: HttpRequest, number: str) -> HttpResponse:
    cancellation, what = find(request, number), request.POST.get("what")
    if what == CHOSEN:
        positions = [_whole(position) for position in request.POST.getlist("position")]
        lines = cancellation.lines.filter(position__in=[position for position in positions if position is not None])
    elif what in DROPPABLE:
        lines = DROPPABLE[what](cancellation)
    else:
        raise BadRequest
    seen = _whole(request.POST.get(f"seen_{what}", ""))
    try:
        editing.drop(cancellation, by=request.user, lines=lines, why=what, seen=seen)
    except WorkflowError as error:
        return refusal(request, cancellation.number, error)
    return redirect(cancellation)  # which says how many, and offers to undo it


def _whole(text):
    """The number that the text is; None if it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


@require_POST
def put_back(request: HttpRequest, number: str) -> HttpResponse:
    return _do(request, find(request, number), editing.put_back, _("The removed orders are back in the draft."))


@require_POST
def edit(request: HttpRequest, number: str) -> HttpResponse:
    cancellation = find(request, number)
    form = AskedForm(request.POST, initial=asked_of(cancellation))
    if not form.is_valid():
        return page(request, cancellation, edit_form=form, status=422)
    try:
        editing.change(cancellation, by=request.user, **form.asked)
    except NothingToChange:
        return redirect(cancellation)
    except WorkflowError as error:
        return refusal(request, number, error)
    messages.success(request, _("Draft changed."))
    return redirect(cancellation)


@require_POST
def restore(request: HttpRequest, number: str) -> HttpResponse:
    return _do(request, find(request, number), clerk.restore, _("The draft is back."))


@require_POST
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    cancellation = find(request, number)
    was_draft = cancellation.status == CancellationRequest.Status.DRAFT
    done = "" if was_draft else _("Request withdrawn. Nothing was sent to the ERP.")
    return _do(request, cancellation, clerk.withdraw, done)


@require_POST
def remind(request: HttpRequest, number: str) -> HttpResponse:
    cancellation = find(request, number)
    try:
        people = clerk.remind(cancellation, by=request.user)
    except WorkflowError as error:
        return refusal(request, number, error)
    if people:
        names = pgettext("list", ", ").join(map(str, people))
        messages.success(request, _("Asked for a decision: %(people)s.") % {"people": names})
    else:
        nobody = _("Everybody who may decide is away, or there is nobody. The administrators have been told.")
        messages.warning(request, nobody)
    return redirect(cancellation)


@require_POST
def stop(request: HttpRequest, number: str) -> HttpResponse:
    done = _("Request stopped: nothing more will be sent. A call in flight is still recorded.")
    return _do(request, find(request, number), control.stop, done, note=typed(request.POST, "note"))


@require_POST
def resume(request: HttpRequest, number: str) -> HttpResponse:
    return _do(request, find(request, number), control.resume, _("Request resumed."))


@require_POST
def pause_account(request: HttpRequest, number: str) -> HttpResponse:
    return _of_the_account(request, number, administrator.pause_account, note=typed(request.POST, "note"))


@require_POST
def resume_account(request: HttpRequest, number: str) -> HttpResponse:
    return _of_the_account(request, number, administrator.resume_account)


def _of_the_account(request, number, verb, **given):
    cancellation = find(request, number)
    try:
        verb(cancellation.shop, by=request.user, **given)
    except WorkflowError as error:
        return refusal(request, number, error)
    return redirect(cancellation)  # which says whether its account is paused


@require_POST
def ask_again(request: HttpRequest, number: str) -> HttpResponse:
    return _do(request, find(request, number), control.ask_again)


@require_POST
@approval_needs_password
def approve(request: HttpRequest, number: str) -> HttpResponse:
    done = _("Request approved. Follow its progress below.")
    return _decide(request, number, manager.approve, done)


@require_POST
def reject(request: HttpRequest, number: str) -> HttpResponse:
    done = _("Request rejected. The requester can see your note.")
    return _decide(request, number, manager.reject, done)


@require_POST
def extend(request: HttpRequest, number: str) -> HttpResponse:
    return _do(request, find(request, number), manager.extend, _("Deadline extended."))


def _decide(request, number, verb, done):
    cancellation = find(request, number)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return page(request, cancellation, decision_form=form, status=422)
    try:
        verb(cancellation, by=request.user, **form.cleaned_data)
    except NoteMissing as error:
        form.add_error("note", str(error))
        return page(request, find(request, number), decision_form=form, status=422)
    except WorkflowError as error:
        form = DecisionForm({"note": form.cleaned_data["note"], "seen_hash": cancellation.content_hash})
        return refusal(request, number, error, decision_form=form)
    messages.success(request, done)
    return redirect(cancellation)


@require_POST
def copy(request: HttpRequest, number: str) -> HttpResponse:
    cancellation = find(request, number)
    try:
        why = OrderLine.Why.UNCHECKED if request.POST.get("why") == OrderLine.Why.UNCHECKED else ""
        # A double click makes one draft; a form without a token is a form of its own.
        draft = drafts.copy(cancellation, by=request.user, token=token_of(request.POST) or uuid4(), why=why)
    except WorkflowError as error:
        return refusal(request, number, error)
    return redirect(f"{draft.get_absolute_url()}?edit=1")
