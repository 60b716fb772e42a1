"""The page of one cancellation request, and the part of it that keeps itself up to date."""

import hashlib
import uuid

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from cancellations.forms.requests import DecisionForm
from cancellations.models import CancellationRequest, Credential, OrderLine
from cancellations.views import words
from cancellations.workflow import machine, permissions
from cancellations.workflow.transitions import is_possible

PAGE_SIZE = 100
Outcome, Status = OrderLine.Outcome, CancellationRequest.Status


def find(request, number):
    """The request with this number if the person may read it; else 404."""
    readable = CancellationRequest.objects.for_user(request.user)
    return get_object_or_404(
        readable.select_related("shop", "requester", "decided_by", "stopped_by", "copied_from"), number=number
    )


def cancellation(request, number):
    return page(request, find(request, number))


def page(request, cancellation, *, decision_form=None, problem="", status=200):
    """The whole page; `problem` is why a verb was refused, and what was typed comes back in `decision_form`."""
    context = _live(request, cancellation) | _beside(request, cancellation) | {"problem": problem}
    if context["may_decide"]:
        context["form"] = decision_form or DecisionForm(initial={"seen_hash": cancellation.content_hash})
    elif decision_form:
        context["typed"] = decision_form["note"].value()
    return render(request, "cancellations/cancellation.html", context, status=status)


@login_not_required
def progress(request, number):
    """The part that the page asks for again and again; 204 if nothing has changed since `version`.

    Whoever was signed out in the meantime is sent to the sign-in page as a whole: a redirect would put that page
    into the middle of this one.
    """
    if not request.user.is_authenticated:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    context = _live(request, find(request, number))
    if request.GET.get("version") == context["version"]:
        return HttpResponse(status=204)
    return render(request, "cancellations/_live.html", context | {"alone": True})


def _live(request, cancellation):
    """What changes while the request is sent."""
    person = request.user
    counts = _counts(cancellation)
    credential = Credential.objects.filter(shop=cancellation.shop_id, is_active=True).first()
    events = list(cancellation.events.order_by("-pk")[:100])
    asked = counts["to_settle"] > 0
    return {
        "cancellation": cancellation,
        "counts": counts,
        "credential": credential if _is_waiting(cancellation, credential, asked) else None,
        "events": events,
        "moving": cancellation.status == Status.SUBMITTED
        or cancellation.status in CancellationRequest.IN_PROGRESS
        or asked,
        "version": _version(cancellation, counts, credential, events),
        "may": _what_is_possible(person, cancellation),
        "may_decide": _may_decide(person, cancellation),
        "copy_token": uuid.uuid4(),
    } | _lines(request, cancellation)


def _counts(cancellation):
    """How many orders have which outcome, how it is known, and how many the ERP is still to be asked about."""
    per_outcome = {outcome.value: Count("pk", filter=Q(outcome=outcome)) for outcome in Outcome}
    counts = cancellation.lines.aggregate(
        **per_outcome,
        verified=Count("pk", filter=Q(known_by=OrderLine.KnownBy.VERIFIED)),
        contradicted=Count("pk", filter=Q(why=OrderLine.Why.CONTRADICTED)),
        to_settle=Count("pk", filter=Q(settle_at__isnull=False)),
    )
    counts["known"] = counts["DONE"] + counts["REFUSED"] + counts["UNKNOWN"] + counts["SKIPPED"]
    counts["sent"] = counts["DONE"] + counts["REFUSED"] + counts["UNKNOWN"] + counts["SENDING"]
    return counts


def _is_waiting(cancellation, credential, asked):
    """Whether the account has to wait, and that is why this request does."""
    if credential is None or not credential.waiting_for:
        return False
    return cancellation.status in CancellationRequest.SENDABLE or asked


def _version(cancellation, counts, credential, events):
    """Changes when anything that the page shows changes."""
    shown = [
        cancellation.status,
        cancellation.pause_reason,
        sorted(counts.items()),
        events[0].pk if events else 0,
        credential and (credential.waiting_for, str(credential.next_call_at)),
    ]
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def _lines(request, cancellation):
    """One page of orders, of one outcome if it is asked for; `after` is the position of the last one shown."""
    outcome = request.GET.get("outcome")
    lines = cancellation.lines.order_by("position")
    if outcome in Outcome.values:
        lines = lines.filter(outcome=outcome)
    else:
        outcome = ""
    after = _position(request.GET.get("after"))
    rows = list(lines.filter(position__gt=after)[: PAGE_SIZE + 1])
    return {
        "outcome": outcome,
        "outcomes": Outcome,
        "after": after,
        "lines": rows[:PAGE_SIZE],
        "next_after": rows[PAGE_SIZE - 1].position if len(rows) > PAGE_SIZE else None,
    }


def _position(value):
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 10 else 0


def _what_is_possible(person, cancellation):
    """The verbs that would work now for this person; the buttons of the page."""
    checks = {
        "submit": permissions.check_may_submit,
        "withdraw": permissions.check_may_withdraw,
        "stop": permissions.check_may_stop,
        "resume": permissions.check_may_resume,
    }
    possible = {
        verb: is_possible(verb, cancellation) and permissions.may(check, person, cancellation)
        for verb, check in checks.items()
    }
    left = Q(outcome__in=[Outcome.REFUSED, Outcome.SKIPPED])
    possible["copy"] = bool(
        cancellation.ended_at
        and permissions.may(permissions.check_may_copy, person, cancellation)
        and cancellation.lines.filter(left).exists()
    )
    return possible


def _may_decide(person, cancellation):
    return is_possible("approve", cancellation) and permissions.may(permissions.check_may_decide, person, cancellation)


def _beside(request, cancellation):
    """What stands beside the live part: who could decide, and in words what is decided on."""
    submitted = cancellation.status == Status.SUBMITTED
    return {
        "promise": words.promise(cancellation.operation, cancellation.line_count, cancellation.shop),
        "deciders": _deciders(cancellation) if submitted else [],
        "is_own": request.user.pk == cancellation.requester_id,
        "expires_at": machine.expires_at(cancellation) if submitted else None,
    }


def _deciders(cancellation):
    """Who may decide: active managers of the shop, but not the requester."""
    managers = get_user_model().objects.filter(
        shops=cancellation.shop_id, groups__name=permissions.MANAGER, is_active=True
    )
    return managers.exclude(pk=cancellation.requester_id).order_by("username")
