from django.db import models


class Worker(models.Model):
    """A worker process that has shown itself; `beat_at` is by the database's clock: those of machines differ."""

    name = models.CharField(max_length=32, unique=True)
    host = models.CharField(max_length=100)
    process = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    is_stopping = models.BooleanField(default=False)
    queues = models.JSONField(default=list)  # of the engine, from which it takes tasks

    class Meta:
        ordering = ["host", "process"]

    def __str__(self):
        return f"{self.host} {self.process}"


class Chore(models.Model):
    """Work that one of the workers does once a day (Asia/Shanghai)."""

    name = models.CharField(primary_key=True, max_length=32)
    done_on = models.DateField(null=True)

    def __str__(self):
        return self.name
