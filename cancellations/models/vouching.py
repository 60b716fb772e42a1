"""Which requests the audit trail vouches for: a submission by the requester and an approval by the decider."""

import json
from collections.abc import Collection

from cancellations.models import marks
from cancellations.models.cancellations import CancellationRequest
from cancellations.models.events import Event


def vouched_for(requests: Collection[CancellationRequest]) -> set[int]:
    """The keys of those requests whose audit trail holds, with valid marks, their submission by their requester
    for this reason, and the approval of this content by their decider, who is somebody else. One query.

    Whoever owns the database can write a status and names into a request, but not the mark of an event.
    """
    kinds = [Event.Kind.SUBMITTED, Event.Kind.APPROVED]
    told = Event.objects.filter(cancellation__in=[request.pk for request in requests], kind__in=kinds)
    valid = set()
    for _pk, mac, *marked in marks.read(told):
        if marks.fits_event(mac, *marked):
            _uid, _at, kind, actor, _name, _shop, request = marked[:7]
            data = json.loads(marked[-1])
            valid.add((request, kind, actor, data.get("content_hash"), data.get("reason_hash")))
    return {
        request.pk
        for request in requests
        if request.decided_by_id != request.requester_id
        and (request.pk, "submitted", request.requester_id, request.decided_hash, request.reason_hash) in valid
        and (request.pk, "approved", request.decided_by_id, request.decided_hash, None) in valid
    }
