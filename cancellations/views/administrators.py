"""Pages on which only administrators have business."""

import functools

from django.core.exceptions import PermissionDenied

from cancellations.workflow import permissions


def for_administrators(view):
    """Before anything else is asked, the password for instance: others have no business here."""

    @functools.wraps(view)
    def guarded(request, *arguments, **options):
        if not permissions.may(permissions.check_may_manage_shops, request.user):
            raise PermissionDenied
        return view(request, *arguments, **options)

    return guarded
