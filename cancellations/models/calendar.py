from django.db import models


class CalendarDay(models.Model):
    """A day on which people work or not whatever its weekday is: a holiday, or a day that makes up for one (调休)."""

    day = models.DateField(primary_key=True)
    is_working = models.BooleanField()
    name = models.CharField(max_length=40, default="")  # of the holiday, as people read it

    class Meta:
        ordering = ["day"]

    def __str__(self):
        return f"{self.day} {self.name}".strip()
