"""Reads a workbook; only ever in a child process (`reader`)."""

from cancellations.intake.guess import Choice
from cancellations.intake.kinds import FileRefused, Refusal
from cancellations.intake.tables import View, look

MAX_CELLS, MAX_TEXT = 300_000, 16 << 20


def view_of_workbook(kind: str, content: bytes, choice: Choice | None) -> View:
    """The workbook of this kind, as it was chosen or is guessed. Raises FileRefused, TooMuch."""
    match kind:  # only what reads it is imported: each list has a process of its own that starts for it
        case "xls":
            from cancellations.intake.old_workbook import read_old_workbook as read
        case "xlsb":
            from cancellations.intake.binary_workbook import read_binary_workbook as read
        case "html":
            from cancellations.intake.markup import read_page as read
        case "xml":
            from cancellations.intake.markup import read_xml_spreadsheet as read
        case _:
            from cancellations.intake.modern_workbook import read_modern_workbook as read
    view = look(read(content), choice)
    if not view:
        raise FileRefused(Refusal.NO_CONTENT)
    cells = [cell for strip in (*view.strips, *view.hidden) for cell in strip.cells]
    if len(cells) > MAX_CELLS or sum(len(cell) for cell in cells if isinstance(cell, str)) > MAX_TEXT:
        raise FileRefused(Refusal.TOO_BIG_INSIDE)
    return view
