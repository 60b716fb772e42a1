"""From what people bring to order numbers: pure functions that know nothing of the database or of pages."""

from cancellations.intake.files import read_file
from cancellations.intake.guess import Choice
from cancellations.intake.kinds import FileRefused, Refusal
from cancellations.intake.mistakes import Reason
from cancellations.intake.reading import Reading, read_paste
from cancellations.intake.tables import Column, Sheet
from cancellations.intake.text import Duplicate, Intake, Order, Rejected, TooMuch, read_text, repaired

__all__ = [
    "Choice",
    "Column",
    "Duplicate",
    "FileRefused",
    "Intake",
    "Order",
    "Reading",
    "Reason",
    "Refusal",
    "Rejected",
    "Sheet",
    "TooMuch",
    "read_file",
    "read_paste",
    "read_text",
    "repaired",
]
