"""Maintenance: pages and calls that would change something are refused, workers take no new work, reading goes on."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from cancellations.models import Event, Maintenance
from cancellations.models.maintenance import ONLY
from cancellations.workflow.errors import InMaintenance


@transaction.atomic
def begin(*, until: datetime, note: str = "") -> Maintenance:
    """Begins it, or says anew until when it is expected to last and why."""
    now = timezone.now()
    said = {"until": until, "note": note}
    maintenance, _ = Maintenance.objects.update_or_create(
        pk=ONLY, defaults=said, create_defaults={"since": now, **said}
    )
    Event.write(Event.Kind.MAINTENANCE_BEGUN, by=None, at=now, note=note, until=until.isoformat())
    return maintenance


@transaction.atomic
def end() -> bool:
    """Ends it; False if there was none."""
    maintenance = Maintenance.objects.select_for_update().first()
    if maintenance is None:
        return False
    maintenance.delete()
    Event.write(Event.Kind.MAINTENANCE_ENDED, by=None, at=timezone.now(), since=maintenance.since.isoformat())
    return True


def check_none() -> None:
    """For whatever changes something. Raises InMaintenance."""
    if maintenance := Maintenance.objects.first():
        when = timezone.localtime(maintenance.until)
        raise InMaintenance(when=f"{when:%m-%d %H:%M}", maintenance=maintenance)
