"""How long a session lasts: 8 hours without a page, 12 hours in any case, and until its person signs out everywhere."""

import time
from collections.abc import Callable

from django.contrib.auth import logout
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db.models import F
from django.http import HttpRequest, HttpResponse

from cancellations.models import Person

IDLE = 8 * 60 * 60  # seconds
MAX_SECONDS = 12 * 60 * 60  # seconds
ASKED_FOR_BY_PEOPLE = {"found"}  # parts of pages that do not come by themselves
WRITTEN_EVERY = 60  # seconds: not every page is a write
SIGNED_IN, LAST_PAGE = "signed_in_at", "last_page_at"  # in the session


def person_of(pk: int) -> Person | None:
    """The active person, or None. The roles, which every page asks for, come in the same query."""
    found = [*Person.objects.filter(pk=pk, is_active=True).annotate(role=F("groups__name"))]  # once for each role
    if not found:
        return None
    found[0].roles = frozenset(each.role for each in found)
    return found[0]


class PersonBackend(ModelBackend):
    """As Django's, which would ask for less."""

    def get_user(self, user_id: int) -> Person | None:
        return person_of(user_id)


class SignInRequired(LoginRequiredMiddleware):
    """As Django's, but a part of a page is not answered by the page for signing in: that would stand in its middle."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., HttpResponse]) -> HttpResponse:
        if "HX-Request" in request.headers:
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return super().handle_no_permission(request, view_func)


def session_timeouts(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Ends a session that has lasted too long, and remembers when a page of it was last opened."""

    def answer(request):
        if request.user.is_authenticated:
            if _is_over(request):
                logout(request)
            elif not _only_refreshes(request):
                now = time.time()
                request.session.setdefault(SIGNED_IN, now)
                if now - request.session.get(LAST_PAGE, 0) >= WRITTEN_EVERY:
                    request.session[LAST_PAGE] = now
        return get_response(request)

    return answer


def begin(request: HttpRequest) -> None:
    """The session counts from now on."""
    request.session[SIGNED_IN] = request.session[LAST_PAGE] = time.time()


def _is_over(request):
    """Whether the person must sign in again. Not every way to sign in notices that an account was deactivated."""
    now, session = time.time(), request.session
    return (
        not request.user.is_active
        or now - session.get(SIGNED_IN, now) >= MAX_SECONDS
        or now - session.get(LAST_PAGE, now) >= IDLE
    )


def _only_refreshes(request):
    """An open page that asks for its own parts again is not a person who works: it must not keep a session alive."""
    is_part = request.method == "GET" and "HX-Request" in request.headers
    return is_part and request.headers.get("HX-Target") not in ASKED_FOR_BY_PEOPLE
