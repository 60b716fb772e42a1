from django.db import models
from django.db.models import Q
from django.utils import timezone

ONLY = 1


class Maintenance(models.Model):
    """That an operator keeps everybody from changing anything. There is one row while it lasts, and none else."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    since = models.DateTimeField()
    until = models.DateTimeField()  # as it was expected; nothing ends by itself
    note = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=ONLY), name="one_maintenance_at_a_time")]

    def __str__(self):
        return f"{self.since:%Y-%m-%d %H:%M}"

    @property
    def is_late(self) -> bool:
        """Whether it lasts longer than was expected: perhaps somebody has forgotten to end it."""
        return self.until < timezone.now()
