from typing import Self

from django.db import models
from django.db.models import Q

from cancellations.models.people import Person


class RestoredCopyQuerySet(models.QuerySet["RestoredCopy"]):
    def unconfirmed(self) -> Self:
        return self.filter(confirmed_at__isnull=True)


class RestoredCopy(models.Model):
    """That this database is an earlier state of itself. Until somebody has confirmed it, nothing is sent.

    A backup writes it into the copy; a worker, where the audit trail ends before an anchor that was written out.
    """

    copied_at = models.DateTimeField(null=True)  # unknown if a worker found it out
    anchor = models.BigIntegerField(null=True)  # the link of the chain that is missing here
    confirmed_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    confirmed_at = models.DateTimeField(null=True)

    objects = RestoredCopyQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="who_confirmed_the_restore_and_when",
            )
        ]

    def __str__(self):
        return f"{self.copied_at or self.anchor}"
