"""From what people bring to order numbers: pure functions that know nothing of the database or of pages."""

from cancellations.intake.files import LONG, read_file, read_paste
from cancellations.intake.guess import Choice
from cancellations.intake.kinds import FileRefused, Refusal
from cancellations.intake.mistakes import Reason, mistaken
from cancellations.intake.pieces import Doubt, Order, Rejected, ToCheck, is_number, numbers_within, repaired
from cancellations.intake.reading import Reading
from cancellations.intake.shapes import fits, is_shape, shape_of
from cancellations.intake.tables import Column, Gap, Other, Sheet, Unread
from cancellations.intake.text import Duplicate, Intake, TooMuch, read_text

__all__ = [
    "LONG",
    "Choice",
    "Column",
    "Doubt",
    "Duplicate",
    "FileRefused",
    "Gap",
    "Intake",
    "Order",
    "Other",
    "Reading",
    "Reason",
    "Refusal",
    "Rejected",
    "Sheet",
    "ToCheck",
    "TooMuch",
    "Unread",
    "fits",
    "is_number",
    "is_shape",
    "mistaken",
    "numbers_within",
    "read_file",
    "read_paste",
    "read_text",
    "repaired",
    "shape_of",
]
