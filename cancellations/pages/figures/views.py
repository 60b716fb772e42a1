"""The figures, for those who answer for what others do: managers, auditors, administrators."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cancellations import words
from cancellations.figures import reading
from cancellations.models import ApiCall
from cancellations.models.figures import CALLS, Trait
from cancellations.pages.figures.charts import Cell, Chart, cell, charts, order_series, orders_url, tds
from cancellations.pages.figures.forms import DAYS, FiguresForm
from cancellations.pages.figures.links import figures_url, history_url, requests_url
from cancellations.workflow import permissions

BARS, ROWS_SHOWN = 15, 50
STALE_AFTER = timedelta(minutes=10)


def figures_page(request: HttpRequest) -> HttpResponse:
    if not permissions.may(permissions.check_may_see_figures, request.user):
        raise PermissionDenied
    shops, counted_until, is_counting = reading.own_shops(request.user)
    form = FiguresForm(request.GET, shops=shops)
    context = {"form": form, "has_shops": bool(shops), "counted_until": counted_until, "is_counting": is_counting}
    context["is_stale"] = counted_until is None or timezone.now() - counted_until > STALE_AFTER
    if not form.is_valid():
        form.fields["requester"].widget.choices = [("", pgettext("filter", "All"))]
        return render(request, "figures/page.html", context, status=422)
    found = reading.read(shops, form.asked())
    form.offer(found.people)
    names = {shop.pk: shop.name for shop in shops}
    # (in words, address, whether it is shown) of the usual ranges; the rest of what is asked for stays.
    today = timezone.localdate()
    ranges = []
    for days in DAYS:
        other = found.asked._replace(first=today - timedelta(days=days - 1), last=today)
        ranges.append((words.figures.days(days), figures_url(other), other == found.asked))
    context |= {
        "asked": found.asked,
        "ranges": ranges,
        "total": _row(found.asked, found.total),
        "amounts": found.total.amounts,
        "done_before": found.total.done_before,
        "calls": [(purpose.label, found.total.calls[purpose]) for purpose in ApiCall.Purpose if purpose in CALLS],
        "calls_made": sum(found.total.calls.values()),
        "charts": charts(found),
        "order_series": order_series(),
        "compared": [
            _compared(found, "shop", found.by_shop, names, _("By seller account"), _("Seller account")),
            _compared(
                found, "person", found.by_person, found.people, _("By requester"), pgettext("label", "Requester")
            ),
        ],
        "shares": _shares(found),
        "rows_shown": ROWS_SHOWN,
        "values_shown": reading.VALUES_SHOWN,
        "refused_url": history_url(found.asked, outcome="REFUSED"),
        "is_empty": not found.total.requests,
    }
    return render(request, "figures/page.html", context)


def _compared(found, what, by, names, title, heading):
    """A bar and a row for each shop or person, those with the most orders first; a name leads to its own figures.

    Those after the first ones have one bar together, and before their own rows one with the sums.
    """
    ranked = sorted(by.items(), key=lambda item: (-item[1].orders, names[item[0]]))
    rows = []
    for key, numbers in ranked[:ROWS_SHOWN]:
        asked = found.asked._replace(**{what: key})
        rows.append({"name": names[key], "url": figures_url(asked)} | _row(asked, numbers))
    alone = BARS if len(ranked) > BARS + 1 else BARS + 1  # one bar more for a single other one is no longer
    first, others = rows[:alone], []
    if left := ranked[alone:]:
        name, sums = _("%(count)s others") % {"count": len(left)}, reading.together(numbers for _key, numbers in left)
        others = [{"name": name, "is_sum": True} | _row(None, sums)]
    bars = [(row["name"], row["cells"]) for row in (*first, *others)]
    return {
        "name": f"by-{what}",
        "chart": Chart(f"compared-{what}", "compared", title, heading, order_series(), bars),
        "rows": [*first, *others, *rows[alone:]],
        "has_others": bool(others),
        "is_cut": len(ranked) > ROWS_SHOWN,
    }


def _shares(found):
    """A row for each value of the trait; its orders lead to the history, where the ERP has shown the value."""
    rows = []
    for share in found.shares:
        about = {"reason_kind" if found.asked.by == Trait.REASON else str(found.asked.by): share.value}
        asked = found.asked if share.value else None
        rows.append(
            {
                "name": words.figures.value(found.asked.by, share.value),
                "orders": cell(None, share.orders, history_url, asked, **about),
                "done": cell(None, share.done, history_url, asked, **about, outcome="DONE"),
                "refused": cell(None, share.refused, history_url, asked, **about, outcome="REFUSED"),
                "amounts": (share.amount_done, share.amount_not_done),
            }
        )
    return {
        "title": words.figures.BY[found.asked.by],
        "heading": found.asked.by.label,
        "traits": [
            (trait.label, figures_url(found.asked._replace(by=trait)), trait == found.asked.by) for trait in Trait
        ],
        "rows": rows,
        "is_cut": len(found.shares) == reading.VALUES_SHOWN,
    }


def _row(asked, numbers):
    """Numbers as a row of a table: each count with the list behind it, if there is one such list (`asked`)."""

    def share(part, whole, **filters):
        return Cell(None, words.figures.share(part, whole), cell(None, part, history_url, asked, **filters).url)

    cells = [cell(one, numbers.of(*one.columns), orders_url, asked, one) for one in order_series()]
    return {
        "requests": cell(None, numbers.requests, requests_url, asked),
        "orders": cell(None, numbers.orders, history_url, asked),
        "cells": cells,
        "tds": tds(cells),
        "done": share(numbers.done, numbers.orders, outcome="DONE"),
        "verified": share(numbers.verified, numbers.done + numbers.refused, known_by="verified"),
        "half_decided": words.figures.half(numbers, "decided"),
        "half_ended": words.figures.half(numbers, "ended"),
        "mean_decided": words.figures.duration(numbers.mean("decided")),
        "mean_ended": words.figures.duration(numbers.mean("ended")),
    }
