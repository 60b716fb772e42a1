"""What a look-up has shown of an order, written as `sending` writes it."""

from django.utils import timezone

from cancellations.models import OrderLine
from cancellations.models.shown import KEPT_WITH_LINE, seal


def show(line, **fields):
    """As if the last look-up had shown the order so: `found`, and just now, unless the fields say otherwise."""
    shot = line.snapshots.last()
    for name, value in ({"at": timezone.now(), "found": True} | fields).items():
        setattr(shot, name, shot._meta.get_field(name).to_python(value))
    seal(shot)
    shot.save()
    kept = {column: getattr(shot, name) for column, name in KEPT_WITH_LINE.items()} if shot.found else {}
    OrderLine.objects.filter(pk=line.pk).update(snapshot=shot, **kept)
    return shot
