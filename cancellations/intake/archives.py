"""The archive of a workbook (XLSX, ODS), made ready for the library that reads it.

The library reads cells with an error and formulas without a result as empty ones, drops line breaks of ODS, and does
not say which rows are hidden: nobody would miss an order by that. So these are made visible before it reads.

A sheet has many megabytes: whether there is anything to do is asked of it without a regular expression first.
"""

import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple
from xml.etree import ElementTree

from cancellations.intake.kinds import FileRefused, Refusal

MAX_ENTRIES, MAX_UNPACKED = 500, 64 << 20
MAX_ROW = 1 << 20
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
_line_break = re.compile(rb"<text:line-break\b[^>]*>(?:</text:line-break>)?").sub
_tab = re.compile(rb"<text:tab\b[^>]*>(?:</text:tab>)?").sub
_ods_marks = re.compile(rb"<(/?)table:(table|table-row|table-row-group)(?![\w-])([^>]*)>").finditer
_ods_hidden = re.compile(rb"""table:visibility\s*=\s*["'](?:collapse|filter)["']""").search
_ods_closed = re.compile(rb"""table:display\s*=\s*["']false["']""").search
_ods_repeated = re.compile(rb"""table:number-rows-repeated\s*=\s*["']([0-9]{1,9})["']""").search


class Archive(NamedTuple):
    """`hidden_rows` are the numbers of hidden rows, by the index of the sheet."""

    content: bytes
    hidden_rows: dict[int, frozenset[int]]
    has_formulas: bool  # without a result


def opened(content: bytes) -> Archive:
    """The archive, made ready. Raises FileRefused."""
    parts = unpacked(content)
    changed = {name: new for name, part in parts.items() if (new := _made_visible(plain(name), part)) is not part}
    ods = parts.get("content.xml")
    hidden = dict(_hidden_in_ods(ods)) if ods is not None else _hidden_in_xlsx(parts)
    if changed:
        replaced = io.BytesIO()
        with zipfile.ZipFile(replaced, "w") as copy:
            for name, part in (parts | changed).items():
                copy.writestr(name, part)
        content = replaced.getvalue()
    return Archive(content, hidden, any(FORMULA.encode() in part for part in changed.values()))


def unpacked(content: bytes) -> dict[str, bytes]:
    """The parts of the archive, when nothing in it is bigger than it says or than we bear. Raises FileRefused.

    Each is read to its real end, wherever its header says that it ends.
    """
    parts, manifest = {}, "META-INF/manifest.xml"
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries = archive.infolist()
        if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
            raise FileRefused(Refusal.TOO_BIG_INSIDE)
        if any(entry.flag_bits & 1 for entry in entries):
            raise FileRefused(Refusal.ENCRYPTED)
        if manifest in archive.namelist() and b"encryption-data" in archive.read(manifest):
            raise FileRefused(Refusal.ENCRYPTED)
        for entry in entries:
            declared, entry.file_size = entry.file_size, MAX_UNPACKED + 2
            with archive.open(entry) as stream:
                part = stream.read(MAX_UNPACKED + 1)
            if len(part) > MAX_UNPACKED:
                raise FileRefused(Refusal.TOO_BIG_INSIDE)
            if len(part) != declared:
                raise FileRefused(Refusal.BROKEN)
            parts[entry.filename] = part
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise FileRefused(Refusal.BROKEN) from error
    return parts


def plain(name: str) -> str:
    """The name of a part as it should be: some programs write backslashes or capitals."""
    return name.replace("\\", "/").lower()


def target_of(relation: ElementTree.Element) -> str:
    """The plain name of the part that a relation of the workbook leads to."""
    target = plain(relation.get("Target", ""))
    return target.lstrip("/") if target.startswith(("/", "xl/")) else f"xl/{target.removeprefix('./')}"


def _made_visible(name: str, part: bytes) -> bytes:
    if name == "content.xml":
        visible = part.replace(b' office:string-value=""', b"") if b'string-value=""' in part else part
        visible = _line_break(b"\n", visible) if b"<text:line-break" in visible else visible
        return _tab(b" ", visible) if b"<text:tab" in visible else visible
    if not name.startswith("xl/worksheets/"):
        return part
    for type_of_error in (b'"e"', b"'e'"):
        if _has(part, type_of_error):
            *before, rest = part.split(type_of_error)
            pieces = []
            for piece in before:
                attribute = piece.rstrip()
                is_type = attribute.endswith(b"=") and _is_type(attribute[:-1].rstrip()[-2:])
                pieces += [piece, b'"str"' if is_type else type_of_error]  # the error becomes a text
            part = b"".join([*pieces, rest])
    x = _prefix_of(part)
    if _has(part, b"<%bf" % x) and re.search(_ENDS_WITHOUT_RESULT % {b"x": x}, part):
        part = re.sub(_NO_RESULT % {b"x": x}, partial(_formula, x), part)
    return part


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


def parsed(content: bytes) -> ElementTree.Element:
    """The XML, which declares no entities. Raises FileRefused."""
    plain = content.replace(b"\0", b"")  # of two or four bytes a character, too
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise FileRefused(Refusal.BROKEN)
    try:
        return ElementTree.fromstring(content)  # noqa: S314  # without entities, and in a limited process
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise FileRefused(Refusal.BROKEN) from error


def _hidden_in_xlsx(parts: dict[str, bytes]) -> dict[int, frozenset[int]]:
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


def _hidden_in_ods(content: bytes) -> Iterator[tuple[int, frozenset[int]]]:
    table, number, closed = -1, 0, 0
    hidden: set[int] = set()
    for mark in _ods_marks(content):
        ends, kind, attributes = bool(mark[1]), mark[2], mark[3]
        if kind == b"table":
            if ends:
                yield table, frozenset(hidden)
            else:
                table, number, closed, hidden = table + 1, 0, 0, set()
        elif kind == b"table-row-group":
            closed += -1 if ends and closed else 1 if not ends and (closed or _ods_closed(attributes)) else 0
        elif not ends:
            repeated = _ods_repeated(attributes)
            rows = min(int(repeated[1]) if repeated else 1, MAX_ROW)
            if (closed or _ods_hidden(attributes)) and number < MAX_ROW:
                hidden.update(range(number + 1, min(number + rows, MAX_ROW) + 1))
            number += rows
