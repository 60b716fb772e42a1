"""What codes are called on pages, in the reader's language: one module for each subject."""

from cancellations.words import figures, history, lists, numbers, orders, people

__all__ = ["figures", "history", "lists", "numbers", "orders", "people"]
