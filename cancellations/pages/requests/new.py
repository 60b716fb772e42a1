"""From a list to a draft: the form, the preview, the draft. Until then nothing is stored but the file."""

import hashlib
import uuid
from collections import Counter, defaultdict
from itertools import islice

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext, pgettext

from cancellations import words
from cancellations.models import CancellationRequest, Credential, OrderLine, Shop, Upload
from cancellations.models.lines import folded
from cancellations.pages.downloads import csv_download
from cancellations.pages.requests.forms import EVERY_COLUMN, TOO_OFTEN, NewRequestForm, use_share
from cancellations.pages.requests.obstacles import obstacles
from cancellations.workflow import clerk, limits, permissions
from cancellations.workflow.errors import WorkflowError

MAX_SHOWN = 200  # of each kind in the preview; the counts are of all
MAX_OFFERED = 20  # numbers of one piece
MAX_ROWS_NAMED = 30
# What a button of the preview reads too, or leaves out again: a field of the form and its new value.
WIDER = {
    "with_hidden": ("hidden", "on"),
    "without_hidden": ("hidden", ""),
    "with_others": ("together", "on"),
    "without_others": ("together", ""),
}
KEPT_IN_FORM = ("shop", "operation", "allow_checked", "orders", "reason")


def cancellation_new(request: HttpRequest) -> HttpResponse:
    if not permissions.has_role(request.user, permissions.CLERK):
        raise PermissionDenied
    step = request.POST.get("step")
    if request.method != "POST":
        # The first of the person's shops that could be sent for: most people have one.
        active = Credential.objects.filter(shop=OuterRef("pk"), is_active=True)
        usable = Shop.objects.for_user(request.user).filter(Exists(active), is_active=True)
        return _form_page(request, NewRequestForm(person=request.user, initial={"shop": usable.first()}))
    if step in ("change", "without_file"):
        return _change(request, keep_file=step == "change")
    if step == "draft" and (made := _made_before(request)):
        return redirect(made)
    form = NewRequestForm(_posted(request), request.FILES, person=request.user)
    form.full_clean()
    if form.brought:
        name, content = form.brought
        form.kept_file = clerk.bring_file(by=request.user, name=name, content=content)
    if step == "not_taken" and form.reading and _may_export(form):
        heading = [pgettext("label", "Location"), pgettext("label", "Value"), pgettext("label", "Problem")]
        return csv_download("not-taken.csv", heading, words.lists.not_taken(form.reading, form.intake))
    if form.errors:
        return _form_page(request, form)
    return _make_draft(request, form) if step == "draft" else _preview(request, form)


def _may_export(form):
    """Counts the export; if the hour's share is used up, the form says so."""
    try:
        use_share(limits.EXPORT, by=form.person)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


def _made_before(request):
    """The draft that this very form has made already: a double click, or the back button."""
    token = _uuid(request.POST.get("token"))
    return CancellationRequest.objects.filter(requester=request.user, form_token=token).first() if token else None


def _posted(request):
    """What was posted; 'read again' brings another sheet, column or row, which 'go on' must not take unseen."""
    posted = request.POST.copy()
    step = request.POST.get("step")
    if step in WIDER:
        name, value = WIDER[step]
        posted[name] = value
    if step != "again":
        return posted
    for name in ("sheet", "column", "first_row"):
        posted[name] = posted.get(f"other_{name}", "")
    if posted["sheet"] != request.POST.get("sheet"):
        posted["column"] = posted["first_row"] = "0"  # another sheet: its column is guessed
    return posted


def _change(request, *, keep_file):
    """The form again, with everything that was typed and, unless it was taken away, the file."""
    form = NewRequestForm(initial={name: request.POST.get(name) for name in KEPT_IN_FORM}, person=request.user)
    mine = Upload.objects.for_user(request.user).filter(pk=_uuid(request.POST.get("upload")))
    if keep_file:
        form.kept_file = mine.first()
    else:
        mine.delete()
    return _form_page(request, form)


def _uuid(text):
    try:
        return uuid.UUID(text)
    except (TypeError, ValueError):
        return None


def _form_page(request, form):
    context = {
        "form": form,
        "rejected": _grouped(form.reading) if form.reading else [],
        "has_shop": form.fields["shop"].queryset.exists(),
        "obstacles": obstacles(form.fields["shop"].queryset.filter(is_active=True).select_related("paused_by")),
    }
    wrong = 429 if form.has_error("file", TOO_OFTEN) or form.has_error(NON_FIELD_ERRORS, TOO_OFTEN) else 422
    return render(request, "requests/new.html", context, status=wrong if form.errors else 200)


def _preview(request, form):
    data, intake = form.cleaned_data, form.intake
    taken, done = _elsewhere(form)
    going_on = len(intake.orders) - len({folded(order_no) for order_no, _ in taken})
    context = {
        "form": form,
        "reading": form.reading,
        "every_column": EVERY_COLUMN,
        "shop": data["shop"],
        "obstacles": obstacles([data["shop"]]),
        "intake": intake,
        "taken": taken[:MAX_SHOWN],
        "taken_count": len(taken),
        "done": done[:MAX_SHOWN],
        "done_count": len(done),
        "going_on": going_on,
        "promise": words.orders.promise(data["operation"], going_on, data["shop"]),
        "token": uuid.uuid4(),
        "in_doubt": _in_doubt(form),
        "hidden": intake.hidden[:MAX_SHOWN],
        "hidden_count": len(intake.hidden),
        "gaps": _gaps(form.reading),
        "not_taken_count": len(intake.rejected) + len(intake.to_check) + len(intake.hidden),
        "orders": intake.orders[:MAX_SHOWN],
        "repaired": intake.repaired[:MAX_SHOWN],
        "duplicates": intake.duplicates[:MAX_SHOWN],
        "rejected": _grouped(form.reading),
        "shown_at_most": MAX_SHOWN,
    }
    return render(request, "requests/preview.html", context)


