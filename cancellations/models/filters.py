from typing import Self

from django.db import models
from django.urls import reverse

from cancellations.models.people import Person


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def for_user(self, user: Person) -> Self:
        """A saved filter is its person's own; what it finds is found out anew each time, with the reader's rights."""
        return self.filter(person=user) if user.is_active else self.none()


class SavedFilter(models.Model):
    """A search of the history, or a list of requests, that a person keeps under a name."""

    class Kind(models.TextChoices):
        HISTORY = "history"
        REQUESTS = "requests"

    person = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=60)
    query = models.TextField()  # what stands behind the question mark of the address

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "name"], name="a_name_is_one_filter_of_a_person"),
        ]

    def __str__(self):
        return self.name

    @property
    def address(self) -> str:
        """Where it is applied."""
        page = "history" if self.kind == self.Kind.HISTORY else "cancellation-list"
        return f"{reverse(page)}?{self.query}"
