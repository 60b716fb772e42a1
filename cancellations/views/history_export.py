"""Every order of a search as a file, streamed. Taking a copy is counted and written into the history: a POST."""

import csv as csv_module
from io import BytesIO, StringIO

import xlsxwriter
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cancellations.history import search
from cancellations.history.export import chunks
from cancellations.models import Shop
from cancellations.views import history_words as words
from cancellations.views.downloads import XLSX, as_attachment, safe
from cancellations.views.history import asked, page, query_of
from cancellations.workflow import reading
from cancellations.workflow.errors import TooManyRows, TooOften

MOST_ROWS_OF_A_WORKBOOK = 50_000


@require_POST
def csv(request):
    def answer(filters, reader):
        response = StreamingHttpResponse(_csv_chunks(filters, reader), content_type="text/csv; charset=utf-8")
        return as_attachment(response, "orders.csv")

    return _export(request, "csv", answer)


@require_POST
def xlsx(request):
    def answer(filters, reader):
        return as_attachment(HttpResponse(_workbook(filters, reader), content_type=XLSX), "orders.xlsx")

    return _export(request, "xlsx", answer)


def _export(request, kind, answer):
    """Counts and writes down the export before its first byte; a refusal comes back as the page."""
    reader, form = asked(request)
    if not form.is_valid():
        return page(request, reader, form)
    filters = form.filters()
    found = search.count(filters, reader, at_most=MOST_ROWS_OF_A_WORKBOOK)
    is_all = found <= MOST_ROWS_OF_A_WORKBOOK
    if kind == "xlsx" and not is_all:
        refused = TooManyRows(limit=f"{MOST_ROWS_OF_A_WORKBOOK:,}")
        return page(request, reader, form, problem=str(refused), status=422)
    try:
        _write_down(kind, query_of(form).dict(), filters, reader, orders=found if is_all else None)
    except TooOften as refused:
        return page(request, reader, form, problem=str(refused), status=429)
    return answer(filters, reader)


def _write_down(kind, asked, filters, reader, *, orders):
    shops, shop = reader.shops, None
    if filters.shop:
        shops, shop = {filters.shop: shops[filters.shop]}, Shop.objects.get(pk=filters.shop)
    reading.export(kind, asked, by=reader.person, shops=shops, shop=shop, orders=orders)


def _csv_chunks(filters, reader):
    """UTF-8 with a mark, so that a Chinese Excel opens it by a double click; a thousand rows a chunk."""
    yield _csv_text([words.headings()], mark="\ufeff")
    texts = words.export_row(reader.shops, safe)
    for rows in chunks(filters, reader):
        yield _csv_text(map(texts, rows))


def _csv_text(rows, mark=""):
    text = StringIO()
    text.write(mark)
    csv_module.writer(text).writerows(rows)
    return text.getvalue().encode()


def _workbook(filters, reader):
    """Texts only: whatever a cell begins with, it is neither a formula nor a link."""
    file = BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as workbook:
        sheet = workbook.add_worksheet(_("Purchase orders"))
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(_rows(filters, reader)):
            for column, text in enumerate(row):
                sheet.write_string(number, column, str(text))
    return file.getvalue()


def _rows(filters, reader):
    yield words.headings()
    texts = words.export_row(reader.shops)
    for rows in chunks(filters, reader):
        yield from map(texts, rows)
