"""From a list to its numbers: the steps between a form and what is made of it. Until then only a file is stored."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import pgettext

from cancellations import words
from cancellations.models import Upload
from cancellations.pages.downloads import csv_download
from cancellations.pages.requests.forms import TOO_OFTEN, use_share
from cancellations.pages.requests.list_forms import BUSY, ListForm
from cancellations.workflow import clerk, limits

# What a button of the preview reads too, or leaves out again: a field of the form and its new value.
WIDER = {
    "with_hidden": ("hidden", "on"),
    "without_hidden": ("hidden", ""),
    "with_others": ("together", "on"),
    "without_others": ("together", ""),
}
AGAIN_AFTER = "5"  # seconds
KEPT_IN_FORM = ("shop", "operation", "allow_checked", "orders", "reason_kind", "reason", "wanted_by")
Answer = Callable[[ListForm], HttpResponse]


def steps(
    request: HttpRequest,
    form_of: Callable[..., ListForm],
    *,
    ask: Answer,
    show: Answer,
    go_on: Answer,
) -> HttpResponse:
    """Answers what was posted: `ask` shows the form, `show` what was recognized, `go_on` makes something of it."""
    step = request.POST.get("step")
    if step in ("change", "without_file"):  # everything that was typed comes back
        form = form_of(initial={name: request.POST.get(name) for name in KEPT_IN_FORM})
        mine = Upload.objects.for_user(request.user).filter(pk=token_of(request.POST, "upload"))
        if step == "change":
            form.kept_file = mine.first()
        else:
            mine.delete()
        return ask(form)
    posted = request.POST.copy()
    if step in WIDER:
        name, value = WIDER[step]
        posted[name] = value
    if step == "again":  # another sheet, column or row, which 'go on' must not take unseen
        for name in ("sheet", "column", "first_row"):
            posted[name] = posted.get(f"other_{name}", "")
        if posted["sheet"] != request.POST.get("sheet"):
            posted["column"] = posted["first_row"] = "0"  # another sheet: its column is guessed
    form = form_of(posted, request.FILES)
    form.full_clean()
    if form.brought:
        name, content = form.brought
        form.kept_file = clerk.bring_file(by=request.user, name=name, content=content)
    if step == "not_taken" and form.reading:
        try:
            use_share(limits.EXPORT, by=form.person)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            heading = [pgettext("label", "Location"), pgettext("label", "Value"), pgettext("label", "Problem")]
            return csv_download("not-taken.csv", heading, words.lists.not_taken(form.reading, form.intake))
    if form.errors:
        return ask(form)
    if step == "draft" and form.intake.to_check and not form.intake.orders:
        answer = show(form)  # which says that something has to be ticked
        answer.status_code = 422
        return answer
    return go_on(form) if step == "draft" else show(form)


def form_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The page with the form, again if something was wrong: 429 too often, 503 while many lists are read, else 422."""
    form = context["form"]
    fields = ("file", "orders", NON_FIELD_ERRORS)
    if any(form.has_error(field, BUSY) for field in fields):
        answer = render(request, template, context, status=503)
        answer.headers["Retry-After"] = AGAIN_AFTER
        return answer
    too_often = any(form.has_error(field, TOO_OFTEN) for field in fields)
    return render(request, template, context, status=429 if too_often else 422 if form.errors else 200)


def token_of(posted: Mapping[str, Any], name: str = "token") -> uuid.UUID | None:
    """The token that was posted; None if there is none, or if it is not one."""
    try:
        return uuid.UUID(posted.get(name))
    except (TypeError, ValueError):
        return None
