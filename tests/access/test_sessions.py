"""How long a session lasts."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cancellations.access import sudo, verbs
from cancellations.access.session_store import SessionStore
from cancellations.models import Event, Person
from cancellations.workflow import people
from cancellations.workflow.errors import NotAllowed
from tests.people import approved

pytestmark = pytest.mark.django_db
LIST, SIGN_IN = f"{reverse('cancellation-list')}?view=all", reverse("login")
POLL = {"HX-Request": "true"}


def signed_in(name):
    browser = Client()
    answer = browser.post(SIGN_IN, {"username": name, "password": f"secret-of-{name}"})
    assert answer.status_code == 302
    return browser


def is_in(browser, page=LIST, **headers):
    return not browser.get(page, headers=headers).headers.get("Location", "").startswith(SIGN_IN)


@pytest.mark.parametrize(("hours", "stays"), [(7.98, True), (8.02, False)])
def test_a_session_ends_after_8_hours_without_a_page(cast, clock, hours, stays):
    clerk = signed_in("lina")
    assert is_in(clerk)
    clock.shift(timedelta(hours=hours))
    assert is_in(clerk) is stays


def test_a_session_ends_after_12_hours_however_busy_it_was(cast, clock):
    clerk = signed_in("lina")
    for _ in range(11):
        clock.shift(timedelta(hours=1))
        assert is_in(clerk)
    clock.shift(timedelta(hours=1))
    assert not is_in(clerk)
    assert not is_in(clerk)


def test_a_search_in_the_page_counts_as_work(cast, clock):
    auditor = signed_in("chenjing")
    for _ in range(11):
        clock.shift(timedelta(hours=1))
        assert auditor.get(reverse("history"), headers=POLL | {"HX-Target": "found"}).status_code == 200
    assert is_in(auditor)


def test_a_refresh_keeps_nobody_signed_in(shop, cast, clock):
    request = approved(shop, cast.lina, cast.wangqiang)
    clerk, part = signed_in("lina"), reverse("cancellation-progress", args=[request.number])
    for _ in range(15):
        clock.shift(timedelta(minutes=30))
        assert clerk.get(part, headers=POLL).status_code == 200
    clock.shift(timedelta(minutes=30))
    assert clerk.get(part, headers=POLL).headers["HX-Refresh"] == "true"
    assert not is_in(clerk)


def test_the_session_is_written_once_a_minute_at_most(shop, cast, clock):
    request = approved(shop, cast.lina, cast.wangqiang)
    clerk, part = signed_in("lina"), reverse("cancellation-progress", args=[request.number])

    def writes(page, **headers):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert clerk.get(page, headers=headers).status_code == 200
        return sum(query["sql"].startswith("UPDATE") and "django_session" in query["sql"] for query in queries)

    clock.shift(59)
    assert writes(LIST) == 0
    clock.shift(2)
    assert writes(part, **POLL) == 0
    assert writes(LIST) == 1
    assert writes(LIST) == 0


def test_signing_in_replaces_a_planted_session_key(cast):
    browser = Client()
    browser.session.save()  # a session of a stranger, with a key that somebody else may know
    planted = browser.session.session_key
    browser.cookies["sid"] = planted
    browser.post(SIGN_IN, {"username": "lina", "password": "secret-of-lina"})
    assert browser.cookies["sid"].value != planted
    assert not SessionStore().exists(planted)


def test_after_signing_out_the_old_cookie_is_dead(cast):
    browser = signed_in("lina")
    thief = Client()
    thief.cookies["sid"] = browser.cookies["sid"].value
    assert is_in(thief)
    browser.post(reverse("logout"))
    assert not is_in(thief)


def test_signing_in_counts_as_giving_the_password(cast):
    request = type("Request", (), {"session": signed_in("zhaolei").session})
    assert sudo.is_confirmed(request)


def test_sign_out_everywhere_ends_only_ones_own_sessions(shop, cast, clock):
    here, there, other, forced = signed_in("lina"), signed_in("lina"), signed_in("sunyue"), Client()
    forced.force_login(cast.lina)  # as sessions from before this rule are: its first page is its beginning
    assert all(map(is_in, (here, there, other, forced)))
    clock.shift(1)
    verbs.sign_out_everywhere(cast.lina, by=cast.zhaolei)
    assert [is_in(browser) for browser in (here, there, forced, other)] == [False, False, False, True]
    clock.shift(1)
    assert is_in(signed_in("lina"))
    event = Event.objects.get(kind=Event.Kind.SIGNED_OUT)
    assert (event.actor, event.person) == (cast.zhaolei, cast.lina)


def test_the_sessions_of_a_deactivated_person_stay_over(shop, cast):
    browser = signed_in("lina")
    people.deactivate(cast.lina, by=cast.zhaolei, note="离职")
    people.reactivate(cast.lina, by=cast.zhaolei)
    assert not is_in(browser)
    assert is_in(signed_in("lina"))


def test_the_hash_of_a_session_survives_the_database(cast):
    verbs.sign_out_everywhere(cast.lina, by=cast.lina)
    stored = Person.objects.get(pk=cast.lina.pk)
    assert stored.get_session_auth_hash() == cast.lina.get_session_auth_hash()


def test_only_administrators_sign_others_out(cast):
    verbs.sign_out_everywhere(cast.lina, by=cast.lina)
    with pytest.raises(NotAllowed):
        verbs.sign_out_everywhere(cast.lina, by=cast.wangqiang)
    assert Event.objects.filter(kind=Event.Kind.SIGNED_OUT).count() == 1


def test_ones_sessions_are_listed_and_each_can_be_ended(cast, clock):
    office, home, other = signed_in("lina"), signed_in("lina"), signed_in("sunyue")
    page = office.get(reverse("account"))
    listed = page.context["sessions"]
    assert [session.is_this for session in listed].count(True) == 1
    assert len(listed) == 2
    [elsewhere] = [session for session in listed if not session.is_this]
    assert elsewhere.address == "127.0.0.1"
    assert office.session.session_key not in page.content.decode()
    office.post(reverse("session-end", args=[elsewhere.digest]))
    assert not is_in(home)
    assert is_in(office)
    assert is_in(other)


def test_what_the_database_keeps_of_a_session_signs_nobody_in(cast, clock):
    lina = signed_in("lina")
    assert is_in(lina)
    [kept] = Session.objects.values_list("session_key", flat=True)
    thief = Client()
    thief.cookies["sid"] = kept
    assert not is_in(thief)
    [listed] = lina.get(reverse("account")).context["sessions"]
    thief.cookies["sid"] = listed.digest
    assert not is_in(thief)
    assert lina.cookies["sid"].value not in (kept, listed.digest)


def test_nobody_ends_a_session_of_somebody_else(cast, clock):
    lina, sunyue = signed_in("lina"), signed_in("sunyue")
    [own] = lina.get(reverse("account")).context["sessions"]
    sunyue.post(reverse("session-end", args=[own.digest]))
    assert is_in(lina)


def test_confirming_the_password_changes_the_key_of_the_session(cast, clock):
    clerk = signed_in("lina")
    before = clerk.session.session_key
    clerk.post(reverse("confirm-password"), {"password": "secret-of-lina"})
    assert clerk.session.session_key != before
    assert not SessionStore().exists(before)
    assert is_in(clerk)
