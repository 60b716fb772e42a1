"""One's own account, and passwords."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from cancellations.models import Event

pytestmark = pytest.mark.django_db
LIST, SIGN_IN, ACCOUNT = f"{reverse('cancellation-list')}?view=all", reverse("login"), reverse("account")
PASSWORD, EVERYWHERE = reverse("password-change"), reverse("sign-out-everywhere")
NEW = "quarterly-giraffe-77"


def signed_in(name):
    browser = Client()
    assert browser.post(SIGN_IN, {"username": name, "password": f"secret-of-{name}"}).status_code == 302
    return browser


def is_in(browser):
    return browser.get(LIST).status_code == 200


def change(browser, old="secret-of-lina", new=NEW, again=NEW):
    return browser.post(PASSWORD, {"old_password": old, "new_password1": new, "new_password2": again})


def test_ones_name_leads_to_the_account_with_roles_and_shops(shop, shop_of_others, cast):
    browser = signed_in("zhoulan")
    assert f'href="{ACCOUNT}"' in browser.get(LIST).content.decode()
    page = browser.get(ACCOUNT).content.decode()
    for text in ("周岚", "Clerk, Manager", shop.name, "Not set up"):
        assert text in page
    assert shop_of_others.name not in page


def test_change_password_ends_all_other_sessions(cast):
    here, there = signed_in("lina"), signed_in("lina")
    key = here.session.session_key
    assert change(here).headers["Location"] == ACCOUNT
    assert (is_in(here), is_in(there)) == (True, False)
    assert here.session.session_key != key
    assert Client().post(SIGN_IN, {"username": "lina", "password": "secret-of-lina"}).status_code == 422
    assert Client().post(SIGN_IN, {"username": "lina", "password": NEW}).status_code == 302
    event = Event.objects.get(kind=Event.Kind.PASSWORD_SET)
    assert (event.actor, event.person, event.data) == (cast.lina, cast.lina, {})


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"old": "guess"}, "old_password"),
        ({"old": ""}, "old_password"),
        ({"again": "quarterly-giraffe-78"}, "new_password2"),
        ({"new": "short", "again": "short"}, "new_password2"),
    ],
)
def test_a_wrong_form_comes_back_without_the_passwords(typed, field, cast):
    browser = signed_in("lina")
    answer = change(browser, **typed)
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert not any(password in answer.content.decode() for password in (NEW, "secret-of-lina", "giraffe"))
    assert not Event.objects.exists()


def test_the_rules_for_a_password_stand_beside_the_field(cast):
    page = signed_in("lina").get(PASSWORD).content.decode()
    assert "must contain at least 12 characters. Your password" in page
    assert "<ul><li>Your password" not in page


def test_guessing_the_old_password_is_limited_like_signing_in(cast):
    browser = signed_in("lina")
    assert [change(browser, old=f"guess {number}").status_code for number in range(5)] == [422] * 4 + [429]
    assert change(browser).status_code == 429


def test_change_password_asks_for_the_old_one_after_a_while(cast, browser_of):
    assert browser_of(cast.lina).get(PASSWORD).headers["Location"].startswith(reverse("confirm-password"))


@pytest.mark.parametrize(
    "password",
    [
        "quarterly-g",  # 11 characters
        "password1234",  # known to everybody
        "948275610384",  # only digits
        "heping-zhang",  # like the name
    ],
)
def test_a_weak_password_is_refused(password, cast):
    cast.heping.name = "heping zhang"
    with pytest.raises(ValidationError):
        validate_password(password, cast.heping)


def test_a_password_of_twelve_characters_is_enough(cast):
    validate_password("quarterly-gi", cast.heping)


def test_signing_out_everywhere_signs_out_here_too(cast):
    here, there = signed_in("lina"), signed_in("lina")
    answer = here.post(EVERYWHERE, follow=True)
    assert answer.redirect_chain[-1][0] == SIGN_IN
    assert "You are signed out on all devices." in answer.content.decode()
    assert not is_in(here)
    assert not is_in(there)
    assert is_in(signed_in("lina"))


@pytest.mark.parametrize("page", [EVERYWHERE, reverse("second-factor-remove"), reverse("recovery-codes-new")])
def test_a_change_is_a_post_with_the_token_of_a_page(page, cast, browser_of):
    assert browser_of(cast.lina).get(page).status_code == 405
    assert browser_of(cast.lina, enforce_csrf_checks=True).post(page).status_code == 403


def test_no_page_of_the_account_has_an_inline_script_or_style(cast):
    browser = signed_in("lina")
    pages = [browser.get(page) for page in (ACCOUNT, PASSWORD, reverse("second-factor-set-up"))]
    for page in (answer.content.decode() for answer in pages):
        assert not [part for part in ("style=", "<style", "<script>", " onclick=") if part in page]
