"""How long a session lasts: 8 hours without a page, 12 hours in any case, and until its person signs out everywhere."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, logout
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.sessions.models import Session
from django.db.models import Exists, F
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from cancellations.access import session_store, throttling
from cancellations.models import Maintenance, Person

IDLE = 8 * 60 * 60  # seconds
MAX_SECONDS = 12 * 60 * 60  # seconds
ASKED_FOR_BY_PEOPLE = {"found"}  # parts of pages that do not come by themselves
WRITTEN_EVERY = 60  # seconds: not every page is a write
SIGNED_IN, LAST_PAGE = "signed_in_at", "last_page_at"  # in the session, as the next two
ADDRESS, BROWSER = "begun_from", "begun_with"
ANYBODY = -1  # no person has this key


def person_of(pk: int) -> Person | None:
    """The active person, or None. The roles and the maintenance, which every page asks for, come in the same query.

    Every page asks it, and Django takes longer to write the statement than the database to answer: it is written once.
    """
    statement, parameters = _statement()
    asked = [pk if each == ANYBODY else each for each in parameters]
    found = list(Person.objects.raw(statement, asked))  # once for each role
    if not found:
        return None
    found[0].roles = frozenset(each.role for each in found)
    return found[0]


@cache
def _statement() -> tuple[str, tuple[Any, ...]]:
    people = Person.objects.filter(pk=ANYBODY, is_active=True, is_machine=False)
    in_maintenance = Exists(Maintenance.objects.all())
    return people.annotate(role=F("groups__name"), in_maintenance=in_maintenance).query.sql_with_params()


class PersonBackend(ModelBackend):
    """As Django's, which would ask for less; and it remembers whose right password came too late."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> Person | None:
        self._refused: Person | None = None
        person = super().authenticate(request, **credentials)
        if self._refused is not None and request is not None:
            request.deactivated_person = self._refused
        return person

    def user_can_authenticate(self, user: Person) -> bool:
        """Asked with the right password only. Of a deactivated person it is remembered: to look at the password a
        second time would tell by the time that the account exists."""
        if user.is_active:
            return True
        self._refused = user
        return False

    def get_user(self, user_id: int) -> Person | None:
        return person_of(user_id)


class SignInRequired(LoginRequiredMiddleware):
    """As Django's, but a part of a page is not answered by the page for signing in: that would stand in its middle."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., HttpResponse]) -> HttpResponse:
        if "HX-Request" in request.headers:
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return super().handle_no_permission(request, view_func)


def session_timeouts(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Ends a session that has lasted too long, and remembers when a page of it was last opened.

    An open page that asks for its own parts again is not a person who works: it must not keep a session alive.
    """

    def answer(request):
        if request.user.is_authenticated:
            now, session = time.time(), request.session
            is_part = request.method == "GET" and "HX-Request" in request.headers
            if (
                not request.user.is_active  # not every way to sign in notices that an account was deactivated
                or now - session.get(SIGNED_IN, now) >= MAX_SECONDS
                or now - session.get(LAST_PAGE, now) >= IDLE
            ):
                logout(request)
            elif (not is_part or request.headers.get("HX-Target") in ASKED_FOR_BY_PEOPLE) and not (
                request.user.in_maintenance  # then reading writes nothing
            ):
                session.setdefault(SIGNED_IN, now)
                if now - session.get(LAST_PAGE, 0) >= WRITTEN_EVERY:
                    session[LAST_PAGE] = now
        return get_response(request)

    return answer


def begin(request: HttpRequest) -> None:
    """The session counts from now on; it keeps from where and with what it was begun, for its person's list."""
    request.session[SIGNED_IN] = request.session[LAST_PAGE] = time.time()
    request.session[ADDRESS] = throttling.address_of(request) or ""
    request.session[BROWSER] = request.META.get("HTTP_USER_AGENT", "")[:200]


class OwnSession(NamedTuple):
    """A session of a person, as their list shows it; `digest` names it, and signs nobody in."""

    digest: str
    since: datetime
    last_page: datetime
    address: str
    browser: str
    is_this: bool


def sessions_of(request: HttpRequest) -> list[OwnSession]:
    """The sessions of the person of this request that have not ended, the one used last first."""
    this = session_store.digest(request.session.session_key)
    found = [
        OwnSession(
            digest=digest,
            since=_moment(data.get(SIGNED_IN)),
            last_page=_moment(data.get(LAST_PAGE)),
            address=data.get(ADDRESS, ""),
            browser=data.get(BROWSER, ""),
            is_this=digest == this,
        )
        for digest, data in _of_person(request.user)
    ]
    return sorted(found, key=lambda session: session.last_page, reverse=True)


def end_session(request: HttpRequest, digest: str) -> bool:
    """Ends one of the person's own sessions; False if there is none of this name."""
    own = {kept for kept, _data in _of_person(request.user)}
    return digest in own and bool(Session.objects.filter(session_key=digest).delete()[0])


def _of_person(person: Person) -> Iterator[tuple[str, dict[str, Any]]]:
    """All are looked through: whose a session is stands in its signed content only."""
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        data = session.get_decoded()
        is_ours = data.get(SESSION_KEY) == str(person.pk)
        if is_ours and constant_time_compare(data.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash()):
            yield session.session_key, data


def _moment(seconds: float | None) -> datetime:
    return datetime.fromtimestamp(seconds or 0, tz=UTC)
