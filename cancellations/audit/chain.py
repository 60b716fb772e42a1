"""The chain: every event gets a number and a mark over the link before it, soon after it was committed.

Not in the transaction of the event: there, all verbs of all people would wait for one another. So the order of the
chain is that in which events were found, and an event that is committed late stands behind others with higher ids.
"""

import logging

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, QuerySet

from cancellations.models import ChainLink, Chore, Event, marks

logger = logging.getLogger("cancellations.audit")
AT_ONCE = 1000  # events in one transaction, which holds the write lock on SQLite
ROUNDS = 10  # of a sweep: a worker has to show itself in between
# A sweep looks this many ids back from the newest event in the chain: others with lower ids may be committed later.
# Whoever comes later still is found by `extend_fully`, once a day.
BEHIND = 1000
_refused: list[int] = []  # what was told last: the same is not told in every sweep


def extend() -> int:
    """Takes what is new into the chain, up to some thousand events; returns how many. Cheap if there is nothing."""
    newest = ChainLink.objects.aggregate(id=Max("event_id"))["id"]
    return _extend(None if newest is None else newest - BEHIND, ROUNDS)


def extend_fully() -> int:
    """Takes everything into the chain that is not in it, wherever it stands; returns how many."""
    return _extend(None, None)


def loose(after: int | None = None) -> QuerySet[Event]:
    """The events that are not in the chain.

    Not by an outer join: PostgreSQL does not see that few are left of it, and reads both tables wholly in every sweep.
    """
    events = Event.objects.filter(~Exists(ChainLink.objects.filter(event=OuterRef("pk")))).order_by("pk")
    return events if after is None else events.filter(pk__gt=after)


def _extend(after: int | None, rounds: int | None) -> int:
    global _refused
    taken = 0
    # Looked at first: the transaction takes the write lock on SQLite.
    while rounds != 0 and loose(after).exists():
        with transaction.atomic():
            # Until it ends nobody else extends the chain. On SQLite the transaction itself sees to it.
            Chore.objects.get_or_create(name="chain")
            Chore.objects.select_for_update().get(name="chain")
            rows = list(marks.read(loose(after))[:AT_ONCE])
            ours = [row for row in rows if marks.fits_event(*row[1:])]
            # A copy of an event has a mark that fits; only that there are two of them gives it away.
            same = Event.objects.filter(uid__in=[row[2] for row in ours]).values("uid").annotate(count=Count("pk"))
            copies = {form for uid in same.filter(count__gt=1).values_list("uid", flat=True) for form in (uid, uid.hex)}
            ours = [row for row in ours if row[2] not in copies]
            refused = sorted({row[0] for row in rows} - {row[0] for row in ours})
            if refused and refused != _refused:
                _refused = refused
                told = "%s events bear no mark of ours and stay out of the chain; the first is %s."
                logger.error(told, len(refused), refused[0])
            last = ChainLink.objects.order_by("-number").first()
            number, mac = (last.number, last.mac) if last else (0, "")
            links = []
            for event_id, event_mac, *_ in ours:
                number += 1
                mac = marks.of_link(number, mac, event_id, event_mac)
                links.append(ChainLink(number=number, event_id=event_id, mac=mac))
            ChainLink.objects.bulk_create(links)
        taken += len(ours)
        after = rows[-1][0] if rows else after
        rounds = rounds and rounds - 1
    return taken
