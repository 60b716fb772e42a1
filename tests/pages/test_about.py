"""The page that says which version runs, on what, and what changed."""

import platform
import re

import pytest
from django.urls import reverse

from cancellations.pages import about as page
from wdtadmin import version

pytestmark = pytest.mark.django_db
PAGE = reverse("about")


def test_it_says_what_runs_and_what_changed(cast, browser_of):
    shown = browser_of(cast.zhaolei).get(PAGE).content.decode()
    for fact in (version.number(), platform.python_version(), "Keep a Changelog"):
        assert fact in shown


def test_the_commit_is_unknown_where_nobody_wrote_it_down(cast, browser_of, monkeypatch):
    monkeypatch.setattr(page.version, "commit", lambda: "a" * 40)
    assert "a" * 40 in browser_of(cast.zhaolei).get(PAGE).content.decode()
    monkeypatch.setattr(page.version, "commit", lambda: version.UNKNOWN)
    assert re.search(r"<dd>\s*unknown\s*</dd>", browser_of(cast.zhaolei).get(PAGE).content.decode())


def test_the_footer_leads_to_it_for_administrators_only(cast, browser_of):
    for person, may in ((cast.zhaolei, True), (cast.lina, False), (cast.chenjing, False)):
        browser = browser_of(person)
        assert (PAGE in browser.get("/account/").content.decode()) is may
        assert browser.get(PAGE).status_code == (200 if may else 403)
