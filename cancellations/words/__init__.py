"""What codes are called on pages, in the reader's language: one module for each subject."""

from cancellations.words import (
    calendar,
    drafts,
    events,
    facts,
    figures,
    history,
    lists,
    machines,
    numbers,
    orders,
    people,
    shops,
    times,
    webhooks,
)

__all__ = [
    "calendar",
    "drafts",
    "events",
    "facts",
    "figures",
    "history",
    "lists",
    "machines",
    "numbers",
    "orders",
    "people",
    "shops",
    "times",
    "webhooks",
]
