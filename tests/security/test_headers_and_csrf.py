"""Forms of other sites do nothing, links change nothing, and every answer carries its headers."""

import gzip
import json
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from cancellations.access.session_store import SessionStore
from tests.people import draft_of, submitted
from tests.security.conftest import database_text, same_session
from tests.security.urls import PUBLIC, everywhere

pytestmark = pytest.mark.django_db
SID = "sid"
TOO_OLD = "This page was open for too long"


@pytest.fixture
def world(shop, shop_of_others, cast):
    """As the crawl has it; Zhou Lan's own draft, and everything else of the shop, is hers to change."""
    return SimpleNamespace(
        shop=shop,
        shop_of_others=shop_of_others,
        mine=submitted(shop, cast.lina),
        of_others=submitted(shop_of_others, cast.heping),
    )


def addresses(world):
    """One address of everything there is."""
    about = PUBLIC | {name: _arguments(about) for name, _page, about in everywhere(world)}
    return {name: reverse(name, args=arguments) for name, arguments in about.items()}


def _arguments(about):
    mine, of_others, _ = about
    return of_others if mine is None else mine


def test_a_form_without_the_token_is_refused_and_changes_nothing(world, cast, sign_in):
    posted = {"seen_hash": world.mine.content_hash, "note": "好", "what": "refused", "done": "yes", "language": "en"}
    clients = [sign_in(person, enforce_csrf_checks=True) for person in (cast.root, cast.zhoulan, None)]
    everywhere = addresses(world)
    before = database_text()
    for address in everywhere.values():
        for client in clients:
            for headers in ({}, {"HX-Request": "true"}, {"X-CSRFToken": "x" * 64}, {"Origin": "https://evil.example"}):
                answer = client.post(address, posted, headers=headers)
                assert answer.status_code == 403, (address, headers)
                assert TOO_OLD in answer.content.decode(), address
        assert database_text() == before, address


def token_of(client):
    page = client.get(reverse("login") if SID not in client.cookies else reverse("confirm-password"))
    return str(page.context["csrf_token"])


