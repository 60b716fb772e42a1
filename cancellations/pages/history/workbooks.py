"""Workbooks that are made in the background: asking for one, how far it is, taking it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cancellations import tasks, words
from cancellations.exports import queue
from cancellations.exports import verbs as exports
from cancellations.history import search
from cancellations.history.search import Filters, Reader
from cancellations.models import Export
from cancellations.pages.downloads import XLSX, as_attachment
from cancellations.pages.history import views as history
from cancellations.pages.history.forms import HistoryForm
from cancellations.sending import heartbeat
from cancellations.workflow.errors import ExportNotReadable, ExportNotReady, TooOften, WorkflowError

SHOWN = 50
REFRESH_SECONDS = 2


def ask(request: HttpRequest, reader: Reader, form: HistoryForm) -> HttpResponse:
    """Has the workbook that the form asks for made; a refusal comes back as the page of the history."""
    filters, query = form.filters(), history.query_of(form).dict()
    found = search.select(filters, reader).count(at_most=exports.MAX_ORDERS)
    shops = reader.shops_of(filters)
    try:
        exports.ask(
            query,
            by=request.user,
            language=get_language(),
            orders=found,
            shops=shops,
            enqueue=tasks.enqueue_export,
        )
    except WorkflowError as refused:
        status = 429 if isinstance(refused, TooOften) else 422
        return history.page(request, reader, form, problem=str(refused), status=status)
    messages.success(request, _("The workbook is being generated. You can download it here when it is ready."))
    return redirect("export-list")


def export_list(request: HttpRequest) -> HttpResponse:
    """The page; as a fragment when it asks for itself again."""
    fragment = "HX-Request" in request.headers
    return _page(request, "history/_exports.html" if fragment else "history/exports.html")


def _page(request, template="history/exports.html", *, problem="", status=200):
    reader = search.Reader(request.user)
    rows = []
    for export in Export.objects.for_user(request.user)[:SHOWN]:
        form = HistoryForm(export.query, shops=reader.shops)
        query = QueryDict(mutable=True)
        query.update(export.query)
        labels = words.history.filter_labels(form.filters(), reader.shops).values() if form.is_valid() else None
        rows.append(
            {
                "export": export,
                "labels": labels,  # what was asked for in words, as far as the person may still ask for it
                "url": f"{reverse('history')}?{query.urlencode()}",
                "kept_until": export.finished_at and export.finished_at + queue.FILES_ARE_KEPT,
                "is_readable": set(export.shops) <= set(reader.shops),
            }
        )
    open_rows = [row for row in rows if row["export"].state in Export.OPEN]
    for row in open_rows:
        row["ahead"] = Export.objects.filter(state__in=Export.OPEN, pk__lt=row["export"].pk).count()
    context = {
        "rows": rows,
        "problem": problem,
        "refresh_seconds": REFRESH_SECONDS if open_rows else None,
        "no_worker": bool(open_rows) and heartbeat.no_worker_is_alive(tasks.EXPORTS),
    }
    return render(request, template, context, status=status)


def file(request: HttpRequest, pk: int) -> HttpResponse:
    export = _find(request, pk)
    try:
        exports.check_may_take(export, by=request.user)
    except (ExportNotReadable, ExportNotReady) as refused:
        status = 403 if isinstance(refused, ExportNotReadable) else 409
        return _page(request, problem=str(refused), status=status)
    keys = export.parts.order_by("number").values_list("pk", flat=True)
    pieces = (bytes(export.parts.get(pk=pk).content) for pk in keys)  # never all of them in memory
    response = StreamingHttpResponse(pieces, content_type=XLSX)
    response.headers["Content-Length"] = export.size  # if the file is removed meanwhile, the browser knows
    return as_attachment(response, words.history.file_name(Filters.from_query(export.query), "xlsx"))


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    export = _find(request, pk)
    exports.delete(export, by=request.user)
    was_open = export.state in Export.OPEN
    messages.success(request, _("Export cancelled.") if was_open else _("Export deleted."))
    return redirect("export-list")


def _find(request, pk):
    return get_object_or_404(Export.objects.for_user(request.user), pk=pk)
