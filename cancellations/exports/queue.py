"""What the machine itself does with exports: one at a time in the whole installation is leased to a process that makes
it, however many workers there are. The tables hold the truth: a process may die at any moment, and nothing is lost.
"""

import uuid
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Q
from django.db.models.functions import Now
from django.utils import timezone

from cancellations.models import Export, ExportPart

State = Export.State
LEASE = timedelta(seconds=60)  # longer than a write waits for its turn on SQLite
MOST_ATTEMPTS = 3
FILES_ARE_KEPT = timedelta(hours=24)
NOBODY = {"lease_token": "", "lease_until": None}


class LeaseLost(Exception):
    """The export was cancelled, or another process has taken over: whoever raises this must write no more."""


def take():
    """The export whose turn it is, now leased to the caller; None if nobody waits or another one is being made."""
    # Looked at first: an update takes the write lock on SQLite, and every sweep comes here.
    being_made = Export.objects.filter(~_run_out(), state=State.MAKING)
    if being_made.exists() or not Export.objects.filter(state__in=Export.OPEN).exists():
        return None
    Export.objects.filter(_run_out()).update(state=State.WAITING, **NOBODY)
    hopeless = Export.objects.filter(state=State.WAITING, attempts__gte=MOST_ATTEMPTS)
    hopeless.update(state=State.FAILED, why=Export.Why.GAVE_UP, finished_at=timezone.now())
    first = Export.objects.filter(state=State.WAITING).order_by("pk").first()
    return _lease(first) if first else None


def _lease(export):
    lease = {"lease_token": str(uuid.uuid4()), "lease_until": _end()}
    waiting = Export.objects.filter(pk=export.pk, state=State.WAITING)
    try:
        with transaction.atomic():
            taken = waiting.update(
                state=State.MAKING, written=0, started_at=timezone.now(), attempts=F("attempts") + 1, **lease
            )
    except IntegrityError:  # another worker has taken another one: the database lets one be made at a time
        return None
    return Export.objects.get(pk=export.pk) if taken else None


def held(pk, token):
    """The export, if the lease with this token still counts. Raises LeaseLost."""
    export = Export.objects.select_related("person").filter(pk=pk, lease_token=token, state=State.MAKING).first()
    if export is None:
        raise LeaseLost
    return export


def renew(export, **changes):
    """Renews the lease and writes `changes` with it. Raises LeaseLost."""
    _move(export, lease_until=_end(), **changes)


def forget_parts(export):
    """Removes the pieces that are stored: one by one, because on SQLite everybody waits for a writer."""
    _remove(ExportPart.objects.filter(export=export))


@transaction.atomic
def keep_part(export, number, content):
    """Stores a piece of the file. Raises LeaseLost: two processes never mix their pieces."""
    renew(export)
    ExportPart.objects.create(export=export, number=number, content=content)


def finish(export, *, orders, size):
    """All pieces are there. Raises LeaseLost."""
    done = {"written": orders, "size": size, "finished_at": timezone.now()}
    _move(export, state=State.READY, **done, **NOBODY)


def fail(export, why):
    """It cannot be made, and trying again would not help. Raises LeaseLost."""
    _move(export, state=State.FAILED, why=why, finished_at=timezone.now(), **NOBODY)


def give_back(export, *, counts):
    """Whoever had it has ended: it waits for its turn again. An attempt counts unless the process was asked to end."""
    attempts = F("attempts") if counts else F("attempts") - 1
    _held(export).update(state=State.WAITING, attempts=attempts, **NOBODY)


def expire():
    """Removes the files that are older than a day, and pieces that belong to no file."""
    old = Export.objects.filter(state=State.READY, finished_at__lt=timezone.now() - FILES_ARE_KEPT)
    if old.exists():  # looked at first, as in `take`
        old.update(state=State.EXPIRED)
    _remove(ExportPart.objects.exclude(export__state__in=Export.WITH_PARTS))


def _remove(parts):
    for pk in parts.values_list("pk", flat=True):
        ExportPart.objects.filter(pk=pk).delete()


def _move(export, **changes):
    if _held(export).update(**changes) != 1:
        raise LeaseLost


def _held(export):
    return Export.objects.filter(pk=export.pk, lease_token=export.lease_token, state=State.MAKING)


def _run_out():
    return Q(state=State.MAKING, lease_until__lt=Now())


def _end():
    return ExpressionWrapper(Now() + LEASE, output_field=DateTimeField())