def test_a_post_needs_the_token_of_our_own_page(world, cast, sign_in):
    client = sign_in(cast.lina, enforce_csrf_checks=True)
    address = reverse("cancellation-withdraw", args=[world.mine.number])
    form = {"csrfmiddlewaretoken": token_of(client)}
    assert client.post(address, form, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post(address, form, headers={"Origin": "null"}).status_code == 403
    world.mine.refresh_from_db()
    assert world.mine.status == "SUBMITTED"
    assert client.post(address, form, headers={"Origin": "http://testserver"}).status_code == 302
    world.mine.refresh_from_db()
    assert world.mine.status == "WITHDRAWN"


def test_the_token_of_somebody_elses_browser_is_worth_nothing(world, cast, sign_in):
    stolen = token_of(sign_in(cast.sunyue))
    client = sign_in(cast.lina, enforce_csrf_checks=True)
    token_of(client)
    address = reverse("cancellation-withdraw", args=[world.mine.number])
    assert client.post(address, {"csrfmiddlewaretoken": stolen}).status_code == 403


@pytest.mark.parametrize("person", ["lina", "wangqiang", "chenjing", "zhaolei", "root"])
@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_no_link_changes_anything(method, person, world, cast, sign_in):
    client = sign_in(getattr(cast, person))
    query = "?note=x&what=refused&done=yes&seen_hash=x&step=draft&language=en&_method=POST"
    everywhere = addresses(world)
    before = database_text(without=["django_session"])
    for address in everywhere.values():
        answer = getattr(same_session(client), method)(address + query)
        assert answer.status_code in (200, 204, 301, 302, 403, 404, 405), address
    assert database_text(without=["django_session"]) == before
    assert client.get(reverse("confirm-password")).status_code == 200  # and the session still lives


def broken(*_, **__):
    raise RuntimeError("broken")


@pytest.fixture
def answers(world, cast, sign_in, monkeypatch):
    """name -> an answer of every kind that there is."""
    clerk, boss, stranger = sign_in(cast.lina), sign_in(cast.wangqiang), Client()
    page, part = world.mine.get_absolute_url(), reverse("cancellation-progress", args=[world.mine.number])
    new, drafted = reverse("cancellation-new"), draft_of(world.shop, cast.lina, ["CG9"])
    rejected = {"shop": world.shop.pk, "operation": 0, "reason": "x", "step": "not_taken", "token": drafted.form_token}
    kinds = {
        "a page": (200, clerk.get(page)),
        "a list": (200, clerk.get(reverse("cancellation-list"), {"view": "all"})),
        "the sign-in page": (200, stranger.get(reverse("login"))),
        "a fragment": (200, clerk.get(part)),
        "nothing new": (204, clerk.get(part, {"version": version(clerk.get(part))})),
        "a fragment for a stranger": (204, stranger.get(part, headers={"HX-Request": "true"})),
        "to the sign-in page": (302, stranger.get(page)),
        "done": (302, clerk.post(reverse("cancellation-withdraw", args=[drafted.number]))),
        "damaged": (400, clerk.post(reverse("cancellation-drop", args=[world.mine.number]), {"what": "x"})),
        "another host": (400, clerk.get(page, headers={"Host": "evil.example"})),
        "not allowed": (403, clerk.get(reverse("shop-list"))),
        "without a token": (403, Client(enforce_csrf_checks=True).post(reverse("login"))),
        "not there": (404, clerk.get("/nowhere/")),
        "not a form": (405, clerk.get(reverse("cancellation-stop", args=[world.mine.number]))),
        "too late": (409, boss.post(reverse("cancellation-stop", args=[world.mine.number]))),
        "wrong input": (422, clerk.post(new, {"step": "preview"})),
        "a workbook": (200, clerk.get(reverse("template"))),
        "a table": (200, clerk.post(new, rejected | {"orders": "CG1\n=1+1"})),
    }
    monkeypatch.setattr("cancellations.pages.requests.lists.first_steps", broken)
    failing = sign_in(cast.lina, raise_request_exception=False)
    return kinds | {"an error": (500, failing.get(reverse("cancellation-list")))}


def version(answer):
    return answer.context["version"]


def test_every_kind_of_answer_has_its_headers(answers):
    for kind, (status, answer) in answers.items():
        assert answer.status_code == status, kind
        assert answer.headers["Content-Security-Policy"] == django_settings.CONTENT_SECURITY_POLICY, kind
        assert answer.headers["X-Content-Type-Options"] == "nosniff", kind
        assert answer.headers["X-Frame-Options"] == "DENY", kind
        assert answer.headers["Referrer-Policy"] == "same-origin", kind
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", kind
        assert "no-store" in answer.headers["Cache-Control"], kind
        assert "Server" not in answer.headers, kind


def test_the_policy_allows_nothing_inline_or_from_elsewhere():
    policy = dict(part.strip().split(" ", 1) for part in django_settings.CONTENT_SECURITY_POLICY.split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == policy["form-action"] == "'self'"
    assert policy["base-uri"] == policy["object-src"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in django_settings.CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("name", ["app.css", "app.js", "icons.svg", "favicon.svg"])
def test_a_static_file_is_what_it_says_and_sets_no_cookie(name, settings):
    settings.WHITENOISE_USE_FINDERS = True  # they are not collected for the tests
    answer = Client().get(f"/static/{name}")
    assert answer.status_code == 200
    assert answer.getvalue()
    answer.close()
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Content-Security-Policy"] == django_settings.CONTENT_SECURITY_POLICY
    assert not answer.cookies


@pytest.mark.parametrize("path", ["/static/../wdtadmin/settings.py", "/static/%2e%2e/manage.py", "/static/", "/.env"])
def test_nothing_but_static_files_is_served_as_one(path, client):
    answer = client.get(path)
    assert answer.status_code in (302, 404)
    assert "SECRET" not in answer.content.decode()


@pytest.fixture
def production(settings):
    """The settings about TLS and cookies as they are where nobody says otherwise."""
    names = ("SESSION_", "CSRF_", "LANGUAGE_COOKIE", "SECURE_", "MESSAGE_")
    code = (
        "import json, wdtadmin.settings as s; "
        f"print(json.dumps({{n: getattr(s, n) for n in dir(s) if n.startswith({names!r})}}))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "PLAIN_HTTP"}
    printed = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=True, text=True
    ).stdout
    for name, value in json.loads(printed).items():
        setattr(settings, name, value)
    return settings


def test_production_cookies_are_bound_to_host_and_tls(production, shop, cast):
    client = Client()
    client.get(reverse("login"), secure=True)
    answer = client.post(reverse("login"), {"username": "lina", "password": "secret-of-lina"}, secure=True)
    assert answer.status_code == 302
    client.post(reverse("set_language"), {"language": "en"}, secure=True)
    draft = draft_of(shop, cast.lina)
    assert client.post(reverse("cancellation-withdraw", args=[draft.number]), secure=True).status_code == 302
    assert {name.removeprefix("__Host-") for name in client.cookies} == {"sid", "csrf", "lang"}
    for name, cookie in client.cookies.items():
        assert name.startswith("__Host-"), name
        assert cookie["secure"], name
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Lax", name
        assert (cookie["path"], cookie["domain"]) == ("/", ""), name


def test_without_tls_production_answers_with_tls_only(production, client):
    answer = client.get(reverse("login"))
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://testserver/sign-in/")
    strict = Client().get(reverse("login"), secure=True).headers["Strict-Transport-Security"]
    assert strict == "max-age=31536000; includeSubDomains"


def signs_in(client, name="lina"):
    return client.post(reverse("login"), {"username": name, "password": f"secret-of-{name}"})


def test_signing_in_ends_the_session_from_before(cast):
    attacker = Client()
    planted = attacker.session
    planted["known"] = "to the attacker"
    planted.save()
    victim = Client()
    victim.cookies[SID] = planted.session_key
    assert signs_in(victim).status_code == 302
    assert victim.cookies[SID].value != planted.session_key
    assert not SessionStore().exists(planted.session_key)
    attacker.cookies[SID] = planted.session_key
    assert attacker.get(reverse("cancellation-list")).headers["Location"].startswith(reverse("login"))


def test_a_session_number_that_somebody_thought_of_is_not_taken(cast):
    victim = Client()
    victim.cookies[SID] = "a" * 32
    signs_in(victim)
    assert victim.cookies[SID].value != "a" * 32
    assert not SessionStore().exists("a" * 32)


def test_after_signing_out_the_old_cookie_is_dead_wherever_it_is(cast):
    client = Client()
    signs_in(client)
    old, copy = client.cookies[SID].value, same_session(client)
    assert copy.get(reverse("confirm-password")).status_code == 200
    client.post(reverse("logout"))
    assert not SessionStore().exists(old)
    assert same_session(copy).get(reverse("confirm-password")).status_code == 302


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "http:evil.example",
    "https:/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
    "/\t/evil.example",
    "http://[::1",
]


@pytest.mark.parametrize("next_page", ELSEWHERE)
def test_sign_in_and_language_lead_to_no_other_site(next_page, cast, client):
    answer = client.post(reverse("set_language"), {"language": "en", "next": next_page})
    assert answer.headers["Location"] in ("/", "")
    answer = client.post(reverse("login"), {"username": "lina", "password": "secret-of-lina", "next": next_page})
    assert answer.headers["Location"] == reverse("cancellation-list")
    answer = client.get(reverse("login"), {"next": next_page})  # somebody who is signed in already
    assert answer.headers["Location"] == reverse("cancellation-list")
    answer = client.post(reverse("set_language"), {"language": "en"}, headers={"Referer": next_page})
    assert answer.headers["Location"] == "/"
    answer = client.post(reverse("logout"), {"next": next_page})
    assert answer.headers["Location"] == reverse("login")


def test_pages_are_compressed_but_no_secret_shows_in_their_length(shop, cast, browser_of):
    clerk = browser_of(cast.lina, headers={"accept-encoding": "gzip"})
    lengths, tokens = set(), set()
    for _ in range(8):
        answer = clerk.get(reverse("cancellation-new"))
        assert answer["Content-Encoding"] == "gzip"
        lengths.add(len(answer.content))
        page = gzip.decompress(answer.content).decode()
        tokens.add(re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1])
    assert len(tokens) == 8
    assert len(lengths) > 1


def test_files_are_not_compressed(shop, cast, browser_of):
    submitted(shop, cast.lina)
    answer = browser_of(cast.lina, headers={"accept-encoding": "gzip"}).post(reverse("history-csv"))
    assert "Content-Encoding" not in answer.headers


def test_trace_is_refused_everywhere(shop, cast, browser_of):
    for address in ("/account/", "/sign-in/", "/static/app.css"):
        answer = browser_of(cast.lina).generic("TRACE", address)
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST, OPTIONS")
