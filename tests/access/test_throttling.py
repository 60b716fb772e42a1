"""Who guesses passwords is stopped, and nobody else with them."""

from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cancellations.access import sign_in, throttling, verbs
from cancellations.models import Person
from cancellations.workflow import people
from cancellations.workflow.errors import NotAllowed

pytestmark = pytest.mark.django_db
SIGN_IN, CONFIRM = reverse("login"), reverse("confirm-password")
OFFICE, HOME, STRANGER = "198.51.100.7", "203.0.113.20", "192.0.2.66"


def attempt(name, *, password=None, address=OFFICE, **headers):
    """Tries to sign in, with the right password unless another one is given; returns the answer."""
    browser = Client(REMOTE_ADDR=address, headers=headers)
    return browser.post(SIGN_IN, {"username": name, "password": password or f"secret-of-{name}"})


def guess(name, times=5, **options):
    return [attempt(name, password=f"guess {number}", **options).status_code for number in range(times)]


def works(answer):
    return answer.status_code == 302


def test_five_wrong_passwords_lock_out_the_right_one(cast):
    assert guess("lina") == [422, 422, 422, 422, 429]
    answer = attempt("lina")
    assert answer.status_code == 429
    page = answer.content.decode()
    assert str(throttling.LOCKED_OUT) in page
    assert 'name="password"' in page


def test_large_letters_are_no_further_tries(cast):
    for name in ("lina", "LINA", "Lina", "lIna", "liNa"):
        guess(name, 1)
    assert attempt("lina").status_code == 429


def test_the_right_password_clears_four_wrong_ones(cast):
    for _ in range(3):
        guess("lina", 4)
        assert works(attempt("lina"))


def test_somebody_else_at_the_same_address_is_not_locked_out(cast):
    guess("lina", 6)
    guess("nobody", 6)
    assert works(attempt("sunyue"))


def test_the_same_person_elsewhere_is_not_locked_out(cast):
    guess("lina", 6, address=STRANGER)
    assert works(attempt("lina", address=HOME))


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP"])
def test_a_header_that_anybody_can_send_changes_nothing(cast, header):
    for number in range(5):
        attempt("lina", password="guess", **{header: f"10.0.0.{number}", "User-Agent": f"browser {number}"})
    assert attempt("lina", **{header: "10.0.0.99"}).status_code == 429
    assert set(AccessFailureLog.objects.values_list("ip_address", flat=True)) == {OFFICE}


