"""Loads a request for whoever asks for it."""

from django.shortcuts import get_object_or_404

from cancellations.models import CancellationRequest


def find(request, number):
    """The request with this number if the person may read it; else 404."""
    readable = CancellationRequest.objects.for_user(request.user)
    return get_object_or_404(
        readable.select_related("shop__paused_by", "requester", "decided_by", "stopped_by", "copied_from"),
        number=number,
    )
