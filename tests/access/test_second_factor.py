"""The second factor: setting it up, and signing in with it."""

import base64
import re
from datetime import timedelta

import pytest
from django.conf import settings as project
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from cancellations.access import throttling, verbs
from cancellations.access.session_store import SessionStore
from cancellations.models import Event
from cancellations.workflow.errors import WrongCode
from tests.access.signing_in import (
    ACCOUNT,
    CODE,
    LIST,
    NEW_CODES,
    REMOVE,
    SET_UP,
    SIGN_IN,
    code_now,
    give_factor,
    give_password,
    is_in,
    wrong_code,
)

LATE = f"{SIGN_IN}?code=late"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_add_factor_shows_ten_recovery_codes_once(cast, clock):
    boss, _answer = give_password("wangqiang")
    page = boss.get(SET_UP).content.decode()
    secret = re.search(r'<dd class="order-no">([A-Z2-7 ]+)</dd>', page)[1].replace(" ", "")
    assert 'src="data:image/png;base64,' in page
    key = base64.b32decode(secret).hex()
    wrong = boss.post(SET_UP, {"code": wrong_code(key)})
    assert wrong.status_code == 422
    assert secret in wrong.content.decode().replace(" ", "")
    assert not TOTPDevice.objects.exists()
    done = boss.post(SET_UP, {"code": code_now(key)}).content.decode()
    codes = re.findall(r'<li class="order-no">(\w{5}-\w{5})</li>', done)
    assert len(set(codes)) == 10
    assert is_in(boss)
    account = boss.get(ACCOUNT).content.decode()
    assert secret not in account
    assert codes[0] not in account
    assert boss.get(SET_UP).headers["Location"] == ACCOUNT
    assert boss.post(SET_UP, {"code": code_now(key)}).headers["Location"] == ACCOUNT
    event = Event.objects.get(kind=Event.Kind.FACTOR_ADDED)
    assert (event.actor, event.person, event.data) == (cast.wangqiang, cast.wangqiang, {})


def test_recovery_codes_and_secrets_are_not_kept_readable(cast, clock):
    _key, codes = give_factor(cast.lina, clock)
    assert not set(codes) & set(StaticToken.objects.values_list("token", flat=True))
    assert StaticToken.objects.count() == 10


def test_setting_it_up_ends_the_persons_other_sessions(cast, clock):
    here, _answer = give_password("lina")
    there, _answer = give_password("lina")
    here.get(SET_UP)
    clock.shift(1)
    assert here.post(SET_UP, {"code": code_now(here.session["new_factor_key"])}).status_code == 200
    assert (is_in(here), is_in(there)) == (True, False)


def test_sign_in_asks_for_a_code_after_the_password(cast, clock):
    key, _codes = give_factor(cast.lina, clock)
    browser, answer = give_password("lina")
    assert answer.headers["Location"] == CODE
    assert not is_in(browser)
    assert "_auth_user_id" not in browser.session
    assert browser.get(CODE).status_code == 200
    answer = browser.post(CODE, {"code": code_now(key)})
    assert answer.headers["Location"] == LIST
    assert is_in(browser)


def test_signing_out_everywhere_ends_a_sign_in_without_its_code(shop, cast, clock):
    key, _codes = give_factor(cast.lina, clock)
    browser = Client()
    browser.post(SIGN_IN, {"username": "lina", "password": "secret-of-lina"})
    verbs.sign_out_everywhere(cast.lina, by=cast.zhaolei)
    assert browser.post(CODE, {"code": code_now(key)}).headers["Location"] == LATE
    assert "_auth_user_id" not in browser.session


def test_the_session_key_changes_at_password_and_code(cast, clock):
    key, _codes = give_factor(cast.lina, clock)
    browser = Client()
    browser.session.save()
    planted = browser.session.session_key
    browser.cookies[project.SESSION_COOKIE_NAME] = planted
    give_password("lina", browser)
    between = browser.session.session_key
    browser.post(CODE, {"code": code_now(key)})
    after = browser.session.session_key
    assert len({planted, between, after}) == 3
    assert [key for key in (planted, between, after) if SessionStore().exists(key)] == [after]


def test_a_code_counts_once(cast, clock):
    key, _codes = give_factor(cast.lina, clock)
    code = code_now(key)
    first, _answer = give_password("lina")
    first.post(CODE, {"code": code})
    second, _answer = give_password("lina")
    answer = second.post(CODE, {"code": code})
    assert answer.status_code == 422
    assert code not in answer.content.decode()
    assert not is_in(second)


def test_the_code_of_the_set_up_does_not_count_again(cast, clock):
    key = verbs.new_factor_key()
    code = code_now(key)
    verbs.add_second_factor(cast.lina, by=cast.lina, key=key, code=code)
    with pytest.raises(WrongCode):
        verbs.check_code(cast.lina, code)


def test_a_recovery_code_works_once_however_it_is_typed(cast, clock):
    _key, codes = give_factor(cast.lina, clock)
    typed = f" {codes[3][:5]}-{codes[3][5:]} ".upper()
    browser, _answer = give_password("lina")
    assert browser.post(CODE, {"code": typed}).status_code == 302
    assert is_in(browser)
    again, _answer = give_password("lina")
    assert again.post(CODE, {"code": typed}).status_code == 422
    assert not is_in(again)
    assert verbs.recovery_codes_left(cast.lina) == 9


