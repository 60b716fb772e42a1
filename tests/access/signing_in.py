"""What the tests of sessions, second factors and accounts share."""

import time
from binascii import unhexlify
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP

from cancellations.access import verbs

LIST, SIGN_IN, CODE, ACCOUNT = (
    f"{reverse('cancellation-list')}?view=all",
    reverse("login"),
    reverse("sign-in-code"),
    reverse("account"),
)
SET_UP, REMOVE, NEW_CODES = (
    reverse("second-factor-set-up"),
    reverse("second-factor-remove"),
    reverse("recovery-codes-new"),
)
HALF_A_MINUTE = timedelta(seconds=30)


def code_now(key):
    totp = TOTP(unhexlify(key))
    totp.time = time.time()
    return f"{totp.token():06}"


def wrong_code(key):
    return f"{(int(code_now(key)) + 1) % 1_000_000:06}"


def give_factor(person, clock):
    """Sets up a factor by the verb; returns its key and the recovery codes. Half a minute later a new code counts."""
    key = verbs.new_factor_key()
    codes = verbs.add_second_factor(person, by=person, key=key, code=code_now(key))
    clock.shift(HALF_A_MINUTE)
    return key, codes


def give_password(name, browser=None, **environment):
    browser = browser or Client(**environment)
    return browser, browser.post(f"{SIGN_IN}?next={LIST}", {"username": name, "password": f"secret-of-{name}"})


def is_in(browser):
    return browser.get(LIST).status_code == 200
