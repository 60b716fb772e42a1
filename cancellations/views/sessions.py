"""How long a session lasts: 8 hours without a page, 12 hours in any case, and until its person signs out everywhere."""

import time

from django.contrib.auth import get_user_model, logout

from cancellations.workflow import permissions

IDLE = 8 * 60 * 60  # seconds
AT_MOST = 12 * 60 * 60  # seconds
WRITTEN_EVERY = 60  # seconds: not every page is a write
SIGNED_IN, LAST_PAGE = "signed_in_at", "last_page_at"  # in the session


def limited_sessions(get_response):
    """Ends a session that has lasted too long, and remembers when a page of it was last opened."""

    def answer(request):
        if request.user.is_authenticated:
            if _is_over(request):
                logout(request)
            elif not _only_refreshes(request):
                _remember_page(request.session)
        return get_response(request)

    return answer


def begin(request):
    """The session counts from now on: after signing in, and where the person's other sessions have just been ended."""
    request.session[SIGNED_IN] = request.session[LAST_PAGE] = time.time()


def _is_over(request):
    """Whether the person must sign in again. Not every way to sign in notices that an account was deactivated."""
    now, session, person = time.time(), request.session, request.user
    signed_in_at = session.get(SIGNED_IN, now)
    return (
        not person.is_active
        or now - signed_in_at >= AT_MOST
        or now - session.get(LAST_PAGE, now) >= IDLE
        or signed_in_at < _signed_out_everywhere_at(person)
    )


def _signed_out_everywhere_at(person):
    """When the person last ended all sessions, as a timestamp, 0 for never.

    The roles, which every page asks for, come in the same query.
    """
    found = get_user_model().objects.filter(pk=person.pk).values_list("sign_out__at", "groups__name")
    times, names = zip(*found, strict=True)
    permissions.remember_roles(person, filter(None, names))
    return times[0].timestamp() if times[0] else 0


def _only_refreshes(request):
    """An open page that asks for its own parts again is not a person who works: it must not keep a session alive."""
    return request.method == "GET" and "HX-Request" in request.headers


def _remember_page(session):
    now = time.time()
    session.setdefault(SIGNED_IN, now)
    if now - session.get(LAST_PAGE, 0) >= WRITTEN_EVERY:
        session[LAST_PAGE] = now
