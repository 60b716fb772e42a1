from django.db import models
from django.utils.translation import gettext_lazy as _


class Worker(models.Model):
    """A worker process that has shown itself; `beat_at` is by the database's clock: those of machines differ."""

    name = models.CharField(max_length=32, unique=True)
    host = models.CharField(_("host"), max_length=100)
    process = models.PositiveIntegerField(_("process"))
    started_at = models.DateTimeField(_("started"))
    beat_at = models.DateTimeField(_("last sign of life"))
    is_stopping = models.BooleanField(_("is ending"), default=False)

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")
        ordering = ["host", "process"]

    def __str__(self):
        return f"{self.host} {self.process}"


class Chore(models.Model):
    """Work that one of the workers does once a day (Asia/Shanghai)."""

    name = models.CharField(primary_key=True, max_length=32)
    done_on = models.DateField(null=True)

    def __str__(self):
        return self.name
