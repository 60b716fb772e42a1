"""The figures, for those who answer for what others do: managers, auditors, administrators."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from cancellations.forms.figures import DAYS, FiguresForm
from cancellations.history import figures
from cancellations.views import figure_words
from cancellations.views.figure_charts import cell, charts, order_series, orders_url
from cancellations.views.figure_links import figures_url, history_url, requests_url
from cancellations.workflow import permissions

PEOPLE_SHOWN = 50
STALE_AFTER = timedelta(minutes=10)


def figures_page(request):
    if not permissions.may(permissions.check_may_see_figures, request.user):
        raise PermissionDenied
    shops, counted_until, is_counting = figures.own_shops(request.user)
    form = FiguresForm(request.GET, shops=shops)
    context = {"form": form, "has_shops": bool(shops), "counted_until": counted_until, "is_counting": is_counting}
    context["is_stale"] = counted_until is None or timezone.now() - counted_until > STALE_AFTER
    if not form.is_valid():
        form.fields["requester"].widget.choices = [("", _("all"))]
        return render(request, "cancellations/figures.html", context, status=422)
    found = figures.read(shops, form.asked())
    form.offer(found.people)
    return render(request, "cancellations/figures.html", context | _shown(found, shops))


def _shown(found, shops):
    names = {shop.pk: shop.name for shop in shops}
    by_person = _compared(found, found.by_person, found.people, "person")
    return {
        "asked": found.asked,
        "ranges": _ranges(found.asked),
        "total": _row(found.asked, found.total),
        "charts": charts(found),
        "order_series": order_series(),
        "by_shop": _compared(found, found.by_shop, names, "shop"),
        "by_person": by_person[:PEOPLE_SHOWN],
        "more_people": len(by_person) > PEOPLE_SHOWN,
        "people_shown": PEOPLE_SHOWN,
        "refused_url": history_url(found.asked, outcome="REFUSED"),
        "is_empty": not found.total.requests,
    }


def _ranges(asked):
    """(in words, address, whether it is shown) of the usual ranges; the rest of what is asked for stays."""
    today = timezone.localdate()
    ranges = []
    for days in DAYS:
        other = asked._replace(first=today - timedelta(days=days - 1), last=today)
        ranges.append((figure_words.days(days), figures_url(other), other == asked))
    return ranges


def _compared(found, by, names, what):
    """A row for each shop or person, the one with the most orders first; its name leads to the figures of it alone."""
    compared = []
    for key, numbers in sorted(by.items(), key=lambda item: (-item[1].orders, names[item[0]])):
        asked = found.asked._replace(**{what: key})
        compared.append({"name": names[key], "url": figures_url(asked)} | _row(asked, numbers))
    return compared


def _row(asked, numbers):
    """Numbers as a row of a table: each count with the list behind it."""
    cells = [cell(series, numbers.of(*series.columns), orders_url, asked, series) for series in order_series()]
    return {
        "requests": cell(None, numbers.requests, requests_url, asked),
        "orders": cell(None, numbers.orders, history_url, asked),
        "cells": cells,
        "share_done": figure_words.share(numbers.done, numbers.orders),
        "share_verified": figure_words.share(numbers.verified, numbers.done + numbers.refused),
        "verified_url": history_url(asked, known_by="verified"),
        "half_decided": figure_words.half(numbers, "decided"),
        "half_ended": figure_words.half(numbers, "ended"),
        "mean_decided": figure_words.duration(numbers.mean("decided")),
        "mean_ended": figure_words.duration(numbers.mean("ended")),
    }
