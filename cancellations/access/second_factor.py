"""Who has to have a second factor gets nowhere without one."""

from collections.abc import Callable

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cancellations.access import verbs
from cancellations.workflow import permissions

OPEN_WITHOUT = ("second-factor-set-up", "confirm-password", "logout", "set_language")


def required_second_factor(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Leads whoever lacks a required second factor to where it is set up."""

    def answer(request):
        if not (
            request.user.is_authenticated
            and permissions.needs_second_factor(request.user)
            and not request.user.is_verified()
        ) or request.path in map(reverse, OPEN_WITHOUT):
            return get_response(request)
        if verbs.second_factor_of(request.user):  # but this session began without it
            logout(request)
            return get_response(request)
        if "HX-Request" in request.headers:  # a part of a page: the whole page shall go there
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return redirect("second-factor-set-up")

    return answer
