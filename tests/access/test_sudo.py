"""Sudo mode: what guards the rest asks for the password once more."""

import time

import pytest
from django.http import HttpResponse
from django.urls import reverse

from cancellations.access import sudo

pytestmark = pytest.mark.django_db
PAGE = reverse("confirm-password")


def opened(rf, browser, method="get", **headers):
    """A guarded view, as the person with this browser's session opens it."""
    request = getattr(rf, method)("/shops/7/?a=b", headers=headers)
    request.session, request.user = browser.session, None
    request._messages = []
    return sudo.needs_password(lambda _request: HttpResponse("in"))(request)


def test_the_password_is_confirmed_for_a_quarter_of_an_hour(rf, cast, browser_of):
    admin = browser_of(cast.zhaolei)
    asked = opened(rf, admin)
    assert asked.headers["Location"] == f"{PAGE}?next=%2Fshops%2F7%2F%3Fa%3Db"
    answer = admin.post(asked.headers["Location"], {"password": "secret-of-zhaolei", "next": "/shops/7/?a=b"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/shops/7/?a=b")
    assert opened(rf, admin).content == b"in"


@pytest.mark.parametrize(
    ("method", "seconds", "goes_on"),
    [("get", 599, True), ("get", 601, False), ("post", 899, True), ("post", 901, False)],
)
def test_an_open_form_leaves_five_minutes_to_fill_it_in(method, seconds, goes_on, rf, cast, browser_of, monkeypatch):
    admin = browser_of(cast.zhaolei)
    admin.post(PAGE, {"password": "secret-of-zhaolei"})
    now = time.time()
    monkeypatch.setattr(sudo.messages, "warning", lambda *_: None)
    monkeypatch.setattr(sudo.time, "time", lambda: now + seconds)
    assert (opened(rf, admin, method).status_code == 200) is goes_on


def test_a_wrong_password_confirms_nothing(rf, cast, browser_of):
    admin = browser_of(cast.zhaolei)
    for wrong in ("secret-of-root", "", "x" * 5000):
        answer = admin.post(PAGE, {"password": wrong})
        assert answer.status_code == 422
        assert wrong not in answer.content.decode() or not wrong
    assert opened(rf, admin).status_code == 302


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_it_leads_to_no_other_site(elsewhere, cast, browser_of):
    answer = browser_of(cast.zhaolei).post(PAGE, {"password": "secret-of-zhaolei", "next": elsewhere})
    assert answer.headers["Location"] == "/"
