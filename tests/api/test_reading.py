"""What the API tells: lists by cursor, one request, its orders, order numbers, the stream of events."""

from datetime import timedelta
from random import Random

import pytest
from django.utils import timezone

from cancellations.audit import chain
from cancellations.models import Event
from cancellations.workflow import clerk, control
from tests import made_machines, made_requests
from tests.api.conftest import Caller
from tests.people import approved, draft_of, numbers, submitted

pytestmark = pytest.mark.django_db


def test_a_request_is_told_with_its_decision(sap, shop, cast):
    made = approved(shop, cast.lina, cast.wangqiang)
    body = sap.get(f"requests/{made.number}").json()
    assert (body["status"], body["requester"], body["is_mine"]) == ("approved", "李娜", False)
    assert body["decision"]["by"] == "王强"
    assert body["decision"]["at"].endswith("Z")
    assert body["counts"] == dict.fromkeys(["listed", "sending", "done", "refused", "unknown", "skipped"], 0) | {
        "waiting": 3
    }
    assert (body["is_settled"], body["amounts"]["known_orders"], body["amounts"]["expected"]) == (False, 0, None)


def test_what_has_not_changed_is_not_sent_again(sap, shop, cast):
    made = submitted(shop, cast.lina)
    tag = sap.get(f"requests/{made.number}").headers["ETag"]
    again = sap.get(f"requests/{made.number}", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    clerk.withdraw(made, by=cast.lina)
    changed = sap.get(f"requests/{made.number}", headers={"If-None-Match": tag})
    assert (changed.status_code, changed.json()["status"]) == (200, "withdrawn")


def test_a_cursor_walks_through_all_requests_once(sap, shop, cast):
    made = [submitted(shop, cast.lina, [number]).number for number in numbers(7)]
    seen, query = [], {"limit": 3}
    while True:
        page = sap.get("requests", **query).json()
        seen += [one["number"] for one in page["requests"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert seen == made[::-1]


@pytest.mark.parametrize("cursor", ["", "x", "MTc", "é", "AAAA" * 40])
def test_a_cursor_that_was_made_up_is_refused(cursor, sap):
    answer = sap.get("requests", cursor=cursor)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_a_cursor_of_another_list_is_refused(sap, shop, cast):
    made = submitted(shop, cast.lina)
    cursor = sap.get(f"requests/{made.number}/orders", limit=1).json()["next"]
    assert sap.get("requests", cursor=cursor).status_code == 422


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 3),
        ({"status": "submitted"}, 2),
        ({"mine": "true"}, 1),
        ({"external_id": "4500017"}, 1),
        ({"status": "paused"}, 0),
    ],
)
def test_requests_are_found_by_what_is_known_of_them(query, count, sap, a_list, shop, cast):
    sap.post("requests", a_list | {"external_id": "4500017", "submit": True})
    submitted(shop, cast.lina, ["CG9"])
    approved(shop, cast.lina, cast.wangqiang, ["CG8"])
    assert len(sap.get("requests", **query).json()["requests"]) == count


def test_what_changed_since_a_moment_is_found(sap, shop, cast, time_machine):
    time_machine.move_to("2026-11-01T02:00:00Z")
    old = submitted(shop, cast.lina, ["CG1"])
    submitted(shop, cast.lina, ["CG2"])
    time_machine.move_to("2026-11-01T04:00:00Z")
    clerk.withdraw(old, by=cast.lina)
    since = {"changed_since": "2026-11-01T11:00:00+08:00"}
    assert [one["number"] for one in sap.get("requests", **since).json()["requests"]] == [old.number]
    assert sap.get("requests", changed_since="2026-11-01T05:00:00Z").json()["requests"] == []
    assert len(sap.get("requests", changed_since="2020-01-01T00:00:00Z").json()["requests"]) == 2


def test_the_orders_come_with_what_became_of_them(sap, shop, cast):
    made = approved(shop, cast.lina, cast.wangqiang, numbers(3))
    control.stop(made, by=cast.lina, note="误提交")
    orders = sap.get(f"requests/{made.number}/orders").json()["orders"]
    assert [order["order_number"] for order in orders] == numbers(3)
    assert {order["outcome"] for order in orders} == {"skipped"}
    assert {order["amount"] for order in orders} == {None}
    assert sap.get(f"requests/{made.number}/orders", outcome="done").json()["orders"] == []


def test_orders_that_changed_since_a_moment_are_found(sap, shop, cast):
    made = approved(shop, cast.lina, cast.wangqiang, numbers(2))
    control.stop(made, by=cast.lina, note="误提交")
    now = timezone.now()
    found = sap.get(f"requests/{made.number}/orders", changed_since=(now - timedelta(hours=1)).isoformat()).json()
    later = sap.get(f"requests/{made.number}/orders", changed_since=(now + timedelta(hours=1)).isoformat()).json()
    assert (len(found["orders"]), len(later["orders"])) == (2, 0)


