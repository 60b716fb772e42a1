from django.db import models


class Backup(models.Model):
    """A copy of the database that was made and looked into, so that monitoring knows how old the newest one is."""

    at = models.DateTimeField()
    size = models.PositiveBigIntegerField()  # bytes
    seconds = models.FloatField()

    class Meta:
        ordering = ["-id"]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.size}"
