"""The page of one cancellation request, and the part of it that keeps itself up to date."""

import hashlib
import uuid
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cancellations import words
from cancellations.models import ApiCall, CancellationRequest, Credential, NoticeSettings, OrderLine
from cancellations.pages.loading import find
from cancellations.pages.requests.forms import AskedForm, DecisionForm
from cancellations.pages.requests.lookup import progress_of, summary
from cancellations.pages.requests.obstacles import obstacles
from cancellations.pages.requests.orders import table
from cancellations.pages.requests.paper import sheet
from cancellations.pages.requests.queue import next_waiting
from cancellations.sending import heartbeat, hours
from cancellations.workflow import apart, clerk, editing, manager, permissions, telling
from cancellations.workflow.errors import MovedOn, NotAllowed, NotApart, OwnMachine, TooOften, WorkflowError
from cancellations.workflow.transitions import is_possible

Outcome, Status = OrderLine.Outcome, CancellationRequest.Status
ELSEWHERE_SHOWN = 50
READ_CALLS = (permissions.MANAGER, permissions.AUDITOR, permissions.ADMINISTRATOR)
BUTTONS = {
    "submit": permissions.check_may_submit,
    "withdraw": permissions.check_may_withdraw,
    "restore": permissions.check_may_withdraw,
    "stop": permissions.check_may_stop,
    "resume": permissions.check_may_resume,
}
REFUSAL_STATUS = {NotAllowed: 403, TooOften: 429, MovedOn: 409}


def cancellation(request: HttpRequest, number: str) -> HttpResponse:
    cancellation = find(request, number)
    return sheet(request, cancellation) if "print" in request.GET else page(request, cancellation)


