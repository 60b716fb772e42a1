"""The content of an ODS: what its library passes by is made visible, and hidden rows are found."""

import re

from cancellations.intake.archives import MAX_ROW

CONTENT = "content.xml"  # the part with all sheets

_line_break = re.compile(rb"<text:line-break\b[^>]*>(?:</text:line-break>)?").sub
_tab = re.compile(rb"<text:tab\b[^>]*>(?:</text:tab>)?").sub
_marks = re.compile(rb"<(/?)table:(table|table-row|table-row-group)(?![\w-])([^>]*)>").finditer
_is_hidden = re.compile(rb"""table:visibility\s*=\s*["'](?:collapse|filter)["']""").search
_is_closed = re.compile(rb"""table:display\s*=\s*["']false["']""").search
_repeated = re.compile(rb"""table:number-rows-repeated\s*=\s*["']([0-9]{1,9})["']""").search


def made_visible(content: bytes) -> bytes:
    """The content with the texts of cells whose value is given as empty, with line breaks and tabs; itself without."""
    visible = content.replace(b' office:string-value=""', b"") if b'string-value=""' in content else content
    visible = _line_break(b"\n", visible) if b"<text:line-break" in visible else visible
    return _tab(b" ", visible) if b"<text:tab" in visible else visible


def hidden_rows(content: bytes) -> dict[int, frozenset[int]]:
    """The numbers of hidden rows, by the index of the sheet."""
    found = {}
    table, number, closed = -1, 0, 0
    hidden: set[int] = set()
    for mark in _marks(content):
        ends, kind, attributes = bool(mark[1]), mark[2], mark[3]
        if kind == b"table":
            if ends:
                found[table] = frozenset(hidden)
            else:
                table, number, closed, hidden = table + 1, 0, 0, set()
        elif kind == b"table-row-group":
            closed += -1 if ends and closed else 1 if not ends and (closed or _is_closed(attributes)) else 0
        elif not ends:
            repeated = _repeated(attributes)
            rows = min(int(repeated[1]) if repeated else 1, MAX_ROW)
            if (closed or _is_hidden(attributes)) and number < MAX_ROW:
                hidden.update(range(number + 1, min(number + rows, MAX_ROW) + 1))
            number += rows
    return found
