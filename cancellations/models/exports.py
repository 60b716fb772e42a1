from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cancellations.models.people import Person


class ExportQuerySet(models.QuerySet["Export"]):
    def for_user(self, user: Person) -> Self:
        """An export is read by whoever asked for it, and by nobody else."""
        return self.filter(person=user) if user.is_active else self.none()


class Export(models.Model):
    """A workbook that is made in the background, and how far it is. Its file is kept for a day, this row for good.

    Only the task of the engine whose id it bears may write to it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("export", "Queued")
        MAKING = "making", pgettext_lazy("export", "Generating")
        READY = "ready", pgettext_lazy("export", "Ready")
        FAILED = "failed", pgettext_lazy("export", "Failed")
        EXPIRED = "expired", pgettext_lazy("export", "Expired")

    class Why(models.TextChoices):
        """Why it failed, and what to do next."""

        NOTHING = "", ""
        GAVE_UP = (
            "gave_up",
            _("The export failed several times. Contact your administrator, then try again."),
        )
        NO_ROOM = (
            "no_room",
            _("The server has no space left for the file. Contact your administrator, then try again."),
        )
        TOO_LARGE = (
            "too_large",
            _("The file would exceed the size limit of Excel. Export as CSV, or narrow the filters."),
        )
        NOT_READABLE = (
            "not_readable",
            _(
                "You no longer have access to the orders of this export. Change the filters, or contact an "
                "administrator."
            ),
        )

    OPEN = (State.WAITING, State.MAKING)
    WITH_PARTS = (State.MAKING, State.READY)

    person = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    query = models.JSONField(default=dict)  # what stands behind the question mark of the address
    language = models.CharField(max_length=16)  # of the headings and of what codes are called
    orders = models.PositiveIntegerField()  # how many there were when it was asked for
    written = models.PositiveIntegerField(default=0)  # of them into the file, so far
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    why = models.CharField(max_length=20, choices=Why, default="")
    shops = models.JSONField(default=list)  # ids of those whose orders may be in the file
    size = models.PositiveBigIntegerField(default=0)  # bytes
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    task_id = models.UUIDField(null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            # "my exports", the newest first
            models.Index(fields=["person", "-id"], name="exports_of_a_person"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(state__in=("waiting", "making")),
                name="an_export_of_a_person_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="making") | Q(task_id__isnull=False), name="what_is_being_made_has_a_task"
            ),
            models.CheckConstraint(
                condition=(Q(state="failed") & ~Q(why="")) | (~Q(state="failed") & Q(why="")),
                name="what_failed_says_why",
            ),
        ]

    def __str__(self):
        return f"{self.pk} {self.state}"


class ExportPart(models.Model):
    """A piece of the file; in the database, because web servers and workers may be on several machines."""

    export = models.ForeignKey(Export, models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["export", "number"], name="a_part_is_once_in_a_file"),
        ]

    def __str__(self):
        return f"{self.export_id}.{self.number}"
