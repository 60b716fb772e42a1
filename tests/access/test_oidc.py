"""Sign-in through the company's own provider, by settings alone: the real web server and a stand-in provider."""

import re
import time
from binascii import unhexlify

import pytest
import requests
from django.contrib.sessions.models import Session
from django_otp.oath import TOTP

from cancellations.access import verbs
from cancellations.models import Person
from tests import processes
from tests.provider import provider

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
NO_ACCOUNT = "is not linked to a person here"


@pytest.fixture
def company():
    with provider() as made:
        yield made


@pytest.fixture
def site(cast, company):
    settings = {"DJANGO_SETTINGS_MODULE": "tests.settings", "WEB_WORKERS": "1"}
    with processes.web(**settings, **company.environment()) as address:
        yield address


class Visitor(requests.Session):
    def __init__(self, site):
        super().__init__()
        self.trust_env = False
        self.headers["Accept-Language"] = "en"
        self.site = site

    def through_provider(self):
        """Opens a page, presses the button on the sign-in page, and returns where that ends."""
        page = self.get(f"{self.site}/requests/?view=all")
        address = re.search(r'action="(/sign-in/oidc/[^"]*)"', page.text)[1]
        given = {"csrfmiddlewaretoken": re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]}
        return self.post(self.site + address.replace("&amp;", "&"), given, headers={"Referer": page.url})

    def is_in(self):
        return self.get(f"{self.site}/account/", allow_redirects=False).status_code == 200


def test_sign_in_leads_back_to_the_page_that_was_wanted(site, company):
    visitor = Visitor(site)
    page = visitor.through_provider()
    assert page.url == f"{site}/requests/?view=all"
    assert "李娜" in page.text
    [asked] = company.asked
    assert asked["redirect_uri"] == f"{site}/sign-in/oidc/callback/"
    visitor.get(f"{site}/sign-in/oidc/callback/?error=x")
    assert visitor.is_in()
    Person.objects.filter(username="lina").update(is_active=False)
    assert not visitor.is_in()


def test_who_has_none_is_told_so_and_none_is_made(site, company, cast):
    before = Person.objects.count()
    bad = [
        {"username": "stranger"},
        {"username": ""},
        {"username": "gone"},
        {"token": {"aud": "another-application"}},
        {"token": {"iss": "https://another.example"}},
        {"token": {"nonce": "another"}},
        {"token": {"exp": int(time.time()) - 60}},
        {"claims": {"sub": "8"}},
        {"claims": {"preferred_username": ["lina"]}},
        {"signed_by_another": True},
        {"down": True},
    ]
    for behaviour in bad:
        company.behave(**behaviour)
        visitor = Visitor(site)
        page = visitor.through_provider()
        assert (page.status_code, page.url) == (200, f"{site}/sign-in/"), behaviour
        assert NO_ACCOUNT in page.text, behaviour
        assert not visitor.is_in(), behaviour
    assert Person.objects.count() == before
    company.behave()
    assert Visitor(site).through_provider().url == f"{site}/requests/?view=all"  # and nobody is locked out by it


def test_a_second_factor_here_is_asked_for_there_too(site, company, cast):
    key = verbs.new_factor_key()
    code = f"{TOTP(unhexlify(key)).token():06}"
    [recovery, *_] = verbs.add_second_factor(cast.lina, by=cast.lina, key=key, code=code)
    visitor = Visitor(site)
    page = visitor.through_provider()
    assert page.url == f"{site}/sign-in/code/"
    assert not visitor.is_in()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
    page = visitor.post(page.url, {"csrfmiddlewaretoken": token, "code": recovery})
    assert page.url == f"{site}/requests/?view=all"


def test_the_provider_is_not_asked_where_a_password_is_given(site, company):
    visitor = Visitor(site)
    page = visitor.get(f"{site}/sign-in/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
    form = {"csrfmiddlewaretoken": token, "username": "lina", "password": "guess"}
    answer = visitor.post(f"{site}/sign-in/?code=a-code&state=x", form)
    assert (answer.status_code, company.asked) == (422, [])
    answer = visitor.post(f"{site}/sign-in/?code=a-code&state=x", form | {"password": "secret-of-lina"})
    assert visitor.is_in()
    assert company.asked == []


def test_the_subject_is_kept_and_a_name_given_away_leads_nowhere(site, company, cast):
    assert Visitor(site).through_provider().url == f"{site}/requests/?view=all"
    cast.lina.refresh_from_db()
    assert (cast.lina.oidc_issuer, cast.lina.oidc_subject) == (company.address, "7")
    assert cast.lina.events.get().kind == "identity_kept"
    company.behave(token={"sub": "8"}, claims={"sub": "8"})  # the name belongs to somebody else by now
    assert NO_ACCOUNT in Visitor(site).through_provider().text
    Person.objects.filter(pk=cast.lina.pk).update(username="lina2")
    Person.objects.filter(pk=cast.wangqiang.pk).update(username="lina")
    company.behave()
    visitor = Visitor(site)
    assert "李娜" in visitor.through_provider().text  # not Wang Qiang, whatever he is called now
    assert cast.lina.events.count() == 1


def test_a_link_alone_neither_signs_in_nor_writes_a_session(site, company):
    before = Session.objects.count()
    visitor = Visitor(site)
    page = visitor.get(f"{site}/sign-in/oidc/?next=/figures/")
    assert page.url == f"{site}/sign-in/?next=%2Ffigures%2F"
    visitor.get(f"{site}/sign-in/code/")
    assert (Session.objects.count(), company.asked) == (before, [])
