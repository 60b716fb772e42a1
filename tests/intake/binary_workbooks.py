"""Binary workbooks (.xlsb), written record by record as MS-XLSB says: by Excel, by web applications, by attackers."""

import datetime as dt
import struct

from tests.intake.made_files import HEAD, LINK, archive

ROW, MERGED = 0, 176
BLANK, RK, ERROR, BOOL, REAL, TEXT, SHARED_TEXT = range(1, 8)
FORMULA_TEXT, FORMULA_NUMBER, FORMULA_BOOL, FORMULA_ERROR = range(8, 12)
RICH_TEXT = 62
DATE, MOMENT, NUMBER = 1, 2, 3  # styles
NOT_AVAILABLE, DIVIDED_BY_0 = b"\x2a", b"\x07"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def varint(number):
    return bytes([number & 0x7F | 0x80]) + varint(number >> 7) if number > 0x7F else bytes([number])


def record(kind, data=b""):
    return varint(kind) + varint(len(data)) + data


END_OF_ROWS = record(146)


def wide(text):
    raw = text.encode("utf-16-le", "surrogatepass")
    return struct.pack("<I", len(raw) // 2) + raw


def row(number, *, hidden=False, height=300, has_own_height=False):
    """The header of a row, which is counted from 1."""
    flags = 0x10 * hidden | 0x20 * has_own_height
    return record(ROW, struct.pack("<IIHBBBI", number - 1, 0, height, 0, flags, 0, 0))


def cell(column, kind, value=b"", style=0):
    return record(kind, struct.pack("<II", column, style) + value)


def short(kind, value=b"", style=0):
    """A cell without its column, which is the next one."""
    return record(kind + 11, struct.pack("<I", style) + value)


def formula(column, kind, value, style=0):
    """A cell with the last result of its formula, =A1."""
    return cell(column, kind, value + b"\0\0" + struct.pack("<I", 7) + b"\x44" + bytes(10), style)


def real(number):
    return struct.pack("<d", number)


def rk(whole, *, hundredth=False):
    return struct.pack("<i", whole << 2 | 2 | hundredth)


def sheet(*records, last=(100, 10), further=b""):
    """The part of a sheet; `last` is what it says of its own size, `further` are records behind its rows."""
    size = record(148, struct.pack("<IIII", 0, last[0], 0, last[1]))
    return record(129) + size + record(145) + b"".join(records) + END_OF_ROWS + further + record(130)


def merged(top, bottom, left, right):
    return record(MERGED, struct.pack("<IIII", top - 1, bottom - 1, left, right))


def workbook(sheets, texts=(), *, states=(), is_1904=False, kinds=(), more=None):
    """A workbook of these (name, bytes of the part). `states` 1 and 2 hide a sheet, `kinds` are worksheet or others."""
    folders = [*kinds, *["worksheet"] * (len(sheets) - len(kinds))]
    bundle = b"".join(
        record(156, struct.pack("<II", states[n] if n < len(states) else 0, n + 1) + wide(f"rId{n}") + wide(name))
        for n, (name, _) in enumerate(sheets)
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{LINK}/{folder}" Target="{folder}s/sheet{n}.bin"/>'
        for n, folder in enumerate(folders)
    )
    types = "".join(
        f'<Override PartName="/xl/{name}.bin" ContentType="application/vnd.ms-excel.{kind}"/>'
        for name, kind in {
            "workbook": "sheet.binary.macroEnabled.main",
            "styles": "styles",
            "sharedStrings": "sharedStrings",
            **{f"worksheets/sheet{n}": "worksheet" for n in range(len(sheets))},
        }.items()
    )
    formats = record(44, struct.pack("<H", 164) + wide("yyyy-mm-dd hh:mm")) + record(
        44, struct.pack("<H", 165) + wide('0.00" dys";[Red]-0')
    )
    styles = [0, 14, 164, 165]
    xfs = b"".join(record(47, struct.pack("<HH", 0, number) + bytes(12)) for number in styles)
    entries = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types">{types}</Types>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{LINK}/officeDocument" Target="xl/workbook.bin"/></Relationships>',
        "xl/workbook.bin": record(131)
        + record(153, struct.pack("<II", is_1904, 0) + wide(""))
        + record(143)
        + bundle
        + record(144)
        + record(132),
        "xl/_rels/workbook.bin.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{relations}'
        f'<Relationship Id="s" Type="{LINK}/styles" Target="styles.bin"/>'
        f'<Relationship Id="t" Type="{LINK}/sharedStrings" Target="sharedStrings.bin"/></Relationships>',
        "xl/styles.bin": record(278)
        + record(615, struct.pack("<I", 2))
        + formats
        + record(616)
        + record(626, struct.pack("<I", 1))
        + record(47, struct.pack("<HH", 0xFFFF, 14) + bytes(12))
        + record(627)
        + record(617, struct.pack("<I", len(styles)))
        + xfs
        + record(618)
        + record(279),
        "xl/sharedStrings.bin": record(159, struct.pack("<II", len(texts), len(texts)))
        + b"".join(record(19, b"\0" + wide(text)) for text in texts)
        + record(160),
    }
    parts = {
        f"xl/{folder}s/sheet{n}.bin": part for n, (folder, (_, part)) in enumerate(zip(folders, sheets, strict=True))
    }
    return archive(entries | parts | (more or {}))


def xlsb(*sheets, hidden_rows=(), **options):
    """A workbook with a sheet for each (name, rows), as Excel saves it: texts stand once for all sheets."""
    values = dict.fromkeys(value for _, rows in sheets for line in rows for value in line)
    texts = [value for value in values if isinstance(value, str)]
    places = {text: place for place, text in enumerate(texts)}
    parts = []
    for name, rows in sheets:
        records = []
        for number, line in enumerate(rows, 1):
            records.append(row(number, hidden=number in hidden_rows))
            records += (_cell(column, value, places) for column, value in enumerate(line))
        parts.append((name, sheet(*records, last=(len(rows), max(map(len, rows), default=0)))))
    return workbook(parts, texts, **options)


def _cell(column, value, places):
    if isinstance(value, str):
        return cell(column, SHARED_TEXT, struct.pack("<I", places[value]))
    if isinstance(value, bool):
        return cell(column, BOOL, bytes([value]))
    if isinstance(value, dt.date):
        return cell(column, REAL, real((value - dt.date(1899, 12, 30)).days), DATE)
    return cell(column, BLANK) if value is None else cell(column, REAL, real(value))