def test_somebody_elses_code_or_recovery_code_is_worth_nothing(cast, clock):
    give_factor(cast.lina, clock)
    other_key, other_codes = give_factor(cast.sunyue, clock)
    browser, _answer = give_password("lina")
    for code in (code_now(other_key), other_codes[0]):
        assert browser.post(CODE, {"code": code}).status_code == 422
        clock.shift(10)
    assert not is_in(browser)


@pytest.mark.parametrize("code", ["", "123", "１２３４５６", "x" * 33, "\x00" * 6, "<b>", "--", "٣٤٥٦٧٨"])
def test_rubbish_is_refused_and_not_put_back(cast, clock, code):
    give_factor(cast.lina, clock)
    browser, _answer = give_password("lina")
    answer = browser.post(CODE, {"code": code})
    assert answer.status_code == 422
    assert 'value="' + code not in answer.content.decode() or not code


def test_wrong_codes_bring_pauses_and_then_lock_out(cast, clock):
    key, _codes = give_factor(cast.lina, clock)
    browser, _answer = give_password("lina")
    assert browser.post(CODE, {"code": wrong_code(key)}).status_code == 422
    held_back = browser.post(CODE, {"code": code_now(key)})
    assert "Too many wrong codes." in held_back.content.decode()
    for pause, status in ((2, 422), (4, 422), (8, 422), (16, 429)):
        clock.shift(pause)
        assert browser.post(CODE, {"code": wrong_code(key)}).status_code == status
    clock.shift(60)
    answer = browser.post(CODE, {"code": code_now(key)})
    assert answer.status_code == 429
    assert str(throttling.LOCKED_OUT) in answer.content.decode()
    _browser, answer = give_password("lina")
    assert answer.status_code == 429
    clock.shift(timedelta(minutes=15))
    browser, _answer = give_password("lina")
    assert browser.post(CODE, {"code": code_now(key)}).status_code == 302


def test_the_right_password_keeps_the_count_of_wrong_codes(cast, clock):
    key, _codes = give_factor(cast.lina, clock)
    for number in range(5):
        clock.shift(30)
        browser, answer = give_password("lina")
        assert answer.status_code == 302, number
        browser.post(CODE, {"code": wrong_code(key)})
    _browser, answer = give_password("lina")
    assert answer.status_code == 429


def test_there_are_five_minutes_for_the_code(cast, clock):
    key, _codes = give_factor(cast.lina, clock)
    for seconds, works in ((299, True), (301, False)):
        browser, _answer = give_password("lina")
        clock.shift(seconds)
        browser.post(CODE, {"code": code_now(key)})
        assert is_in(browser) is works


def test_the_code_page_is_nothing_without_a_password_before(cast, clock):
    key, _codes = give_factor(cast.lina, clock)
    stranger = Client()
    assert stranger.get(CODE).headers["Location"] == LATE
    assert stranger.post(CODE, {"code": code_now(key)}).headers["Location"] == LATE
    assert not is_in(stranger)


@pytest.mark.parametrize("change", ["deactivated", "new password"])
def test_a_change_between_password_and_code_keeps_them_out(cast, clock, change):
    key, _codes = give_factor(cast.lina, clock)
    browser, _answer = give_password("lina")
    if change == "deactivated":
        cast.lina.is_active = False
    else:
        cast.lina.set_password("another long secret")
    cast.lina.save()
    assert browser.post(CODE, {"code": code_now(key)}).headers["Location"] == LATE
    assert not is_in(browser)


def test_new_recovery_codes_make_the_old_ones_worthless(cast, clock):
    key, old = give_factor(cast.lina, clock)
    browser, _answer = give_password("lina")
    browser.post(CODE, {"code": code_now(key)})
    page = browser.post(NEW_CODES).content.decode()
    new = re.findall(r"\w{5}-\w{5}(?=</li>)", page)
    with pytest.raises(WrongCode):
        verbs.check_code(cast.lina, old[0])
    clock.shift(5)
    verbs.check_code(cast.lina, new[0])
    assert Event.objects.get(kind=Event.Kind.CODES_MADE).person == cast.lina


def test_it_can_be_removed_unless_the_role_requires_it(cast, clock, settings):
    key, _codes = give_factor(cast.wangqiang, clock)
    boss, _answer = give_password("wangqiang")
    boss.post(CODE, {"code": code_now(key)})
    settings.SECOND_FACTOR_FOR = ["manager"]
    assert "Your roles require a second factor." in boss.post(REMOVE, follow=True).content.decode()
    assert TOTPDevice.objects.exists()
    settings.SECOND_FACTOR_FOR = ["administrator"]
    assert "Second factor removed." in boss.post(REMOVE, follow=True).content.decode()
    assert not TOTPDevice.objects.exists()
    assert not StaticToken.objects.exists()
    assert is_in(boss)
    _browser, answer = give_password("wangqiang")
    assert answer.headers["Location"] == LIST
    assert Event.objects.get(kind=Event.Kind.FACTOR_REMOVED).person == cast.wangqiang


@pytest.mark.parametrize(("method", "page"), [("get", SET_UP), ("post", SET_UP), ("post", REMOVE), ("post", NEW_CODES)])
def test_changing_it_needs_the_password_again(method, page, cast, clock):
    clerk, _answer = give_password("lina")
    clock.shift(timedelta(minutes=16))
    answer = getattr(clerk, method)(page, {"code": "123456"})
    assert answer.headers["Location"].startswith(reverse("confirm-password"))
