"""Whether the database is an earlier state of itself: its chain ends before an anchor that was written out."""

import logging

from django.db.models import Max

from cancellations.audit import anchors
from cancellations.models import ChainLink, RestoredCopy

logger = logging.getLogger("cancellations.audit")


def notice() -> None:
    """Notes a chain that ends before the last anchor of AUDIT_ANCHOR_FILE; once for each anchor.

    The file is read first: an anchor is written after its link was.
    """
    try:
        written = max(anchors.of_file(), default=0)
    except OSError:  # the doctor says so; sending does not depend on a file
        return
    reached = ChainLink.objects.aggregate(number=Max("number"))["number"] or 0
    if written > reached and not RestoredCopy.objects.filter(anchor__gte=written).exists():
        RestoredCopy.objects.create(anchor=written)
        logger.error("The audit trail ends at %s, before anchor %s: nothing is sent.", reached, written)
