"""Where a one-time link leads."""

import pytest
from django.test import Client
from django.urls import reverse

from cancellations.models import Person
from cancellations.workflow import people

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"new_password1": "pflaumen-1867", "new_password2": "pflaumen-1868"}, "password fields didn’t match"),
        ({"new_password1": "12345678", "new_password2": "12345678"}, "too common"),
    ],
)
def test_set_password_refuses_a_weak_one_and_shows_none(given, sentence, shop, cast):
    browser = Client()
    where = browser.get(people.make_link(cast.lina, by=cast.zhaolei)).headers["Location"]
    answer = browser.post(where, given)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert given["new_password1"] not in answer.content.decode()
    assert Person.objects.get(pk=cast.lina.pk).check_password("secret-of-lina")


def test_set_password_refuses_a_deactivated_person(shop, cast):
    browser = Client()
    where = browser.get(people.make_link(cast.lina, by=cast.zhaolei)).headers["Location"]
    people.deactivate(cast.lina, by=cast.zhaolei, note="离职")
    twice = {"new_password1": "pflaumen-1867", "new_password2": "pflaumen-1867"}
    answer = browser.post(where, twice)
    assert answer.status_code == 404
    assert "This link is no longer valid" in answer.content.decode()
    assert Person.objects.get(pk=cast.lina.pk).check_password("secret-of-lina")


@pytest.mark.parametrize("path", ["x/y-z/", "MQ/set-password/", "/-/", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5/abc-def/"])
def test_a_link_that_nobody_made_opens_nothing(path, shop, cast):
    assert Client().get(f"/set-password/{path}").status_code == 404


def test_a_new_password_ends_the_sessions_of_the_old_one(shop, cast, browser_of):
    clerk = browser_of(cast.lina)
    people.set_password(cast.lina, password="pflaumen-1867")
    assert clerk.get(reverse("cancellation-list")).headers["Location"].startswith(reverse("login"))
