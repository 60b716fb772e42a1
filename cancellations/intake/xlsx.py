"""The sheets of an XLSX: what its library passes by is made visible, and hidden rows are found.

A sheet has many megabytes: whether there is anything to do is asked of it without a regular expression first.
"""

import html
import re
from functools import partial

from cancellations.intake.archives import parsed, plain, target_of
from cancellations.intake.kinds import FileRefused

SHEETS = "xl/worksheets/"  # what the names of their parts begin with
FORMULA = "\ue000"  # of private use: what follows it is a formula without a result

_is_type = re.compile(rb"\bt\Z").search
_prefix = re.compile(rb"<((?:\w+:)?)worksheet\b").search
# What a cell ends with that has a formula and no value, or an empty one: </f></c>, <f/><v></v></c>.
_NO_VALUE = rb"\s*(?:<%(x)bv\s*/>|<%(x)bv>\s*</%(x)bv>)?\s*</%(x)bc>"
_ENDS_WITHOUT_RESULT = rb"(?:</%(x)bf>|<%(x)bf\b[^>]*/>)" + _NO_VALUE
_NO_RESULT = rb"<%(x)bc\b([^>]*)>\s*<%(x)bf\b[^>]*?(?:/>|>([^<]*)</%(x)bf>)" + _NO_VALUE
_is_typed = re.compile(rb"\bt\s*=").search
_row_number = re.compile(rb"""\br\s*=\s*["']([0-9]{1,7})["']""").search
_is_hidden = re.compile(rb"""\bhidden\s*=\s*["'](?:1|true)["']|\bht\s*=\s*["']0(?:[.]0*)?["']""").search


def made_visible(sheet: bytes) -> bytes:
    """The sheet with its errors and with its formulas without a result as texts; itself without any."""
    for type_of_error in (b'"e"', b"'e'"):
        if _has(sheet, type_of_error):
            *before, rest = sheet.split(type_of_error)
            pieces = []
            for piece in before:
                attribute = piece.rstrip()
                is_type = attribute.endswith(b"=") and _is_type(attribute[:-1].rstrip()[-2:])
                pieces += [piece, b'"str"' if is_type else type_of_error]  # the error becomes a text
            sheet = b"".join([*pieces, rest])
    x = _prefix_of(sheet)
    if _has(sheet, b"<%bf" % x) and re.search(_ENDS_WITHOUT_RESULT % {b"x": x}, sheet):
        sheet = re.sub(_NO_RESULT % {b"x": x}, partial(_formula, x), sheet)
    return sheet


def _has(sheet: bytes, what: bytes) -> bool:
    """Whether something stands among the rows of the sheet."""
    return sheet.find(what, sheet.find(b"sheetData"), sheet.rfind(b"sheetData")) >= 0


def _prefix_of(sheet: bytes) -> bytes:
    """`x:` if the elements of the sheet are called `x:row` and so on; else nothing."""
    found = _prefix(sheet)
    return found[1] if found else b""


def _formula(x: bytes, found: re.Match[bytes]) -> bytes:
    """The cell with its formula as its text: the beginning, without half of an entity or of a character at its end."""
    attributes = found[1]
    if _is_typed(attributes):  # of type `str` the result is an empty text
        return found[0]
    formula = html.unescape((found[2] or b"").decode(errors="replace"))[:200]
    value = f"{FORMULA}={html.escape(formula)}".encode()
    return b'<%bc%b t="str"><%bv>%b</%bv></%bc>' % (x, attributes, x, value, x, x)


def hidden_rows(parts: dict[str, bytes]) -> dict[int, frozenset[int]]:
    """The numbers of hidden rows, by the index of the sheet, from the parts of the archive."""
    by_name = {plain(name): part for name, part in parts.items()}
    try:
        book = parsed(by_name.get("xl/workbook.xml", b"<none/>"))
        relations = parsed(by_name.get("xl/_rels/workbook.xml.rels", b"<none/>"))
    except FileRefused:
        return {}  # the library refuses it in its own words
    targets = {relation.get("Id"): target_of(relation) for relation in relations}
    sheets = [element for element in book.iter() if element.tag.rpartition("}")[2] == "sheet"]
    hidden = {}
    for index, sheet in enumerate(sheets):
        key = next((value for name, value in sheet.items() if name.endswith("}id")), None)
        part = by_name.get(targets.get(key, ""), b"")
        if not (_has(part, b"hidden") or _has(part, b'ht="0')):
            continue
        number, rows = 0, set()
        for row in re.finditer(rb"<%brow\b([^>]*)>" % _prefix_of(part), part):
            named = _row_number(row[1])
            number = int(named[1]) if named else number + 1
            if _is_hidden(row[1]):
                rows.add(number)
        hidden[index] = frozenset(rows)
    return hidden
