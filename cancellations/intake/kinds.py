"""What a file really is, by its first bytes, and why one is refused."""

import enum
import re

from cancellations.intake.delimited import decode

EXTENSIONS = ("csv", "txt", "xlsx", "xlsm", "xlsb", "xls", "ods", "htm", "html", "xml")

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIPS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_SIGNATURES = {
    b"%PDF-": "pdf",
    b"\x89PNG": "image",
    b"\xff\xd8\xff": "image",
    b"GIF8": "image",
    b"BM": "image",
    b"II*\x00": "image",
    b"MM\x00*": "image",
    b"Rar!": "binary",
    b"7z\xbc\xaf": "binary",
    b"\x1f\x8b": "binary",
    b"{\\rtf": "binary",
}
# In small letters, and not IGNORECASE, which looks at megabytes ten times as long.
_has_sheets = re.compile(rb"xl[/\\](?:workbook[.]xml|worksheets[/\\]|sharedstrings[.]xml|styles[.]xml)").search
_workbooks = re.compile(rb"xl[/\\]workbook[.](bin|xml)").findall
_MARKUP = {
    "<?xml": "xml",
    "<!doctype html": "html",
    "<html": "html",
    "<head": "html",
    "<table": "html",
    "<meta": "html",
}


class Refusal(enum.StrEnum):
    """Why a file is not read."""

    EMPTY = "empty"
    NO_CONTENT = "no_content"
    NOT_A_TABLE = "not_a_table"
    WRONG_KIND = "wrong_kind"
    ENCRYPTED = "encrypted"
    TOO_BIG_INSIDE = "too_big_inside"
    TOO_SLOW = "too_slow"
    BROKEN = "broken"
    TOO_MANY_ROWS = "too_many_rows"
    BUSY = "busy"


class FileRefused(Exception):
    """The file cannot be read. `detail` says what it really is, or is empty."""

    def __init__(self, reason: Refusal, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


def kind(name: str, content: bytes) -> str:
    """What the file really is: text, xlsx, xlsb, xls, ods, html or xml. Raises FileRefused for every other file."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension not in EXTENSIONS:
        raise FileRefused(Refusal.WRONG_KIND)
    really = what_it_is(content)
    if really == "empty":
        raise FileRefused(Refusal.EMPTY)
    if really == "encrypted":
        raise FileRefused(Refusal.ENCRYPTED)
    if really not in ("text", "xlsx", "xlsb", "xls", "ods", "html", "xml"):
        raise FileRefused(Refusal.NOT_A_TABLE, really)
    return really


def what_it_is(content: bytes) -> str:
    """empty, text, html, xml, xlsx, xlsb, xls, ods, encrypted (a workbook), zip, pdf, image or binary."""
    if content.startswith(_OLE):
        # By the names of the streams, which stand there in UTF-16.
        if "EncryptedPackage".encode("utf-16-le") in content:
            return "encrypted"
        is_xls = any(name.encode("utf-16-le") in content for name in ("Workbook\0", "Book\0"))
        return "xls" if is_xls else "binary"
    if content.startswith(_ZIPS):
        # By the names of the entries, which stand there uncompressed; the file's own after those of a file in it.
        if b"opendocument.spreadsheet" in content[:200]:
            return "ods"
        small = content.lower()
        if _workbooks(small)[-1:] == [b"bin"]:
            return "xlsb"
        return "xlsx" if _has_sheets(small) else "zip"
    for signature, name in _SIGNATURES.items():
        if content.startswith(signature) and (name != "image" or b"\0" in content[:4096]):  # `BM` begins words too
            return name
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image"
    text = decode(content)
    if text is None:
        return "binary"
    beginning = text[:1000].lstrip("\ufeff \t\n").lower()
    if not beginning and not text.strip("\ufeff \t\n\r"):
        return "empty"
    return next((name for mark, name in _MARKUP.items() if beginning.startswith(mark)), "text")
