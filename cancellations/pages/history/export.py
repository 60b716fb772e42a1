"""Every order of a search as a file, streamed. Taking a copy is counted and written into the history: a POST."""

import csv as csv_module
from io import BytesIO, StringIO
from itertools import chain

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cancellations import words
from cancellations.exports import verbs, workbook
from cancellations.exports.rows import as_moment, chunks, columns, export_rows, headings
from cancellations.history import search
from cancellations.pages.downloads import XLSX, as_attachment, safe
from cancellations.pages.history import workbooks
from cancellations.pages.history.views import asked, page, query_of
from cancellations.workflow.errors import TooOften

MAX_ROWS_OF_A_WORKBOOK = 50_000  # that one waits for; longer ones are made in the background


@require_POST
def csv(request: HttpRequest) -> HttpResponse:
    def answer(filters, reader):
        # With a mark, so that a Chinese Excel opens it by a double click; a thousand rows a chunk.
        first, rows = _csv_text([headings()], mark="\ufeff"), export_rows(reader.shops, safe)
        texts = chain([first], (_csv_text(rows(*chunk)) for chunk in chunks(filters, reader)))
        response = StreamingHttpResponse(texts, content_type="text/csv; charset=utf-8")
        return as_attachment(response, words.history.file_name(filters, "csv"))

    return _export(request, "csv", answer)


@require_POST
def xlsx(request: HttpRequest) -> HttpResponse:
    def answer(filters, reader):
        file, texts = BytesIO(), export_rows(reader.shops, moment=as_moment)
        rows = (row for chunk in chunks(filters, reader) for row in texts(*chunk))
        with workbook.temporary_folder() as folder:
            workbook.write(file, rows, title=_("Purchase orders"), columns=columns(), folder=folder)
        return as_attachment(HttpResponse(file.getvalue(), content_type=XLSX), words.history.file_name(filters, "xlsx"))

    return _export(request, "xlsx", answer)


def _export(request, kind, answer):
    """Counts and writes down the export before its first byte; a refusal comes back as the page."""
    reader, form = asked(request)
    if not form.is_valid():
        return page(request, reader, form)
    filters = form.filters()
    found = search.select(filters, reader).count(at_most=MAX_ROWS_OF_A_WORKBOOK)
    is_all = found <= MAX_ROWS_OF_A_WORKBOOK
    if kind == "xlsx" and not is_all:
        return workbooks.ask(request, reader, form)
    try:
        shops, orders = reader.shops_of(filters), found if is_all else None
        verbs.record_copy(kind, query_of(form).dict(), by=request.user, shops=shops, orders=orders)
    except TooOften as refused:
        return page(request, reader, form, problem=str(refused), status=429)
    return answer(filters, reader)


def _csv_text(rows, mark=""):
    text = StringIO()
    text.write(mark)
    csv_module.writer(text).writerows(rows)
    return text.getvalue().encode()
