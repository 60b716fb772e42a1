from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cancellations.models.events import Event
from cancellations.models.people import Person
from cancellations.sentences import sentences

# The triggers of the one migration. Only SQLite has a statement that replaces rows without asking those of UPDATE.
_EVERYWHERE = {"events_are_not_changed", "events_are_not_deleted", "links_are_not_changed", "links_are_not_deleted"}
GUARDS = {
    "sqlite": _EVERYWHERE | {"events_are_not_replaced", "links_are_not_replaced"},
    "postgresql": _EVERYWHERE,
}


class ChainLink(models.Model):
    """An event's place in the chain. Written once, after its event was committed; never changed, never deleted."""

    number = models.BigIntegerField(primary_key=True)  # 1, 2, 3 … without a gap
    event = models.OneToOneField(Event, models.PROTECT, related_name="link")
    mac = models.CharField(max_length=64)

    def __str__(self):
        return f"{self.number}:{self.mac}"


class AuditCheck(models.Model):
    """One verification of the history: when, on whose wish, and what came out."""

    class Fault(models.TextChoices):
        CHANGED = "changed", _("An event was changed.")
        REMOVED = "removed", _("An event was removed.")
        INSERTED = "inserted", _("An event was inserted.")
        REORDERED = "reordered", _("Events were reordered.")
        CUT = "cut", _("The end of the audit trail was cut off.")
        UNGUARDED = "unguarded", _("The database's guards of the audit trail are missing.")
        UNVOUCHED = "unvouched", _("Requests were approved without an approval in the audit trail.")

    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    events = models.BigIntegerField()  # how many are in order: all, or those before the fault
    last_event_id = models.BigIntegerField(null=True)  # the last of them
    mac = models.CharField(max_length=64, default="")  # of the link of the last of them
    fault = models.CharField(max_length=10, choices=Fault, default="")
    fault_number = models.BigIntegerField(null=True)  # in the chain; an inserted event has none
    fault_event_id = models.BigIntegerField(null=True)  # a removed event may have taken it along
    fault_about = models.CharField(max_length=500, default="")  # names of guards, numbers of requests
    is_anchor = models.BooleanField(default=False)  # it was written out to where the database's owner cannot reach

    class Meta:
        ordering = ["-id"]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.fault or self.events}"

    @property
    def in_words(self) -> str:
        """What came out, in sentences: what is wrong, where, and how far everything is in order."""
        if not self.fault:
            return gettext("All %(count)s events are intact.") % {"count": self.events}
        return sentences(self.get_fault_display(), self._where(), self._until())

    def _where(self):
        if self.fault_about:
            return gettext("Affected: %(names)s.") % {"names": self.fault_about}
        place = {"event": self.fault_event_id, "number": self.fault_number}
        if self.fault_event_id is None:
            return gettext("Link %(number)s of the chain is missing, so the event behind it is unknown.") % place
        if self.fault_number is None:
            return gettext("Event %(event)s is affected; it is not in the chain.") % place
        return gettext("Event %(event)s is affected, link %(number)s of the chain.") % place

    def _until(self):
        if not self.events:
            return gettext("No earlier event is intact.")
        until = {"count": self.events, "event": self.last_event_id}
        return gettext("The %(count)s earlier events are intact, up to event %(event)s.") % until
