"""The version stands in one place, and whoever asks is told it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.urls import reverse

from tests.people import submitted
from wdtadmin import version

ROOT = Path(__file__).resolve().parent.parent
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A folder without git, with the placeholder that a checkout has; `elsewhere(text)` writes another one."""
    monkeypatch.setattr(version, "BASE_DIR", tmp_path)
    (tmp_path / "wdtadmin").mkdir()
    version.commit.cache_clear()

    def write(text):
        (tmp_path / "wdtadmin" / "COMMIT").write_text(text)

    write((ROOT / "wdtadmin" / "COMMIT").read_text())
    yield write
    version.commit.cache_clear()


def test_manage_py_names_the_version_and_the_commit_and_needs_no_settings():
    asked = subprocess.run([sys.executable, "manage.py", "version"], capture_output=True, text=True, cwd=ROOT, env={})
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout == f"{version.shown()}\n"


def test_the_commit_is_unknown_where_nobody_wrote_it_down(elsewhere):
    assert (version.commit(), version.shown()) == ("unknown", version.number())


def test_the_commit_is_the_one_that_was_written_at_the_build(elsewhere):
    elsewhere(f"{COMMIT}\n")
    assert (version.commit(), version.shown()) == (COMMIT, f"{version.number()} (0123456)")


@pytest.mark.parametrize("text", ["", "abc", f"{COMMIT}0", "$Format:%H$"])
def test_what_is_no_commit_is_not_shown_as_one(text, elsewhere):
    elsewhere(text)
    assert version.commit() == "unknown"


def test_git_writes_the_commit_into_what_it_archives():
    assert "wdtadmin/COMMIT export-subst" in (ROOT / ".gitattributes").read_text().splitlines()
    assert re.fullmatch(r"(\$Format:%H\$|[0-9a-f]{40})\n", (ROOT / "wdtadmin" / "COMMIT").read_text())


def test_the_list_of_changes_knows_the_version():
    assert version.number() in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("person", "is_told"), [("zhaolei", True), ("root", True), ("lina", False), ("wangqiang", False)]
)
def test_administrators_see_it_at_the_foot_of_each_page(person, is_told, shop, cast, browser_of):
    browser = browser_of(getattr(cast, person))
    for address in (reverse("account"), submitted(shop, cast.lina, [f"CG-{person}"]).get_absolute_url()):
        page = browser.get(address).content.decode()
        assert (version.shown() in page) is is_told
        assert ("版本" in page.partition("site-foot")[2]) is is_told


@pytest.mark.django_db
def test_strangers_do_not_see_it(client):
    assert version.number() not in client.get(reverse("login")).content.decode()
