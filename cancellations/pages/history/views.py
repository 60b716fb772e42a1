"""The page on which orders are searched among all requests, and what people keep of it."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple
from urllib.parse import quote, urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from cancellations import words
from cancellations.history import search
from cancellations.history.limits import SearchRefused, limited
from cancellations.history.search import Reader
from cancellations.history.selection import OLDEST, Total
from cancellations.models import KnownName, Operation, OrderLine, SavedFilter, Shop
from cancellations.models.lines import label_of
from cancellations.pages.history.forms import MORE, HistoryForm
from cancellations.pages.saved_filters import own_filters
from cancellations.templatetags.parts import badge
from cancellations.workflow import saved_filters
from cancellations.workflow.errors import WorkflowError

MAX_NAMES = 300
AMOUNT = re.compile(r"[0-9]{1,14}(\.[0-9]{1,4})?")


@require_GET
def history(request: HttpRequest) -> HttpResponse:
    reader, form = asked(request)
    if request.headers.get("HX-Target") == "found":
        # What a search in the page asks for: the page has the rest, unless something is to be said of its form.
        if not form.is_valid():
            return HttpResponse(status=204, headers={"HX-Redirect": request.get_full_path()})
        try:
            with limited(request.user):
                found = _found(request, reader, form)
        except SearchRefused:  # the page says so
            return HttpResponse(status=204, headers={"HX-Redirect": request.get_full_path()})
        return render(request, "history/_found.html", found | {"alone": True})
    return page(request, reader, form)


def asked(request: HttpRequest) -> tuple[Reader, HistoryForm]:
    """(reader, form) of what the address asks for."""
    reader = search.Reader(request.user)
    return reader, HistoryForm(request.GET, shops=reader.shops)


def page(
    request: HttpRequest, reader: Reader, form: HistoryForm, *, problem: str = "", typed: str = "", status: int = 200
) -> HttpResponse:
    """The whole page; `problem` is why something that was to be kept or taken was refused."""
    saved = own_filters(request, SavedFilter.Kind.HISTORY)
    context = {"form": form, "problem": problem, "typed": typed, "saved": saved}
    if not form.is_valid():
        return render(request, "history/search.html", context, status=422)
    try:
        with limited(request.user):
            context |= _found(request, reader, form)
    except SearchRefused as error:
        form.add_error(None, error.sentence)
        return render(request, "history/search.html", context, status=error.status)
    context["kinds"] = KnownName.Kind.values
    # (what, address) of the days that are asked for most.
    today = timezone.localdate()
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    last_of_month_before = first - timedelta(days=1)
    context["presets"], query = [], query_of(form)
    for label, since, until in (
        (_("Today"), today, today),
        (_("This week"), monday, today),
        (_("Last week"), monday - timedelta(days=7), monday - timedelta(days=1)),
        (_("This month"), first, today),
        (_("Last month"), last_of_month_before.replace(day=1), last_of_month_before),
    ):
        days = query.copy()
        days["since"], days["until"] = f"{since}", f"{until}"
        context["presets"].append((label, f"{reverse('history')}?{days.urlencode()}"))
    context["more_is_asked"] = any(form.cleaned_data[name] not in ("", None) for name in MORE)
    return render(request, "history/search.html", context, status=status)


def _found(request, reader, form):
    """What was found, by which filters, and the ways on from there."""
    filters, query = form.filters(), query_of(form)
    selected = search.select(filters, reader)
    by_amount = filters.amount is not None and not (filters.order_no or filters.supplier)
    place = {}  # where the page begins or ends, as the address says
    for name in {"after", "before"} & request.GET.keys():
        second, _dot, first = request.GET[name].partition(".")
        numbers = [second] if filters.order_no or by_amount else [first, second]
        are_numbers = all(number.isascii() and number.isdigit() and len(number) <= 18 for number in numbers)
        if not are_numbers or len(first) > 40 or "\x00" in first or (by_amount and not AMOUNT.fullmatch(first)):
            raise Http404
        place[name] = search.Key(first if filters.order_no or by_amount else int(first), int(second))
    found = search.find(selected, **place)
    if found.before or found.after:
        total = selected.total()
    else:  # all of it is here
        known = [(Decimal(str(row.amount)), row.outcome) for row in found.rows if row.amount is not None]
        done = sum((yuan for yuan, outcome in known if outcome == OrderLine.Outcome.DONE), Decimal(0))
        total = Total(len(found.rows), True, sum((yuan for yuan, _outcome in known), Decimal(0)), done)
    # (label, address without it) of each filter.
    address, chips = reverse("history"), []
    for name, label in words.history.filter_labels(filters, reader.shops).items():
        others = urlencode({other: value for other, value in query.items() if other != name})
        chips.append((label, f"{address}?{others}"))
    return {
        "rows": _shown(found.rows, reader.shops),
        "total": words.history.total(total.orders, total.is_all),
        "count": total.orders,
        "amounts": words.history.amounts(total.amount, total.amount_done),
        **_ways_on(filters, query, found),
        "query": query.urlencode(),
        "filters": filters,
        "chips": chips,
    }


def query_of(form: HistoryForm) -> QueryDict:
    """What stands behind the question mark: the filters that are applied, as they were understood."""
    query = QueryDict(mutable=True)
    for name, value in form.cleaned_data.items():
        if value not in (None, ""):
            query[name] = str(value)
    return query


def _ways_on(filters, query, found):
    """The addresses of the pages before and behind, and how they are called in this order."""

    def address(name, key):
        place = query.copy()
        place[name] = f"{key.second}.{key.first}"
        return f"{reverse('history')}?{place.urlencode()}"

    names = [pgettext("pages", "Newer"), pgettext("pages", "Older")]
    if filters.order_no:
        names = [_("Previous page"), _("Next page")]
    elif filters.sort == OLDEST:
        names.reverse()
    return {
        "before_url": found.before and address("before", found.before),
        "after_url": found.after and address("after", found.after),
        "before_label": names[0],
        "after_label": names[1],
    }


class Row(NamedTuple):
    """What the list shows of an order, in the order in which the template takes it apart."""

    # what all orders of a request have in common, escaped once and not for each of them
    number: SafeString
    request_url: SafeString
    operation: SafeString
    shop: SafeString
    requester: SafeString
    decider: SafeString
    submitted_at: SafeString  # with its offset; '' for a draft
    submitted: SafeString  # to the minute

    order_no: str
    story_url: str
    outcome: SafeString
    why: str
    supplier: str  # '' where it is not known, as all that the ERP shows
    place: str  # warehouse and purchaser
    amount: str


def _shown(rows, shops):
    labels, known_by = words.history.labels, words.history.SHORT_KNOWN_BY
    whys, operations = labels(OrderLine.Why), labels(Operation)
    requests_url = reverse("cancellation-list")
    requests = {
        row.cancellation_id: (
            escape(row.number),
            escape(f"{requests_url}{row.number}/"),
            escape(operations[row.operation]),
            escape(shops[row.shop_id]),
            escape(row.requester),
            escape(row.decider or ""),
            escape(row.submitted_at or ""),
            escape((row.submitted_at or "")[:16]),
        )
        for row in {row.cancellation_id: row for row in rows}.values()
    }
    badges = {
        (outcome, source): badge("outcome", outcome, label_of(outcome, source), known_by.get(source, ""))
        for outcome, source in {(row.outcome, row.known_by) for row in rows}
    }
    stories = {pk: reverse("order-story", args=[pk, "-"]).removesuffix("-/") for pk in {row.shop_id for row in rows}}
    return [
        Row(
            *requests[row.cancellation_id],
            order_no=row.order_no,
            story_url=f"{stories[row.shop_id]}{quote(row.order_no)}/",
            outcome=badges[row.outcome, row.known_by],
            why=f"{whys[row.why]} {row.message}".strip(),
            supplier=row.supplier or "",
            place=" · ".join(filter(None, (row.warehouse, row.purchaser))),
            amount="" if row.amount is None else words.numbers.money(str(row.amount)),
        )
        for row in rows
    ]


@require_GET
def names(request: HttpRequest, kind: str) -> HttpResponse:
    """The names of a kind that the orders of the person's shops have: options that are offered while one types."""
    if kind not in KnownName.Kind.values:
        raise Http404
    known = KnownName.objects.filter(shop__in=Shop.objects.for_user(request.user), kind=kind)
    offered = known.order_by("name").values_list("name", flat=True).distinct()[:MAX_NAMES]
    return HttpResponse(format_html_join("", '<option value="{}"></option>', ((name,) for name in offered)))


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keeps what the address asks for under a name."""
    reader, form = asked(request)
    if not form.is_valid():
        return page(request, reader, form)
    name = request.POST.get("name", "")
    try:
        saved = saved_filters.save_filter(SavedFilter.Kind.HISTORY, name, query_of(form).urlencode(), by=request.user)
    except WorkflowError as error:
        return page(request, reader, form, problem=str(error), typed=name, status=422)
    messages.success(request, _("Filter “%(name)s” saved.") % {"name": saved.name})
    return redirect(saved.address)