def _elsewhere(form):
    """(orders that are open in another request, orders that were probably done before): (number, request's number)"""
    data = form.cleaned_data
    same = OrderLine.objects.of_operation(data["shop"], data["operation"]).numbered(form.intake.numbers)
    return tuple(
        list(found.values_list("order_no", "cancellation__number")) for found in (same.taken(), same.perhaps_done())
    )


def _grouped(reading):
    """The rejected pieces by reason, the most frequent first; `pieces` are the first of them, `count` is of all."""
    frequency = Counter(piece.reason for piece in reading.intake.rejected)
    return [
        {"sentence": words.lists.REJECTIONS[reason], "count": count, "pieces": _first_pieces(reading, reason)}
        for reason, count in frequency.most_common()
    ]


def _in_doubt(form):
    """The pieces that a person has to look at, by doubt: the first of each, how many there are, what was chosen."""
    by_doubt = defaultdict(list)
    for piece in form.reading.intake.to_check:
        by_doubt[piece.doubt].append(piece)
    every = form.data.getlist("take_all")
    return [
        {
            "doubt": doubt,
            "sentence": words.lists.DOUBTS[doubt],
            "count": len(by_doubt[doubt]),
            "all_chosen": doubt in every,
            "pieces": [
                {
                    "place": words.lists.place(form.reading, piece.line, piece.column),
                    "value": piece.value,
                    "more": max(0, len(piece.offers) - MAX_OFFERED),
                    "offers": [(number, number in form.chosen) for number in piece.offers[:MAX_OFFERED]],
                }
                for piece in by_doubt[doubt][:MAX_SHOWN]
            ],
        }
        for doubt in words.lists.DOUBTS
        if by_doubt[doubt]
    ]


def _gaps(reading):
    return [
        {
            "sentence": words.lists.UNREAD[gap.why],
            "count": len(gap.rows),
            "rows": ", ".join(map(str, gap.rows[:MAX_ROWS_NAMED])) + ("…" if len(gap.rows) > MAX_ROWS_NAMED else ""),
        }
        for gap in reading.gaps
    ]


def _first_pieces(reading, reason):
    pieces = islice((piece for piece in reading.intake.rejected if piece.reason is reason), MAX_SHOWN)
    return [_explained(reading, piece) for piece in pieces]


def _explained(reading, piece):
    place = words.lists.place(reading, piece.line, piece.column)
    return {"place": place, "value": piece.value, "why": words.lists.why_rejected(piece)}


def _make_draft(request, form):
    orders, left_out = _going_on(form)
    try:
        data = form.cleaned_data
        cancellation = clerk.draft(
            data["shop"],
            by=request.user,
            operation=data["operation"],
            allow_checked=data["allow_checked"],
            reason=data["reason"],
            orders=orders,
            token=data["token"],
            source=_source(form),
        )
    except WorkflowError as error:
        form.add_error(None, str(error))
        return _form_page(request, form)
    if form.kept_file:
        form.kept_file.delete()
    if left_out:
        messages.info(
            request,
            ngettext(
                "%(count)s order was skipped: it is open in another request or already done.",
                "%(count)s orders were skipped: they are open in another request or already done.",
                left_out,
            )
            % {"count": f"{left_out:,}"},
        )
    return redirect(cancellation)


def _going_on(form):
    """The orders without those that are open elsewhere and, if wished, those that were done; how many are left out."""
    taken, done = _elsewhere(form)
    left_out = {folded(order_no) for order_no, _ in taken}
    if form.cleaned_data["without_done"]:
        left_out |= {folded(order_no) for order_no, _ in done}
    orders = [order for order in form.intake.orders if folded(order.number) not in left_out]
    return orders, len(form.intake.orders) - len(orders)


def _decided(form):
    """What was decided at the preview, for the history: nothing that a plain list does not have."""
    reading, intake = form.reading, form.intake
    choice = reading.choice
    left_out = len(intake.rejected) + len(intake.to_check) + len(intake.hidden)
    numbers = {
        "taken_in_doubt": len(intake.orders) - len(reading.intake.orders),
        "left_out": left_out,
        "hidden_rows": reading.hidden_taken,
    }
    names = [f"{other.sheet}!{other.letter}".lstrip("!") for other in reading.others]
    return {name: count for name, count in numbers.items() if count} | (
        {"read_together": names} if choice and choice.together and names else {}
    )


def _source(form):
    """For the history: the file that the list came from, the place in it, and a hash that tells it from others."""
    reading = form.reading
    decided = _decided(form)
    if not form.kept_file:
        return decided
    return decided | {
        "file": form.kept_file.name,
        "place": words.lists.place(reading, reading.choice.first_row, words.lists.column_letter(reading))
        if reading.choice
        else "",
        "sha256": hashlib.sha256(bytes(form.kept_file.content)).hexdigest(),
    }
