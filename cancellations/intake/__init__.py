"""From what people bring to order numbers: pure functions that know nothing of the database or of pages."""

from cancellations.intake.text import Duplicate, Intake, Order, Reason, Rejected, read_text

__all__ = ["Duplicate", "Intake", "Order", "Reason", "Rejected", "read_text"]