def page(
    request: HttpRequest,
    cancellation: CancellationRequest,
    *,
    decision_form: Form | None = None,
    edit_form: Form | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """The whole page; `problem` is why a verb was refused, and what was typed comes back in the forms."""
    context = _live(request, cancellation, _state(cancellation)) | {"problem": problem}
    context |= _beside(request, cancellation, context["may_decide"])
    if context["may_decide"]:
        context["form"] = decision_form or DecisionForm(initial={"seen_hash": cancellation.content_hash})
    elif decision_form:
        context["typed"] = decision_form["note"].value()
    if context["may"]["edit"]:
        context["edit_form"] = edit_form or AskedForm(initial=asked_of(cancellation))
        if "edit" in request.GET and edit_form is None:
            context["edit_form"].fields["reason"].widget.attrs["autofocus"] = True
        context["is_edited"] = edit_form is not None or "edit" in request.GET
        context["form"] = edit_form
    return render(request, "requests/page.html", context, status=status)


def asked_of(cancellation: CancellationRequest) -> dict[str, Any]:
    """What the request asks for, as the form of a draft takes it."""
    return {field: getattr(cancellation, field) for field in AskedForm.base_fields}


def refusal(
    request: HttpRequest, number: str, error: WorkflowError, *, decision_form: Form | None = None
) -> HttpResponse:
    """The page of the request as it is now, with the sentence of a verb that was refused."""
    status = next((code for kind, code in REFUSAL_STATUS.items() if isinstance(error, kind)), 422)
    return page(request, find(request, number), decision_form=decision_form, problem=str(error), status=status)


def progress(request: HttpRequest, number: str) -> HttpResponse:
    """The part that the page asks for again and again; 204 if nothing has changed since `version`."""
    cancellation = find(request, number)
    state = _state(cancellation)
    if request.GET.get("version") == state["version"]:
        return HttpResponse(status=204)
    context = _live(request, cancellation, state) | {"alone": True}
    return render(request, "requests/_live.html", context)


def _state(cancellation):
    """What tells whether anything that the page shows has changed; all of it costs little, however long the list is."""
    counts, next_ask = cancellation.lines.numbers()
    credential = Credential.objects.filter(shop=cancellation.shop_id, is_active=True).first()
    progress = progress_of(cancellation)
    lookup = progress.lookup
    newest = cancellation.events.order_by("-pk").values_list("pk", flat=True).first()
    is_looking_up = lookup is not None and lookup.ended_at is None
    is_due = bool(cancellation.status in CancellationRequest.SENDABLE or counts["to_settle"] or is_looking_up)
    waits = hours.wait_of(cancellation, is_due=is_due, is_waiting=counts["WAITING"] > 0)
    no_worker = is_due and heartbeat.no_worker_is_alive()
    shown = [
        no_worker,
        waits and (waits.why, waits.seconds),
        cancellation.status,
        cancellation.pause_reason,
        cancellation.line_count,
        sorted(counts.items()),
        newest,
        credential and (credential.waiting_for, str(credential.next_call_at) if credential.waiting_for else ""),
        lookup and (lookup.pk, str(lookup.ended_at), progress.answered),
        str(next_ask),
    ]
    return {
        "counts": counts,
        "account": credential,
        "waits": waits,
        "no_worker": no_worker,
        "lookup_progress": progress,
        "is_looking_up": is_looking_up,
        "next_ask": next_ask,
        "version": hashlib.sha256(repr(shown).encode()).hexdigest()[:16],
    }


def _live(request, cancellation, state):
    """What changes while the request is looked up and sent; `may` are the verbs that would work now for this person."""

    def may(check):
        return permissions.may(check, person, cancellation)

    person, counts, account = request.user, state["counts"], state["account"]
    goes_on = counts["to_settle"] or state["is_looking_up"]
    # The account has to wait, and that is why this request or its look-up does.
    account_waits = account and account.waiting_for and (goes_on or cancellation.status in CancellationRequest.SENDABLE)
    # How often the page asks for news; None if there will be none.
    refresh_seconds = 10 if cancellation.status == Status.SUBMITTED else None
    if goes_on or cancellation.status in CancellationRequest.IN_PROGRESS:
        refresh_seconds = 2
    # [(purpose in words, calls)] that the ERP has answered or may have: the vendor bills them.
    made = cancellation.calls.exclude(state=ApiCall.State.NOT_EXECUTED).order_by()
    calls = dict(made.values_list("purpose").annotate(Count("pk")))
    possible = {verb: is_possible(verb, cancellation) and may(check) for verb, check in BUTTONS.items()}
    possible["restore"] = possible["restore"] and not cancellation.submitted_at
    possible["edit"] = cancellation.status == Status.DRAFT and may(permissions.check_may_change_draft)
    left = cancellation.lines.filter(outcome__in=[Outcome.REFUSED, Outcome.SKIPPED])
    possible["copy"] = bool(cancellation.ended_at and may(permissions.check_may_copy) and left.exists())
    return {
        "cancellation": cancellation,
        "counts": counts,
        "version": state["version"],
        "credential": account if account_waits else None,
        "waits": state["waits"],
        "no_worker": state["no_worker"],
        "next_ask": state["next_ask"],
        "calls_made": [(purpose.label, calls[purpose]) for purpose in ApiCall.Purpose if calls.get(purpose)],
        "events": [words.events.told(event) for event in cancellation.events.order_by("-pk")[:100]],
        "refresh_seconds": refresh_seconds,
        "may": possible,
        "may_pause_account": permissions.may(permissions.check_may_pause_account, person, cancellation.shop),
        "may_decide": is_possible("approve", cancellation) and may(permissions.check_may_decide),
        "may_ask_again": counts["given_up"] and may(permissions.check_may_ask_again),
        "may_decide_by_hand": counts["for_people"] and may(permissions.check_may_decide_by_hand),
        "copy_token": uuid.uuid4(),
        "last_drop": editing.last_drop(cancellation) if possible["edit"] else None,
        **summary(person, cancellation, state["lookup_progress"]),
        **table(request, cancellation),
    }


def _beside(request, cancellation, may_decide):
    """What stands beside the live part: who could decide, and in words what is decided on."""
    submitted, is_undecided = cancellation.status == Status.SUBMITTED, cancellation.is_undecided
    people = telling.deciders_of(cancellation) if submitted else []
    wishes = NoticeSettings.objects.filter(person__in=people)
    away = {own.person_id: own.away_until for own in wishes if own.is_away(timezone.localdate())}
    # The orders that are open in another request, and those that were probably done before.
    columns = ("order_no", "cancellation__number")
    taken = list(clerk.taken_elsewhere(cancellation).values_list(*columns)) if is_undecided else []
    done = list(clerk.done_before(cancellation).values_list(*columns)) if is_undecided else []
    # Why a manager of the shop may not decide on this request, where it is not clear from the roles.
    not_apart = ""
    if submitted and not may_decide:
        try:
            permissions.check_may_decide(request.user, cancellation)
        except (NotApart, OwnMachine) as error:
            not_apart = str(error)
        except NotAllowed:
            pass
    return {
        # A clerk finds the call of an order at the order itself.
        "reads_calls": permissions.has_role(request.user, *READ_CALLS),
        "promise": words.orders.promise(cancellation.operation, cancellation.line_count, cancellation.shop),
        "not_apart": not_apart,
        # (who may decide, when and by whom their access was recovered last, until when they are away)
        "deciders": [(person, access, away.get(person.pk)) for person, access in _with_access(people)],
        "obstacles": obstacles([cancellation.shop]) if is_undecided else [],
        "next_waiting": next_waiting(request.user, cancellation)
        if cancellation.decided_by_id == request.user.pk
        else None,
        "decider_access": _with_access([cancellation.decided_by])[0][1] if cancellation.decided_by else "",
        "hold_seconds": settings.APPROVAL_HOLD_SECONDS,
        "is_own": request.user.pk == cancellation.requester_id,
        "extended_to": words.times.short(manager.extended_deadline(cancellation.expires_at))
        if submitted and not cancellation.extended_at
        else "",
        "taken": taken[:ELSEWHERE_SHOWN],
        "taken_count": len(taken),
        "done": done[:ELSEWHERE_SHOWN],
        "done_count": len(done),
    }


def _with_access(people):
    newest = {}
    for event in apart.changes_of_access(people):
        newest.setdefault(event.person_id, event)
    return [(person, words.people.last_change_of_access(newest.get(person.pk))) for person in people]