@pytest.mark.parametrize(
    ("proxies", "forwarded", "peer", "address"),
    [
        (0, "10.9.9.9", OFFICE, OFFICE),
        (1, f"10.9.9.9, {HOME}", OFFICE, HOME),
        (2, f"10.9.9.9, {HOME}, 10.0.0.1", OFFICE, HOME),
        (2, HOME, OFFICE, OFFICE),
        (1, "rubbish", OFFICE, OFFICE),
        (1, "", "", None),
        (0, "", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (0, "", "::ffff:198.51.100.7", OFFICE),
    ],
)
def test_the_address_is_what_our_own_proxies_have_written(rf, settings, proxies, forwarded, peer, address):
    settings.TRUSTED_PROXIES = proxies
    request = rf.get("/", REMOTE_ADDR=peer, headers={"X-Forwarded-For": forwarded})
    assert throttling.address_of(request) == address


def test_the_lock_ends_after_a_quarter_of_an_hour(cast):
    with time_machine.travel("2026-11-24T01:00Z", tick=False) as clock:
        guess("lina")
        clock.shift(timedelta(minutes=14))
        guess("lina", 10)
        assert attempt("lina").status_code == 429
        clock.shift(timedelta(minutes=1, seconds=1))
        assert works(attempt("lina"))


def test_many_addresses_are_stopped_but_not_the_usual_one(cast):
    with time_machine.travel("2026-11-24T01:00Z", tick=False) as clock:
        assert works(attempt("lina", address=OFFICE))
        for number in range(6):
            guess("lina", address=f"192.0.2.{number}")
        assert attempt("lina", address=HOME).status_code == 429
        assert works(attempt("lina", address=OFFICE))
        assert works(attempt("sunyue", address=HOME))
        clock.shift(timedelta(hours=1, seconds=1))
        assert works(attempt("lina", address=HOME))


def test_who_does_not_exist_gets_the_same_answers(cast):
    def answers(name):
        pages = [attempt(name, password="guess") for _ in range(6)]
        return [(page.status_code, page.context["form"].non_field_errors()) for page in pages]

    assert answers("lina") == answers("nobody") == answers("gone")


def test_a_lock_out_does_not_reveal_a_deactivated_account(cast):
    guess("gone")
    assert "deactivated" not in attempt("gone").content.decode()


def test_giving_the_password_once_more_is_limited_too(cast, browser_of):
    admin = browser_of(cast.zhaolei, REMOTE_ADDR=OFFICE)
    assert [admin.post(CONFIRM, {"password": "guess"}).status_code for _ in range(5)] == [422, 422, 422, 422, 429]
    answer = admin.post(CONFIRM, {"password": "secret-of-zhaolei"})
    assert answer.status_code == 429
    assert str(throttling.LOCKED_OUT) in answer.content.decode()


def test_what_is_written_down_of_an_attempt_holds_no_password(cast):
    attempt("lina", password="canary-of-a-password")
    attempt("lina", password="canary-of-a-password")
    rows = [*AccessAttempt.objects.values(), *AccessFailureLog.objects.values()]
    assert len(rows) == 3
    assert "canary" not in str(rows)


def test_housekeeping_removes_what_is_older_than_90_days(cast):
    from cancellations.housekeeping import remove_old_sign_in_attempts

    attempt("lina")
    attempt("lina", password="guess")
    tables = (AccessAttempt, AccessFailureLog, AccessLog)
    for days, left in ((89, 1), (91, 0)):
        for table in tables:
            table.objects.update(attempt_time=timezone.now() - timedelta(days=days))
        remove_old_sign_in_attempts()
        assert [table.objects.count() for table in tables] == [left] * 3


def test_an_administrator_lets_somebody_in_again_with_a_command(cast):
    guess("lina")
    call_command("axes_reset_username", "lina", verbosity=0)
    assert works(attempt("lina"))


def test_an_administrator_sees_and_lifts_the_lock(shop, cast, browser_of):
    guess("lina")
    admin = browser_of(cast.zhaolei, confirmed=True)
    assert "locked until" in admin.get(reverse("person", args=[cast.lina.pk])).content.decode()
    answer = admin.post(reverse("person-unlock", args=[cast.lina.pk]), follow=True)
    page = answer.content.decode()
    assert "The person can sign in again." in page
    assert "locked until" not in page
    assert cast.lina.events.get(kind="unlocked").actor == cast.zhaolei
    assert works(attempt("lina"))


def test_lifting_a_lock_ends_one_over_all_addresses_too(shop, cast):
    for number in range(throttling.FAILURES_ANYWHERE):
        guess("lina", 1, address=f"192.0.2.{number}")
    assert attempt("lina", address=STRANGER).status_code == 429
    verbs.unlock(cast.lina, by=cast.zhaolei)
    assert works(attempt("lina", address=STRANGER))


def test_a_new_password_by_a_link_counts_at_once_where_it_was_set(shop, cast):
    guess("lina")
    guess("lina", address=HOME)
    browser = Client(REMOTE_ADDR=OFFICE)
    where = browser.get(people.make_link(cast.lina, by=cast.zhaolei)).headers["Location"]
    browser.post(where, {"new_password1": "pflaumen-1867", "new_password2": "pflaumen-1867"})
    assert works(attempt("lina", password="pflaumen-1867"))
    assert attempt("lina", password="pflaumen-1867", address=HOME).status_code == 429


def test_nobody_else_lifts_a_lock(shop, cast):
    for person in (cast.wangqiang, cast.sunyue, cast.chenjing):
        with pytest.raises(NotAllowed):
            verbs.unlock(cast.lina, by=person)


@pytest.mark.parametrize("length", [151, 5_000, 2_000_000])
def test_a_name_that_nobody_can_have_is_neither_kept_nor_sent_back(length, cast):
    answer = attempt("x" * length, password="guess")
    assert answer.status_code == 422
    assert len(answer.content) < 20_000
    kept = [AccessAttempt.objects.all(), AccessFailureLog.objects.all(), AccessLog.objects.all()]
    assert not any(len(row.username or "") > 150 for rows in kept for row in rows)


def test_an_address_that_tries_many_names_is_refused_before_the_password_is_looked_at(cast, monkeypatch):
    for number in range(throttling.FAILURES_OF_ADDRESS):
        guess(f"nobody{number}", 1, address=STRANGER)
    looked_at = []
    monkeypatch.setattr(Person, "check_password", lambda *_: looked_at.append(1) or True)
    assert attempt("lina", address=STRANGER).status_code == 429
    assert not looked_at


def test_whoever_works_there_comes_in_all_the_same(cast):
    assert works(attempt("lina"))
    for number in range(throttling.FAILURES_OF_ADDRESS + 5):
        guess(f"nobody{number}", 1)
    assert works(attempt("lina"))
    assert attempt("sunyue").status_code == 429
    assert works(attempt("sunyue", address=HOME))


def test_a_deactivated_name_costs_no_second_look_at_the_password(cast, monkeypatch):
    """The time would tell that the account exists."""
    looked_at, check = [], Person.check_password
    monkeypatch.setattr(Person, "check_password", lambda self, given: looked_at.append(1) or check(self, given))
    for password in ("wrong", "secret-of-gone"):
        looked_at.clear()
        page = attempt("gone", password=password).content.decode()
        assert len(looked_at) == 1
        assert ("deactivated" in page) is (password == "secret-of-gone")


@pytest.mark.parametrize(
    ("taken", "at_once"), [("_turns", sign_in.AT_ONCE), ("_places", sign_in.AT_ONCE + sign_in.IN_LINE)]
)
def test_few_passwords_are_looked_at_at_once_and_few_people_wait(taken, at_once, cast, monkeypatch):
    monkeypatch.setattr(sign_in, "SECONDS_IN_LINE", 0.01 if taken == "_turns" else 600)
    for _ in range(at_once):
        assert getattr(sign_in, taken).acquire(blocking=False)
    try:
        answer = attempt("lina")
    finally:
        for _ in range(at_once):
            getattr(sign_in, taken).release()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Too many people are signing in" in answer.content.decode()
    assert works(attempt("lina"))


def test_the_log_says_how_somebody_signed_in(cast, client, caplog):
    caplog.set_level("INFO", "cancellations.access")
    client.post("/sign-in/", {"username": "lina", "password": "secret-of-lina"})
    assert "Signed in by password alone from 127.0.0.1." in caplog.text
