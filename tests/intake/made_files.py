"""Files as people upload them, and as attackers do; all of them made when a test needs them."""

import io
import struct
import zipfile
import zlib

import openpyxl
import xlwt

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def xlsx(*sheets, start="A1", hidden=()):
    """A workbook with a sheet for each (name, rows)."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
        first = sheet[start]
        for row_number, row in enumerate(rows, first.row):
            for column, value in enumerate(row, first.column):
                sheet.cell(row_number, column, value)
    return saved(book)


def saved(book):
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def xls(rows, style_of=lambda value: xlwt.Style.default_style):
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("采购")
    for row_number, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(row_number, column, value, style_of(value))
    return saved(book)


ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def ods(rows, manifest=""):
    """`rows` of texts, or of (attributes, text) for everything else."""
    cells = [
        [cell if isinstance(cell, tuple) else ('office:value-type="string"', cell) for cell in row] for row in rows
    ]
    table = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell {kind}><text:p>{text}</text:p></table:table-cell>" for kind, text in row)
        + "</table:table-row>"
        for row in cells
    )
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    return archive(
        {
            "mimetype": ODS_TYPE,
            "content.xml": f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names}><office:body>'
            f'<office:spreadsheet><table:table table:name="表">{table}</table:table></office:spreadsheet>'
            "</office:body></office:document-content>",
            "META-INF/manifest.xml": '<?xml version="1.0"?>'
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS_TYPE}"/>{manifest}'
            "</manifest:manifest>",
        }
    )


def encrypted_ods():
    return ods(
        [["CG1"]],
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">'
        '<manifest:encryption-data manifest:checksum-type="SHA1"/></manifest:file-entry>',
    )


def encrypted_xlsx():
    """The outside of it, which is all that is looked at: an OLE2 file with a stream of this name."""
    return (
        OLE + bytes(1016) + "EncryptionInfo".encode("utf-16-le") + bytes(100) + "EncryptedPackage".encode("utf-16-le")
    )


def encrypted_xls():
    """A workbook with the record FILEPASS in place of a record that is as long and nobody needs."""
    content = xls([["CG1"]])
    interface = struct.pack("<HHH", 0x00E1, 2, 0x04B0)  # INTERFACEHDR
    assert interface in content
    return content.replace(interface, struct.pack("<HHH", 0x002F, 2, 1))


def archive(entries):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in entries.items():
            file.writestr(name, text, zipfile.ZIP_STORED if name == "mimetype" else None)  # as its standard says
    return content.getvalue()


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def bare_xlsx(sheet, more=None, strings=""):
    """The least that is a workbook, around the XML of one sheet."""
    package = "http://schemas.openxmlformats.org/package/2006"
    return archive(
        {
            "[Content_Types].xml": f'{HEAD}<Types xmlns="{package}/content-types"/>',
            "_rels/.rels": f'{HEAD}<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="rId1" Type="{LINK}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{LINK}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="rId1" Type="{LINK}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": sheet,
        }
        | ({"xl/sharedStrings.xml": strings} if strings else {})
        | (more or {})
    )


def sheet_of(cells):
    return f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'


def far_corners():
    """1.7 kB: only the first and the last cell, and the library asks for the memory of all between them."""
    return bare_xlsx(
        sheet_of('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    )


def billion_laughs():
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    laughing = '<row r="1"><c r="A1" t="inlineStr"><is><t>&a9;</t></is></c></row>'
    sheet = sheet_of(laughing).replace(HEAD, f"{HEAD}<!DOCTYPE worksheet [{entities}]>")
    return bare_xlsx(sheet)


def bomb(megabytes=1000):
    """A string of that size in an archive of a thousandth of it; the headers say so."""
    return bare_xlsx(sheet_of(""), {"xl/media/x.xml": bytes(megabytes << 20)})


def lying_bomb(megabytes=200):
    """The same, but both headers say that it is small, with a checksum that fits what they say."""
    content = bare_xlsx(sheet_of(""), {"xl/media/x.xml": bytes(megabytes << 20)})
    honest = struct.pack("<I", megabytes << 20)
    true_sum, small_sum = (struct.pack("<I", zlib.crc32(bytes(size))) for size in (megabytes << 20, 100))
    assert content.count(honest) == 2
    return content.replace(honest, struct.pack("<I", 100)).replace(true_sum, small_sum)


def many_entries(count=600):
    return bare_xlsx(sheet_of(""), {f"xl/media/{number}": "" for number in range(count)})


def many_big_cells():
    """A few hundred kB that become gigabytes: every cell points to the same string of 32,767 letters."""
    strings = f'{HEAD}<sst xmlns="{MAIN}"><si><t>{"x" * 32_767}</t></si></sst>'
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 150_001))
    return bare_xlsx(sheet_of(rows), strings=strings)


def xml_spreadsheet(rows, hidden=()):
    """An XML Spreadsheet 2003 of texts; `hidden` are the numbers of hidden rows."""
    name = "urn:schemas-microsoft-com:office:spreadsheet"
    lines = "".join(
        f"<Row{' ss:Hidden=' + chr(34) + '1' + chr(34) if number in hidden else ''}>"
        + "".join(f'<Cell><Data ss:Type="String">{text}</Data></Cell>' for text in row)
        + "</Row>"
        for number, row in enumerate(rows, 1)
    )
    return (
        f'<?xml version="1.0"?><Workbook xmlns="{name}" xmlns:ss="{name}"><Worksheet ss:Name="采购"><Table>{lines}'
        "</Table></Worksheet></Workbook>"
    ).encode()


def filtered_xlsx(rows, hidden):
    """A workbook in which a filter has hidden these rows."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for number in hidden:
        book.active.row_dimensions[number].hidden = True
    book.active.auto_filter.ref = book.active.dimensions
    return saved(book)


def filtered_xls(rows, hidden):
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("采购")
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            sheet.write(number - 1, column, value)
        sheet.row(number - 1).hidden = number in hidden
    return saved(book)


def filtered_ods(rows, hidden):
    """`ods` with the rows that a filter has hidden."""
    content = ods(rows)
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    parts = entries["content.xml"].split(b"<table:table-row>")
    rows_of_xml = [
        b"<table:table-row" + (b' table:visibility="filter">' if number in hidden else b">") + part
        for number, part in enumerate(parts[1:], 1)
    ]
    entries["content.xml"] = parts[0] + b"".join(rows_of_xml)
    return archive(entries)


def changed(content, part, old, new):
    """A workbook in one part of whose archive `old` became `new`."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    assert old in entries[part]
    return archive(entries | {part: entries[part].replace(old, new)})


def renamed(content, name_of):
    """An archive whose entries have other names."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return archive({name_of(name): file.read(name) for name in file.namelist()})


def with_another_inside(content, other):
    """A workbook with another one in it, as it is embedded in a sheet by drag and drop: not compressed once more."""
    added = io.BytesIO(content)
    with zipfile.ZipFile(added, "a", zipfile.ZIP_STORED) as file:
        file.writestr("xl/embeddings/Microsoft_Excel_Worksheet.bin", other)
    return added.getvalue()


def rewritten(content, replacements):
    """An archive in all of whose parts these bytes are replaced."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    for old, new in replacements.items():
        entries = {name: part.replace(old, new) for name, part in entries.items()}
    return archive(entries)
