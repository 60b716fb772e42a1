"""The page on which auditors see who took copies of the history, and of what."""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from cancellations import words
from cancellations.exports import log
from cancellations.pages.history.export import MAX_ROWS_OF_A_WORKBOOK
from cancellations.pages.history.forms import HistoryForm
from cancellations.pages.loading import page_by_key
from cancellations.workflow import permissions

COPIES_OF_A_PAGE = 50
FORMATS = {"csv": "CSV", "xlsx": "Excel"}


def copies_page(request: HttpRequest) -> HttpResponse:
    if not permissions.may(permissions.check_may_verify_history, request.user):
        raise PermissionDenied
    taken, newer, older = page_by_key(log.taken(request.user), request.GET, COPIES_OF_A_PAGE)
    for copy in taken:
        copy.format, filters = FORMATS[copy.data["format"]], copy.data["filters"]
        shops = {int(pk): name for pk, name in copy.data["shops"].items()}
        form = HistoryForm(filters, shops=shops)
        # As they are named when they are applied; as they were written down if they mean nothing any more.
        copy.words = (
            list(words.history.filter_labels(form.filters(), shops).values())
            if form.is_valid()
            else [f"{name}: {value}" for name, value in filters.items()]
        )
        copy.search = f"{reverse('history')}?{urlencode(filters)}"
    context = {
        "copies": taken,
        "most_counted": MAX_ROWS_OF_A_WORKBOOK,
        "newer_url": newer and f"?{urlencode(newer)}",
        "older_url": older and f"?{urlencode(older)}",
    }
    return render(request, "audit/export_log.html", context)
