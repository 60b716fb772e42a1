from django.db import models


class PageTimes(models.Model):
    """How many answers of a page took at most so long and longer than the limit below, with their seconds together.

    Every web process adds to it (watching/page_times.py). It never has more than a row for each page and limit.
    """

    LIMITS = ("0.05", "0.1", "0.15", "0.3", "0.6", "1", "2.5", "10", "+Inf")  # seconds, as Prometheus writes them

    page = models.CharField(max_length=60)  # the name of its address
    at_most = models.CharField(max_length=4)
    answers = models.PositiveBigIntegerField()
    seconds = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["page", "at_most"], name="one_row_for_a_page_and_limit"),
        ]

    def __str__(self):
        return f"{self.page} ≤ {self.at_most}: {self.answers}"
