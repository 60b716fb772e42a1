"""POST /requests: a list becomes a draft, or a submitted request, once."""

import pytest

from cancellations.models import ApiAnswer, CancellationRequest, Event
from tests.people import approved

pytestmark = pytest.mark.django_db


def test_a_list_becomes_a_draft_of_the_machine(sap, machine, a_list):
    answer = sap.post("requests", a_list | {"external_id": "4500017", "on_behalf_of": "张三"})
    assert answer.status_code == 201
    made = CancellationRequest.objects.get()
    assert answer.headers["Location"] == f"/api/v1/requests/{made.number}"
    assert (made.requester, made.status, made.external_id, made.on_behalf_of) == (
        machine.person,
        "DRAFT",
        "4500017",
        "张三",
    )
    body = answer.json()
    assert body["request"]["number"] == made.number
    assert body["request"]["counts"]["listed"] == 3
    assert not body["existed"]
    assert Event.objects.get(kind="drafted").actor == machine.person


def test_a_list_is_submitted_at_once_if_it_says_so(sap, a_list):
    body = sap.post("requests", a_list | {"submit": True}).json()
    assert body["request"]["status"] == "submitted"
    assert body["request"]["counts"]["waiting"] == 3
    assert body["request"]["expires_at"].endswith("Z")


def test_the_same_call_twice_makes_one_request(sap, a_list):
    first, second = (sap.post("requests", a_list, key="night-17") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert CancellationRequest.objects.count() == 1


def test_another_call_with_the_same_key_is_refused(sap, a_list):
    sap.post("requests", a_list, key="night-17")
    answer = sap.post("requests", a_list | {"submit": True}, key="night-17")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert CancellationRequest.objects.get().status == "DRAFT"


def test_the_same_external_id_gives_what_is_there(sap, a_list):
    first = sap.post("requests", a_list | {"external_id": "4500017"})
    second = sap.post("requests", a_list | {"external_id": "4500017"})
    assert (second.status_code, second.json()["existed"]) == (200, True)
    assert second.json()["request"]["number"] == first.json()["request"]["number"]


def test_the_same_external_id_with_another_list_is_refused(sap, a_list):
    first = sap.post("requests", a_list | {"external_id": "4500017"})
    answer = sap.post("requests", a_list | {"external_id": "4500017", "orders": ["CG202611010009"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "external_id_taken")
    assert answer.json()["instance"] == first.json()["request"]["number"]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ("", "invalid"),
        (" ", "not_exact"),
        ("CG1 CG2", "not_exact"),
        ("CG20261101\u0000", "not_exact"),
        ("采购单号", "heading"),
        ("2.02611E+11", "scientific"),
        ("2026-11-01", "date"),
        ("x" * 41, "too_long"),
        ("CG1！", None),
    ],
)
def test_an_entry_that_is_no_number_is_named_and_nothing_is_made(entry, code, sap, a_list):
    answer = sap.post("requests", a_list | {"orders": [*a_list["orders"], entry]})
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    [wrong] = answer.json()["errors"]
    assert wrong["pointer"] == "/orders/3"
    assert code is None or wrong["code"] == code
    assert wrong["detail"]
    assert not CancellationRequest.objects.exists()
    assert not ApiAnswer.objects.exists()


def test_what_comes_twice_is_said_and_taken_once(sap, a_list):
    body = sap.post("requests", a_list | {"orders": ["CG20261101", "CG20261102", "cg20261101"]}).json()
    assert body["request"]["orders"] == 2
    assert body["duplicates"] == [{"position": 2, "first_position": 0, "order_number": "cg20261101"}]


def test_orders_that_are_open_elsewhere_are_named(sap, a_list, shop, cast):
    other = approved(shop, cast.lina, cast.wangqiang, [a_list["orders"][1]])
    answer = sap.post("requests", a_list | {"submit": True})
    assert (answer.status_code, answer.json()["code"]) == (409, "orders_open_elsewhere")
    [wrong] = answer.json()["errors"]
    assert (wrong["order_number"], wrong["request"]) == (a_list["orders"][1], other.number)
    assert CancellationRequest.objects.count() == 1, "the draft is not left behind"


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"operation": "approve"}, 422, "invalid"),
        ({"surprise": 1}, 422, "invalid"),
        ({"orders": "CG1"}, 422, "invalid"),
        ({"orders": []}, 422, "invalid"),
        ({"seller_account": 999_999}, 404, "not_found"),
        ({"reason_kind": "other"}, 422, "reason_missing"),
        ({"operation": "stop_waiting", "include_checked": True}, 422, "option_not_for_operation"),
        ({"wanted_by": "2020-01-01T00:00:00+08:00"}, 422, "wanted_too_early"),
        ({"wanted_by": "2020-01-01T00:00:00"}, 422, "invalid"),
        ({"reason": "a\u0000b"}, 422, "invalid"),
        ({"external_id": "a\u0000b"}, 422, "invalid"),
    ],
)
def test_a_wish_that_cannot_be_met_says_why(changed, status, code, sap, a_list):
    answer = sap.post("requests", a_list | changed)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not CancellationRequest.objects.exists()


def test_the_sentence_is_in_the_language_that_was_asked_for(sap, a_list):
    answer = sap.post("requests", a_list | {"reason_kind": "other"}, headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    assert "原因" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b"{", "application/json", "bad_request"),
        (b"\xff", "application/json", "bad_request"),
        (b"{}", "text/plain", "not_json"),
        (b"[" * 100_000, "application/json", "invalid"),
        (b" " * 3_000_000, "application/json", "too_large"),
    ],
)
def test_a_body_that_is_no_json_is_refused(body, content_type, code, sap):
    headers = sap.headers | {"Idempotency-Key": "1"}
    answer = sap.client.post("/api/v1/requests", body, content_type, headers=headers)
    assert answer.json()["code"] == code


def test_a_write_needs_a_key(sap, a_list):
    answer = sap.client.post("/api/v1/requests", "{}", "application/json", headers=sap.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
