"""Whether the history is still what was written: the chain is walked from its first link to its last."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from cancellations.audit import anchors, chain, guards
from cancellations.models import AuditCheck, CancellationRequest, ChainLink, Event, Person, marks
from cancellations.models.vouching import vouched_for

Fault = AuditCheck.Fault
REQUESTS_AT_ONCE, NAMED = 400, 20
AT_ONCE = 5000  # links in memory
CHECKED_EVERY = timedelta(days=1)
LOOSE_FOR = timedelta(minutes=10)  # the workers take an event into the chain within seconds


@dataclass(frozen=True)
class Place:
    """A link that is in order, as the next one needs it."""

    number: int = 0
    mac: str = ""
    event_id: int | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Finding:
    """What came out: how far everything is in order, and the first fault behind it, if there is one."""

    last: Place = field(default_factory=Place)
    fault: str = ""
    number: int | None = None
    event_id: int | None = None
    about: str = ""


class Stopped(Exception):
    """It was asked to end before it had come to the end."""


def verify(known: dict[int, str] | None = None, is_stopping: Callable[[], bool] = lambda: False) -> Finding:
    """Walks the chain and looks at what is not in it; returns a Finding. Changes nothing.

    `known` are anchors, number -> mark, from outside of the database. Raises Stopped if `is_stopping` says so.
    """
    known = known or {}
    last = Place()
    for links, events in _pieces(is_stopping):
        for number, mac, event_id in links:
            event = events.pop(event_id, None)
            if fault := _fault(last, number, mac, event_id, event, known):
                return Finding(last, *fault)
            last = Place(number, mac, event_id, marks.moment(event[3]) if event else None)
        if events:  # only with two links of the same number
            return Finding(last, Fault.INSERTED, last.number, min(events))
    if max(known, default=0) > last.number:
        return Finding(last, Fault.CUT, last.number + 1)
    # An event outside of the chain is not ours, or somebody keeps it out.
    long_ago = timezone.now() - LOOSE_FOR
    for event_id, *loose in marks.read(chain.loose()).iterator():
        if not marks.fits_event(*loose) or marks.moment(loose[2]) < long_ago:
            return Finding(last, Fault.INSERTED, None, event_id)
    if lacking := guards.missing():
        return Finding(last, Fault.UNGUARDED, about=", ".join(lacking))
    # Requests that were approved, in progress or ended, of which the audit trail knows no approval.
    unvouched: list[str] = []
    after = 0
    fields = ("number", "requester", "decided_by", "decided_hash", "reason_kind", "reason")
    approved = CancellationRequest.objects.filter(status__in=CancellationRequest.APPROVED_ONCE).order_by("pk")
    while requests := list(approved.filter(pk__gt=after).only(*fields)[:REQUESTS_AT_ONCE]):
        if is_stopping():
            raise Stopped
        vouched = vouched_for(requests)
        unvouched += [request.number for request in requests if request.pk not in vouched]
        after = requests[-1].pk
    if unvouched:
        more = " …" if len(unvouched) > NAMED else ""
        return Finding(last, Fault.UNVOUCHED, about=f"{', '.join(unvouched[:NAMED])}{more}")
    return Finding(last)


def _pieces(is_stopping: Callable[[], bool]) -> Iterator[tuple[list[tuple[int, str, int]], dict[int, marks.Row]]]:
    """Some thousand links at a time, in their order, with their events by id."""
    after = None
    while True:
        if is_stopping():
            raise Stopped
        chained = ChainLink.objects.order_by("number").values_list("number", "mac", "event_id")
        links = list((chained if after is None else chained.filter(number__gt=after))[:AT_ONCE])
        if not links:
            return
        numbers = [number for number, *_ in links if isinstance(number, int)]  # SQLite would keep others too
        first, after = min(numbers, default=0), max(numbers, default=0)
        events = marks.read(Event.objects.filter(link__number__range=(first, after)).order_by())
        yield links, {row[0]: row for row in events.iterator()}


def _fault(
    last: Place, number: int, mac: str, event_id: int, event: marks.Row | None, known: dict[int, str]
) -> tuple[Fault, int, int | None] | None:
    """(what, number, id of the event) if the link does not follow on the last one, else None."""
    if number != last.number + 1:
        is_gap = isinstance(number, int) and number > last.number
        return (Fault.REMOVED, last.number + 1, None) if is_gap else (Fault.INSERTED, number, event_id)
    if event is None:
        return Fault.REMOVED, number, event_id
    if not marks.fits_event(*event[1:]):
        return Fault.CHANGED, number, event_id
    if not marks.fits_link(mac, number, last.mac, event_id, event[1]):
        return Fault.REORDERED, number, event_id
    # Some are committed late, and clocks are set; but nobody gives an event back that was withheld for long.
    is_late = last.event_id is not None and event_id < last.event_id
    if is_late and last.at is not None and marks.moment(event[3]) < last.at - LOOSE_FOR:
        return Fault.INSERTED, number, event_id
    if known.get(number, mac) != mac:  # everything fits, but it is another history than the one that was anchored
        return Fault.CUT, number, event_id
    return None


def check(
    *, by: Person | None = None, known: dict[int, str] | None = None, is_stopping: Callable[[], bool] = lambda: False
) -> AuditCheck:
    """Completes the chain, verifies it against all anchors that are at hand and keeps what came out: an AuditCheck."""
    chain.extend_fully()
    found = verify(anchors.at_hand() | (known or {}), is_stopping)
    return AuditCheck.objects.create(
        at=timezone.now(),
        by=by,
        events=found.last.number,
        last_event_id=found.last.event_id,
        mac=found.last.mac,
        fault=found.fault,
        fault_number=found.number,
        fault_event_id=found.event_id,
        fault_about=found.about,
    )
