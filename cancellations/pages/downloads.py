"""Files that people take with them: made while they are sent, and harmless when a spreadsheet program opens them."""

import csv
import re
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

import xlsxwriter
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

TRIGGERS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\x00",
    "＝",
    "＋",
    "－",
    "＠",
)  # a cell with one of them is a formula
_separator = re.compile("[;|\t]").search
_cell_within = re.compile(rf"([;|\t][ \xa0]*)(?=[{re.escape(''.join(TRIGGERS))}])").sub
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def safe(value: Any) -> str:
    """The text of a cell that no spreadsheet program takes for a formula."""
    text = str(value)
    if text.startswith(TRIGGERS):
        text = "'" + text
    # Where a semicolon separates, as in a German Excel, a cell may begin in the middle of this one.
    return _cell_within("\\1'", text) if _separator(text) else text


class _Echo:
    """What csv.writer writes into: it gives each row back."""

    def write(self, row):
        return row


def csv_download(name: str, heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponseBase:
    """A CSV that a Chinese Excel opens by a double click: UTF-8 with a mark, cells made safe."""
    writer = csv.writer(_Echo())

    def lines():
        yield "\ufeff" + writer.writerow(heading)
        for row in rows:
            yield writer.writerow([safe(value) for value in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    return as_attachment(response, name)


def template(request: HttpRequest) -> HttpResponseBase:
    """An empty workbook for order numbers, its column formatted as text, so that none is turned into a number."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as workbook:
        sheet = workbook.add_worksheet(_("Purchase orders"))
        heading = workbook.add_format({"bold": True, "num_format": "@"})
        sheet.set_column(0, 0, 28, workbook.add_format({"num_format": "@"}))
        sheet.write_string(0, 0, _("Purchase order number"), heading)
        sheet.freeze_panes(1, 0)
    return as_attachment(HttpResponse(file.getvalue(), content_type=XLSX), "wdtadmin.xlsx")


def as_attachment(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response
