"""From a list to a draft, and from a further list to more orders in it."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext

from cancellations.models import CancellationRequest, Credential, Shop
from cancellations.models.lines import folded
from cancellations.pages.loading import find
from cancellations.pages.requests.list_forms import AddOrdersForm, NewRequestForm
from cancellations.pages.requests.obstacles import obstacles
from cancellations.pages.requests.page import refusal
from cancellations.pages.requests.preview import going_on, grouped, preview, source
from cancellations.pages.requests.steps import form_page, steps, token_of
from cancellations.workflow import drafts, editing, permissions
from cancellations.workflow.errors import MovedOn, NotAllowed, WorkflowError
from cancellations.workflow.transitions import check_possible


def cancellation_new(request: HttpRequest) -> HttpResponse:
    if not permissions.has_role(request.user, permissions.CLERK):
        raise PermissionDenied
    form_of = partial(NewRequestForm, person=request.user)
    if request.method != "POST":
        # The first of the person's shops that could be sent for: most people have one.
        active = Credential.objects.filter(shop=OuterRef("pk"), is_active=True)
        usable = Shop.objects.for_user(request.user).filter(Exists(active), is_active=True)
        return _ask(request, form_of(initial={"shop": usable.first()}))
    if request.POST.get("step") == "draft" and (token := token_of(request.POST)):
        made = CancellationRequest.objects.filter(requester=request.user, form_token=token).first()
        if made:  # from this very form: a double click, or the back button
            return redirect(made)
    return steps(
        request,
        form_of,
        ask=partial(_ask, request),
        show=lambda form: preview(
            request, form, shop=form.cleaned_data["shop"], operation=form.cleaned_data["operation"]
        ),
        go_on=partial(_write, request),
    )


def add_orders(request: HttpRequest, number: str) -> HttpResponse:
    """More orders for a draft, through the same steps as a new list."""
    draft = find(request, number)
    try:
        permissions.check_may_change_draft(request.user, draft)
        check_possible("submit", draft)
    except NotAllowed as error:
        return refusal(request, number, error)
    except MovedOn as error:
        messages.error(request, str(error))
        return redirect(draft)
    form_of = partial(AddOrdersForm, person=request.user, draft=draft)
    if request.method != "POST":
        return _ask_for_more(request, form_of())
    listed = {folded(order_no) for order_no in draft.lines.values_list("order_no", flat=True)}
    return steps(
        request,
        form_of,
        ask=partial(_ask_for_more, request),
        show=lambda form: preview(
            request, form, shop=draft.shop, operation=draft.operation, without=listed, draft=draft
        ),
        go_on=partial(_write, request, draft=draft),
    )


def _ask(request, form):
    context = {
        "form": form,
        "rejected": grouped(form.reading) if form.reading else [],
        "has_shop": form.fields["shop"].queryset.exists(),
        "obstacles": obstacles(form.fields["shop"].queryset.filter(is_active=True).select_related("paused_by")),
    }
    return form_page(request, "requests/new.html", context)


def _ask_for_more(request, form):
    context = {"form": form, "draft": form.draft, "rejected": grouped(form.reading) if form.reading else []}
    return form_page(request, "requests/add_orders.html", context)


def _write(request, form, draft=None):
    """Makes a draft of the orders, or adds them to the one that is there."""
    data, added = form.cleaned_data, None
    shop, operation = (draft.shop, draft.operation) if draft else (data["shop"], data["operation"])
    given = {"by": request.user, "orders": going_on(form, shop, operation), "source": source(form)}
    try:
        if draft:
            added = editing.add(draft, **given)
        else:
            draft = drafts.draft(shop, token=data["token"], **given, **form.asked)
    except WorkflowError as error:
        form.add_error(None, str(error))
        return _ask_for_more(request, form) if draft else _ask(request, form)
    if form.kept_file:
        form.kept_file.delete()
    if count := len(form.intake.orders) - len(given["orders"]):
        skipped = ngettext(
            "%(count)s order was skipped: it is open in another request or already done.",
            "%(count)s orders were skipped: they are open in another request or already done.",
            count,
        )
        messages.info(request, skipped % {"count": f"{count:,}"})
    if added is not None:
        done = ngettext("%(count)s order added to the draft.", "%(count)s orders added to the draft.", added)
        messages.success(request, done % {"count": f"{added:,}"})
    return redirect(draft)
