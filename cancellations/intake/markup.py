"""Tables that are written in markup and named .xls: web pages, and the XML of Excel 2002 and 2003."""

import re
from html.parser import HTMLParser
from xml.etree.ElementTree import Element

from cancellations.intake.archives import parsed
from cancellations.intake.cells import Value
from cancellations.intake.delimited import decode
from cancellations.intake.guess import MAX_COLUMNS, Grid
from cancellations.intake.kinds import FileRefused, Refusal
from cancellations.intake.tables import MAX_ROWS, grid

_SPREADSHEET = "{urn:schemas-microsoft-com:office:spreadsheet}"
_spaces = re.compile(r"[ \t\r\n\f]+").sub
_undisplayed = re.compile(r"display\s*:\s*none", re.IGNORECASE).search


def read_page(content: bytes) -> list[Grid]:
    """The tables of a web page, each as a sheet. Raises FileRefused."""
    page = _Page()
    page.feed(decode(content) or "")
    page.close()
    if not page.tables:
        raise FileRefused(Refusal.NOT_A_TABLE, "html")
    names = [f"#{number}" if len(page.tables) > 1 else "" for number in range(1, len(page.tables) + 1)]
    return [
        grid(name, False, 0, table.rows, hidden_rows=frozenset(table.hidden))
        for name, table in zip(names, page.tables, strict=True)
    ]


class _Table:
    def __init__(self) -> None:
        self.rows: list[list[Value]] = []
        self.hidden: set[int] = set()
        self.reaching: dict[int, int] = {}  # columns that a cell above reaches into, and for how many rows more


class _Page(HTMLParser):
    """Collects the cells of all tables; what stands between the tables is no table."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[_Table] = []
        self.open: list[_Table] = []
        self.text: list[str] | None = None
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "table":
            self._end_cell()
            self.open.append(_Table())
            self.tables.append(self.open[-1])
        elif tag in ("style", "script"):
            self.unseen += 1
        elif self.open and tag == "tr":
            self._begin_row(bool("hidden" in given or _undisplayed(given.get("style") or "")))
        elif self.open and tag in ("td", "th"):
            self._begin_cell(_number(given.get("colspan")), _number(given.get("rowspan")))
        elif tag in ("br", "p", "div", "li") and self.text is not None:
            self.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()
        if tag == "table" and self.open:
            self.open.pop()
        if tag in ("style", "script"):
            self.unseen = max(0, self.unseen - 1)

    def handle_data(self, data: str) -> None:
        if self.text is not None and not self.unseen:
            self.text.append(_spaces(" ", data))

    def _begin_row(self, hidden: bool) -> None:
        self._end_cell()
        table = self.open[-1]
        if len(table.rows) > MAX_ROWS:
            raise FileRefused(Refusal.TOO_MANY_ROWS)
        table.rows.append([])
        if hidden:
            table.hidden.add(len(table.rows))
        self._step_over()

    def _begin_cell(self, columns: int, rows: int) -> None:
        self._end_cell()
        table = self.open[-1]
        if not table.rows:
            table.rows.append([])
        self._step_over()
        for column in range(len(table.rows[-1]), len(table.rows[-1]) + columns):
            if rows > 1:
                table.reaching[column] = rows
        self.text, self.columns = [], columns

    def _end_cell(self) -> None:
        if self.text is None or not self.open:
            return
        text = "".join(self.text).strip()
        self.open[-1].rows[-1] += [text, *[""] * (self.columns - 1)]
        self.text = None

    def _step_over(self) -> None:
        """Leaves the cells empty into which one of a row above reaches."""
        table = self.open[-1]
        row = table.rows[-1]
        while table.reaching.get(len(row), 0) > 1:
            table.reaching[len(row)] -= 1
            row.append("")


def _number(text: str | None) -> int:
    return min(int(text), MAX_COLUMNS) if text and text.strip().isascii() and text.strip().isdigit() else 1


def read_xml_spreadsheet(content: bytes) -> list[Grid]:
    """The sheets of an XML Spreadsheet 2003. Raises FileRefused."""
    sheets = list(parsed(content).iter(f"{_SPREADSHEET}Worksheet"))
    if not sheets:
        raise FileRefused(Refusal.NOT_A_TABLE, "xml")
    grids = []
    for sheet in sheets:
        rows: list[list[Value]] = []
        hidden: set[int] = set()
        for row in sheet.iter(f"{_SPREADSHEET}Row"):
            number = _number_of(row, len(rows) + 1)
            if number > MAX_ROWS:
                raise FileRefused(Refusal.TOO_MANY_ROWS)
            rows += [[] for _ in range(number - 1 - len(rows))]
            cells: list[Value] = []
            for cell in row.iter(f"{_SPREADSHEET}Cell"):
                column = min(_number_of(cell, len(cells) + 1), MAX_COLUMNS)
                cells += [""] * (column - 1 - len(cells))
                data = cell.find(f"{_SPREADSHEET}Data")
                text = "".join(data.itertext()) if data is not None else ""
                is_number = data is not None and data.get(f"{_SPREADSHEET}Type") == "Number"
                try:
                    cells.append(float(text) if is_number else text)
                except ValueError:
                    cells.append(text)
            rows.append(cells)
            if row.get(f"{_SPREADSHEET}Hidden") == "1":
                hidden.add(number)
        visible = sheet.find(".//{urn:schemas-microsoft-com:office:excel}Visible")
        is_hidden = visible is not None and visible.text in ("SheetHidden", "SheetVeryHidden")
        name = sheet.get(f"{_SPREADSHEET}Name", "")
        grids.append(grid(name, is_hidden, 0, rows, hidden_rows=frozenset(hidden)))
    return grids


def _number_of(element: Element, otherwise: int) -> int:
    index = element.get(f"{_SPREADSHEET}Index", "")
    return max(int(index), otherwise) if index.isascii() and index.isdigit() and len(index) < 8 else otherwise
