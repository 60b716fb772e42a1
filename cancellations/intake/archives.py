"""The archive that a workbook is (XLSX, XLSB, ODS): its parts, and the XML in them."""

import io
import zipfile
import zlib
from xml.etree import ElementTree

from cancellations.intake.kinds import FileRefused, Refusal

MAX_ENTRIES, MAX_UNPACKED = 500, 64 << 20
MAX_ROW = 1 << 20


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


def parsed(content: bytes) -> ElementTree.Element:
    """The XML, which declares no entities. Raises FileRefused."""
    plain = content.replace(b"\0", b"")  # of two or four bytes a character, too
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise FileRefused(Refusal.BROKEN)
    try:
        return ElementTree.fromstring(content)  # noqa: S314  # without entities, and in a limited process
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise FileRefused(Refusal.BROKEN) from error
