"""Who is let in: a token that counts, from its networks, as often as it may, and for what it may."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from cancellations.api.endpoints import ENDPOINTS
from cancellations.models import ApiToken, CancellationRequest
from tests import made_machines
from tests.api.conftest import Caller
from tests.people import approved, draft_of, submitted

pytestmark = pytest.mark.django_db
NUMBER = "CR20261101-0001"
PLACES = [(one.method, one.path.replace("<request_number:number>", NUMBER)) for one in ENDPOINTS]


def call(caller, method, path):
    return caller.get(path) if method == "GET" else caller.post(path, {"note": "x"} if path.endswith("stop") else {})


def token_of(text):
    return ApiToken.objects.get(key=text.split("_")[1])


@pytest.mark.parametrize(("method", "path"), PLACES)
@pytest.mark.parametrize("token", ["", "wdt_k7Qm2Xv9TbZa_0123456789abcdefghijABCDEFGHIJ01234567892Npo5h", "Basic x"])
def test_without_a_token_that_counts_nobody_is_let_in(token, method, path, db):
    answer = call(Caller(token), method, path)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "unauthorized"


@pytest.mark.parametrize("over", ["revoked", "expired", "machine deactivated", "prolonged by SQL"])
def test_a_token_that_is_over_lets_nobody_in(over, machine, cast):
    text = made_machines.token(machine, by=cast.zhaolei)
    now = timezone.now()
    stored = ApiToken.objects.filter(machine=machine)
    if over == "revoked":
        stored.update(revoked_at=now)
    elif over == "expired":
        text = made_machines.token(machine, by=cast.zhaolei, expires_at=now - timedelta(seconds=1))
    elif over == "prolonged by SQL":
        stored.update(expires_at=now + timedelta(days=3650))
    else:
        type(machine.person).objects.filter(pk=machine.person_id).update(is_active=False)
    assert Caller(text).get("requests").status_code == 401


def test_a_session_lets_nobody_in(cast, shop, client):
    client.force_login(cast.lina)
    answer = client.get("/api/v1/requests")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


def test_a_token_in_the_address_lets_nobody_in(machine, cast):
    token = made_machines.token(machine, by=cast.zhaolei)
    assert Client().get("/api/v1/requests", {"token": token, "access_token": token}).status_code == 401


@pytest.mark.parametrize(
    ("networks", "status"),
    [("127.0.0.1/32", 200), ("10.0.0.0/8\n127.0.0.0/8", 200), ("10.0.0.0/8", 403), ("::1/128", 403), ("", 403)],
)
def test_a_machine_is_let_in_from_its_networks_only(networks, status, machine, sap):
    type(machine).objects.update(networks=networks)
    answer = sap.get("requests")
    assert answer.status_code == status
    assert status == 200 or answer.json()["code"] == "address_not_allowed"


def test_the_last_use_is_kept_to_the_minute(sap, machine):
    sap.get("requests")
    first = machine.tokens.get()
    assert (first.last_address, timezone.now() - first.last_used_at < timedelta(minutes=1)) == ("127.0.0.1", True)
    sap.get("requests")
    assert machine.tokens.get().last_used_at == first.last_used_at


def test_after_so_many_calls_in_a_minute_it_has_to_wait(sap, settings):
    settings.API_CALLS_PER_MINUTE = 3
    answers = [sap.get("requests") for _number in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["RateLimit"].startswith('"token";r=2;')
    assert answers[0].headers["RateLimit-Policy"] == '"token";q=3;w=60'
    assert 0 < int(answers[3].headers["Retry-After"]) <= 61
    assert answers[3].json()["code"] == "too_many_calls"


def test_who_guesses_tokens_has_to_wait_too(db, settings):
    settings.API_CALLS_PER_MINUTE = 3
    assert [Caller("x").get("requests").status_code for _number in range(4)] == [401, 401, 401, 429]


def test_a_machine_that_reads_only_changes_nothing(machine, sap, a_list, shop):
    type(machine).objects.update(may_request=False)
    mine = draft_of(shop, machine.person)
    for method, path in PLACES:
        answer = call(sap, method, path.replace(NUMBER, mine.number))
        assert method == "GET" or (answer.status_code, answer.json()["code"]) == (403, "machine_reads_only")
    assert CancellationRequest.objects.get().status == "DRAFT"


def test_what_is_of_another_account_is_not_there(sap, shop_of_others, cast, a_list):
    theirs = submitted(shop_of_others, cast.heping, ["CG202611010001"])
    for method, path in PLACES:
        if NUMBER in path:
            assert call(sap, method, path.replace(NUMBER, theirs.number)).status_code == 404
    assert sap.get("requests").json()["requests"] == []
    assert sap.get("events").json()["events"] == []
    assert sap.get("orders", seller_account=shop_of_others.pk, number="CG202611010001").status_code == 404
    assert sap.post("requests", a_list | {"seller_account": shop_of_others.pk}).status_code == 404


def test_a_draft_of_somebody_else_is_not_there(sap, shop, cast):
    theirs = draft_of(shop, cast.lina)
    assert sap.get(f"requests/{theirs.number}").status_code == 404


@pytest.mark.parametrize("verb", ["submit", "withdraw", "stop"])
def test_what_somebody_else_asked_for_is_read_and_not_touched(verb, sap, shop, cast):
    theirs = approved(shop, cast.lina, cast.wangqiang) if verb == "stop" else submitted(shop, cast.lina)
    assert sap.get(f"requests/{theirs.number}").status_code == 200
    answer = sap.post(f"requests/{theirs.number}/{verb}", {"note": "x"} if verb == "stop" else {})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("verb", ["approve", "reject", "resume", "by-hand", "extend"])
def test_no_address_decides(verb, sap, shop, machine):
    mine = submitted(shop, machine.person)
    answer = sap.post(f"requests/{mine.number}/{verb}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_token_opens_no_page(machine, cast, shop):
    token = made_machines.token(machine, by=cast.zhaolei)
    answer = Client().get("/requests/", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/sign-in/")


@pytest.mark.parametrize(("method", "status"), [("put", 405), ("delete", 405), ("patch", 405)])
def test_another_method_is_refused_in_json(method, status, sap):
    answer = getattr(sap.client, method)("/api/v1/requests", headers=sap.headers)
    assert (answer.status_code, answer.json()["code"]) == (status, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


def test_every_answer_has_its_number(sap):
    for path in ("requests", "nothing", "requests/CR20991231-9999"):
        assert sap.get(path).headers["X-Request-Id"]
