from django.db import models

from cancellations.models.people import Person


class Usage(models.Model):
    """How often a person has had heavy work done in an hour, or what a machine has asked for in a day: limits hold for
    all web processes together."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    work = models.CharField(max_length=16)
    hour = models.DateTimeField()  # its beginning, or that of the day
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "work", "hour"], name="one_count_for_an_hour"),
        ]

    def __str__(self):
        return f"{self.person_id} {self.work} {self.hour:%Y-%m-%d %H}: {self.count}"