def test_every_outcome_and_status_is_told_under_its_code(sap, shop, cast):
    made = made_requests.make([shop], [cast.lina], cast.wangqiang, count=60, around=timezone.now(), random=Random(17))
    for one in made:
        if one.status != "DRAFT":
            body = sap.get(f"requests/{one.number}").json()
            assert sum(body["counts"].values()) == len(sap.get(f"requests/{one.number}/orders").json()["orders"])
            assert body["status"] == one.status.lower()


def test_up_to_a_hundred_numbers_are_asked_for_at_once(sap, shop, cast):
    made = submitted(shop, cast.lina, ["CG1", "CG2"])
    asked = ["cg1", "CG2", *numbers(98)]
    body = sap.get("orders", seller_account=shop.pk, number=asked).json()
    assert [order["order_number"] for order in body["orders"]] == asked
    assert [len(order["found"]) for order in body["orders"]] == [1, 1] + [0] * 98
    assert body["orders"][0]["found"][0]["request"] == made.number
    too_many = sap.get("orders", seller_account=shop.pk, number=[*asked, "CG3"])
    assert (too_many.status_code, too_many.json()["code"]) == (422, "invalid")


def test_the_stream_tells_everything_once_and_in_order(sap, shop, cast):
    made = approved(shop, cast.lina, cast.wangqiang)
    draft_of(shop, cast.lina, ["CG9"])  # nobody else's business
    control.stop(made, by=cast.lina, note="误提交")
    assert sap.get("events").json()["events"] == [], "what is not in the audit trail yet is not told"
    chain.extend()
    seen, after = [], 0
    while True:
        page = sap.get("events", after=after, limit=2).json()
        seen += page["events"]
        after = page["last"]
        if not page["more"]:
            break
    assert [event["type"] for event in seen] == [
        "request.drafted",
        "request.submitted",
        "request.approved",
        "request.stopped",
    ]
    assert {event["request"] for event in seen} == {made.number}
    assert seen[-1]["data"] == {"orders": 3, "not_sent": 3}
    assert seen[-1]["by"] == "李娜"
    assert sap.get("events", after=after).json() == {"events": [], "last": after, "more": False}


def test_an_event_committed_late_is_told_behind_the_others(sap, shop, cast):
    """Its id is lower than that of what was read already: who reads by ids would never see it."""
    first, second = (submitted(shop, cast.lina, [number]) for number in numbers(2))
    late = Event.objects.filter(cancellation=first, kind="submitted").get()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(chain, "loose", lambda after=None, own=chain.loose: own(after).exclude(pk=late.pk))
        chain.extend()
    after = sap.get("events").json()["last"]
    chain.extend()
    assert [event["request"] for event in sap.get("events", after=after).json()["events"]] == [first.number]
    assert second.number != first.number


def test_a_machine_sees_only_its_own_external_ids(sap, a_list, shop, cast):
    number = sap.post("requests", a_list | {"external_id": "4500017", "submit": True}).json()["request"]["number"]
    other = made_machines.machine(shop, responsible=cast.zhoulan, name="OMS-02")
    oms = Caller(made_machines.token(other, by=cast.zhaolei))
    assert oms.get(f"requests/{number}").json()["external_id"] == ""
    assert oms.get("requests", external_id="4500017").json()["requests"] == []


def test_the_seller_accounts_are_those_of_the_machine(sap, shop, shop_of_others):
    assert [
        (one["id"], one["name"], one["is_usable"]) for one in sap.get("seller-accounts").json()["seller_accounts"]
    ] == [(shop.pk, shop.name, True)]


def test_a_page_of_orders_takes_a_fixed_number_of_queries(sap, shop, cast, django_assert_num_queries):
    made = submitted(shop, cast.lina, numbers(60))
    path = f"requests/{made.number}/orders"
    sap.get(path)
    for limit in (1, 50):
        with django_assert_num_queries(3):
            sap.get(path, limit=limit)


@pytest.mark.parametrize(
    "query", [{"status": "null"}, {"status": ""}, {"changed_since": "0.5"}, {"changed_since": "null"}]
)
def test_a_filter_that_is_no_value_is_refused_and_not_forgotten(query, sap):
    answer = sap.get("requests", **query)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_an_external_id_may_be_called_null(sap, shop, cast):
    submitted(shop, cast.lina)
    assert sap.get("requests", external_id="null").json()["requests"] == []


def test_the_history_and_its_exports_tell_a_machine_from_a_person(sap, a_list, shop, cast, client):
    sap.post("requests", a_list | {"submit": True, "on_behalf_of": "张三"})
    submitted(shop, cast.lina, ["CG9"])
    client.force_login(cast.chenjing)
    page = client.get("/history/").content.decode()
    assert "SAP-01 (API: 张三)" in page
    assert "李娜 (API" not in page
    copied = "".join(part.decode() for part in client.post("/history/export.csv").streaming_content)
    assert "SAP-01 (API: 张三)" in copied
