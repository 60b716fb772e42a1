"""Nobody in where they do not belong: every URL of the project, as everybody, with ids of all kinds."""

from types import SimpleNamespace

import pytest
from django.urls import reverse

from tests.people import submitted
from tests.security.conftest import same_session, undone
from tests.security.urls import (
    EVERYBODY,
    KNOWN,
    OF_MACHINES,
    PAGES,
    PUBLIC,
    VERBS,
    every_url,
    everywhere,
    of_the_application,
)

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}


@pytest.fixture
def world(shop, shop_of_others, cast, outsider):
    return SimpleNamespace(
        shop=shop,
        shop_of_others=shop_of_others,
        mine=submitted(shop, cast.lina),
        of_others=submitted(shop_of_others, cast.heping),
        people={**vars(cast), "outsider": outsider, "stranger": None},
    )


def test_the_table_knows_every_url_and_no_other():
    new = sorted(of_the_application() - set(KNOWN) - set(PUBLIC))
    gone = sorted((set(KNOWN) | set(PUBLIC)) - of_the_application())
    assert not new, (
        f"The crawl does not know {new}: add a line each to PAGES (opened by a link), VERBS (takes a form only) or "
        f"PUBLIC in tests/security/urls.py, saying what it is about and who may open it."
    )
    assert not gone, f"No URL has the name {gone} any more: take the lines out of tests/security/urls.py."


def test_the_addresses_of_machines_are_those_of_the_api():
    of_the_api = {name for name, _ in every_url() if name.startswith("api-")} - set(KNOWN)
    assert of_the_api == OF_MACHINES


@pytest.mark.parametrize("person", sorted(EVERYBODY - {"outsider"}))
def test_people_find_only_what_is_theirs(person, world, sign_in):
    client = sign_in(world.people[person])
    wrong = []
    for name, page, (mine, of_others, missing) in everywhere(world):
        allowed = person in page.only
        for method in ("get", "post"):
            expected = _of_mine(name, method, allowed)
            wrong += _differs(client, method, name, mine, expected) if mine is not None else []
            if missing:
                expected = _of_what_is_not_there(name, method)
                wrong += _differs(client, method, name, missing, expected)
                if person != "root":  # a superuser works for every shop
                    wrong += _differs(client, method, name, of_others, expected)
    assert not wrong, "\n".join(wrong)


def test_with_every_role_but_in_another_shop_nothing_is_there(world, sign_in):
    client = sign_in(world.people["outsider"])
    wrong = []
    for name, _page, (mine, _, missing) in everywhere(world):
        for arguments in filter(None, (mine, missing)) if missing else ():
            wrong += _differs(client, "post", name, arguments, {404})
            wrong += _differs(client, "get", name, arguments, {404} if name in PAGES else {405})
    assert not wrong, "\n".join(wrong)


def _of_mine(name, method, allowed):
    """The statuses that are right for somebody who may read what the URL is about."""
    if method == "get" and name in VERBS:
        return {405}
    if not allowed:
        return {403}
    if method == "get":
        return {200, 302}
    # What each verb answers to whom is in test_verbs; here nothing may break or pretend not to be there.
    return {200, 302, 400, 403, 405, 409, 422}


def _of_what_is_not_there(name, method):
    if method == "get" and name in VERBS:
        return {405}
    return {404}


def _differs(client, method, name, arguments, expected):
    with undone():
        answer = getattr(same_session(client), method)(reverse(name, args=arguments))
    leads_out = answer.status_code == 302 and answer.headers["Location"].startswith(reverse("login"))
    if answer.status_code in expected and not (leads_out and name not in ("logout", "sign-out-everywhere")):
        return []
    return [f"{method.upper()} {name} {arguments}: {answer.status_code}, expected {sorted(expected)}"]


@pytest.mark.parametrize("person", ["stranger", "gone"])
def test_strangers_and_the_deactivated_are_sent_to_sign_in(person, world, sign_in):
    client = sign_in(world.people[person])
    wrong = []
    for name, _page, about in everywhere(world):
        for arguments in [one for one in about if one is not None]:
            for method in ("get", "post"):
                wrong += _gets_in(client, method, name, arguments)
    assert not wrong, "\n".join(wrong)


def _gets_in(client, method, name, arguments):
    """A part of a page answers with 204 and has the whole page loaded anew, always or when asked as a part."""
    address = reverse(name, args=arguments)
    answer = getattr(same_session(client), method)(address)
    led = answer.status_code == 302 and answer.headers["Location"].partition("?")[0] == reverse("login")
    if KNOWN[name].part:
        part = getattr(same_session(client), method)(address, headers=PART)
        led = (led or _reloads(answer)) and _reloads(part)
    return [] if led else [f"{method.upper()} {address}: {answer.status_code}"]


def _reloads(answer):
    return (answer.status_code, answer.headers.get("HX-Refresh"), answer.content) == (204, "true", b"")


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_what_is_public_opens_for_a_stranger(name, client, db):
    answer = client.get(reverse(name, args=PUBLIC[name]))
    dead_link = name == "set-password" and answer.status_code == 404
    assert (
        answer.status_code == 200
        or dead_link
        or answer.headers["Location"].partition("?")[0] in ("/", reverse("login"), "/static/favicon.svg")
    )
