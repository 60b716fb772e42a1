import uuid
from typing import Self

from django.db import models

from cancellations.models.people import Person


class UploadQuerySet(models.QuerySet["Upload"]):
    def for_user(self, user: Person) -> Self:
        """A file is read by whoever brought it, and by nobody else."""
        return self.filter(person=user) if user.is_active else self.none()


class Upload(models.Model):
    """A file between choosing it and the draft that is made of it; in the database, because any web server may be next.

    It is removed with the draft, or after a day.
    """

    token = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    brought_at = models.DateTimeField(db_index=True)  # the old ones are removed

    objects = UploadQuerySet.as_manager()

    def __str__(self):
        return self.name
