"""From what people bring to order numbers: pure functions that know nothing of the database or of pages."""

from cancellations.intake.mistakes import Reason
from cancellations.intake.text import Duplicate, Intake, Order, Rejected, read_text

__all__ = ["Duplicate", "Intake", "Order", "Reason", "Rejected", "read_text"]
