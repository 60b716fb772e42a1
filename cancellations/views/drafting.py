"""From a pasted list to a draft: the form, the preview, the draft. Nothing is stored before the draft."""

import uuid
from collections import Counter
from itertools import islice

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.shortcuts import redirect, render

from cancellations.forms.requests import NewRequestForm
from cancellations.models import Credential, Shop
from cancellations.views import words
from cancellations.workflow import clerk, permissions
from cancellations.workflow.errors import WorkflowError

SHOWN_AT_MOST = 200  # of each kind in the preview; the counts are of all


def cancellation_new(request):
    if not permissions.has_role(request.user, permissions.CLERK):
        raise PermissionDenied
    if request.method != "POST":
        return _form_page(request, NewRequestForm(person=request.user, initial=_first_shop(request.user)))
    form = NewRequestForm(request.POST, person=request.user)
    if request.POST.get("step") == "change":
        return _form_page(request, NewRequestForm(initial=_typed(request.POST), person=request.user))
    if not form.is_valid():
        return _form_page(request, form)
    if request.POST.get("step") == "draft":
        return _make_draft(request, form)
    return _preview(request, form)


def _form_page(request, form):
    context = {"form": form, "rejected": _grouped(form.intake.rejected) if form.intake else []}
    context["has_shop"] = form.fields["shop"].queryset.exists()
    return render(request, "cancellations/new.html", context, status=422 if form.errors else 200)


def _first_shop(person):
    """The first of the person's shops that could be sent for: most people have one."""
    active = Credential.objects.filter(shop=OuterRef("pk"), is_active=True)
    usable = Shop.objects.for_user(person).filter(Exists(active), is_active=True)
    return {"shop": usable.first()}


def _typed(posted):
    return {name: posted.get(name) for name in ("shop", "operation", "allow_checked", "orders", "reason")}


def _preview(request, form):
    data = form.cleaned_data
    context = {
        "form": form,
        "shop": data["shop"],
        "intake": form.intake,
        "promise": words.promise(data["operation"], len(form.intake.orders), data["shop"]),
        "token": uuid.uuid4(),
        "orders": form.intake.orders[:SHOWN_AT_MOST],
        "repaired": form.intake.repaired[:SHOWN_AT_MOST],
        "duplicates": form.intake.duplicates[:SHOWN_AT_MOST],
        "rejected": _grouped(form.intake.rejected),
        "shown_at_most": SHOWN_AT_MOST,
    }
    return render(request, "cancellations/preview.html", context)


def _grouped(rejected):
    """The rejected pieces by reason, the most frequent first; `pieces` are the first of them, `count` is of all."""
    frequency = Counter(piece.reason for piece in rejected)
    return [
        {"sentence": words.REJECTIONS[reason], "count": count, "pieces": _first_pieces(rejected, reason)}
        for reason, count in frequency.most_common()
    ]


def _first_pieces(rejected, reason):
    pieces = islice((piece for piece in rejected if piece.reason is reason), SHOWN_AT_MOST)
    return [{"line": piece.line, "value": piece.value, "why": words.why_rejected(piece)} for piece in pieces]


def _make_draft(request, form):
    data = form.cleaned_data
    try:
        cancellation = clerk.draft(
            data["shop"],
            by=request.user,
            operation=data["operation"],
            allow_checked=data["allow_checked"],
            reason=data["reason"],
            orders=form.intake.orders,
            token=data["token"],
        )
    except WorkflowError as error:
        form.add_error(None, str(error))
        return _form_page(request, form)
    return redirect(cancellation)
