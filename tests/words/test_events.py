"""How an event reads: every kind, with all that the code writes down of it."""

import pytest
from django.utils import timezone
from django.utils.html import strip_tags

from cancellations import words
from cancellations.models import Event

Kind = Event.Kind
LINK = "one-time link for a new password"
SEAL = {"content_hash": "ab" * 32}
# kind -> [(data as it is written, what follows the kind, lines)]
READS = {
    Kind.DRAFTED: [
        ({"orders": 1, **SEAL}, " · 1 order", []),
        ({"orders": 1, "via": "server", **SEAL}, " · 1 order", ["by a command on the server"]),
        ({"orders": 1200, "file": "七月.xlsx", "place": "B", **SEAL}, " · 1,200 orders · from 七月.xlsx B", []),
    ],
    Kind.DROPPED: [
        ({"dropped": 2, "why": "refused", **SEAL}, ": 2 orders · Will be refused", []),
        ({"dropped": 1, "why": "not_visible", **SEAL}, ": 1 order · Not found in ERP", []),
        ({"dropped": 1, "why": "taken", **SEAL}, ": 1 order · open in another request", []),
        ({"dropped": 1, "why": "done", **SEAL}, ": 1 order · already done, or outcome unknown", []),
        (
            {"dropped": 2, "why": "chosen", "lines": [[1, "CG1", 1, "CG1"], [2, "CG2", 5, "cg 2"]], **SEAL},
            ": 2 orders · chosen one by one",
            ["CG1 CG2"],
        ),
        (
            {"dropped": 11, "why": "refused", "lines": [[1, "CG1", 1, "CG1"]] * 11, **SEAL},
            ": 11 orders · Will be refused",
            ["CG1 " * 10 + "…"],
        ),
    ],
    Kind.DRAFT_CHANGED: [
        (
            {
                "changes": {
                    "operation": [0, 1],
                    "allow_checked": [True, False],
                    "reason_kind": ["other", "price"],
                    "reason": ["测试", ""],
                    "wanted_by": [None, "2026-11-25T10:30:00+00:00"],
                },
                **SEAL,
            },
            "",
            [
                "Operation: Cancel → Stop waiting",
                "Also cancel orders awaiting check or already checked: yes → no",
                "Category: Other → Price",
                "Reason: 测试 → –",
                "Wanted by: – → 2026-11-25 18:30",
            ],
        )
    ],
    Kind.ORDERS_ADDED: [
        ({"orders": 2, "file": "更多.xlsx", "place": "B", **SEAL}, " · 2 orders · from 更多.xlsx B", [])
    ],
    Kind.PUT_BACK: [({"orders": 2, **SEAL}, " · 2 orders", [])],
    Kind.RESTORED: [({}, "", [])],
    Kind.HANDED_OVER: [({"before": "李娜", "after": "孙悦"}, "", ["李娜 → 孙悦"])],
    Kind.LOOKED_UP: [
        ({"wanted": 5, "of": 9, "failure": "", "verdicts": {}}, ": 5 of 9", []),
        (
            {"wanted": 5, "of": 5, "failure": "sign", "verdicts": {"will": 3, "refused": 1}},
            ": 5 of 5 · Will succeed 3 · Will be refused 1 · incomplete lookup",
            [],
        ),
    ],
    Kind.ASKED_FOR_LOOKUP: [({"orders": 3}, " · 3 orders", [])],
    Kind.SUBMITTED: [
        (
            {"orders": 3, "expires_at": "2026-11-30T18:00:00.123456+08:00", **SEAL},
            " · 3 orders · deadline 2026-11-30 18:00",
            [],
        )
    ],
    Kind.APPROVED: [
        (SEAL, "", []),
        (
            {"looked_up": 2, "expected_to_fail": 1, "not_visible": 0, "lookup": "running", **SEAL},
            " · only 2 orders were known from the ERP · 1 expected to be refused",
            [],
        ),
    ],
    Kind.REJECTED: [({"looked_up": 2, "expected_to_fail": 0, "not_visible": 0, "lookup": "complete", **SEAL}, "", [])],
    Kind.WITHDRAWN: [({}, "", [])],
    Kind.MACHINE_ADDED: [
        (
            {"after": {"responsible": [3, "王强"], "may_request": True, "networks": [], "amount_per_day": None}},
            "",
            [
                "Responsible person: 王强",
                "May make requests: yes",
                "Allowed networks: none",
                "Amount per day (¥): without a limit",
            ],
        )
    ],
    Kind.MACHINE_CHANGED: [
        (
            {"before": {"networks": ["10.0.0.0/8"]}, "after": {"networks": ["10.2.0.0/16", "10.3.0.7/32"]}},
            "",
            ["Allowed networks: 10.0.0.0/8 → 10.2.0.0/16, 10.3.0.7/32"],
        ),
        (
            {"before": {"amount_per_day": "1000.50"}, "after": {"amount_per_day": "2000.00"}},
            "",
            ["Amount per day (¥): ¥1,000.50 → ¥2,000.00"],
        ),
    ],
    Kind.TOKEN_MADE: [
        (
            {"key": "k7Qm2Xv9TbZa", "expires_at": "2027-02-24T10:00:00+00:00"},
            "",
            ["wdt_k7Qm2Xv9TbZa_… until 2027-02-24 18:00"],
        )
    ],
    Kind.TOKEN_REVOKED: [({"key": "k7Qm2Xv9TbZa"}, "", ["wdt_k7Qm2Xv9TbZa_…"])],
    Kind.EXTENDED: [
        (
            {"before": "2026-11-30T10:00:00+00:00", "after": "2026-12-03T18:00:00+08:00"},
            "",
            ["2026-11-30 18:00 → 2026-12-03 18:00"],
        )
    ],
    Kind.EXPIRED: [({}, "", [])],
    Kind.STARTED: [({}, "", [])],
    Kind.SENT: [
        ({"calls": [1], "DONE": 3, "UNKNOWN": 1}, ": Unknown 1 Done 3", []),
        ({"calls": [1]}, "", []),
    ],
    Kind.NOT_EXECUTED: [({"calls": [1], "why": "sign"}, "", [])],
    Kind.NOT_SENT: [({"calls": [1], "not_sent": 4}, ": Not sent 4", [])],
    Kind.INTERRUPTED: [({"call": 1, "orders": 2}, " · 2 orders", [])],
    Kind.SETTLED: [
        ({"call": 1, "done": 2, "refused": 1}, ": Done 2 Refused 1", []),
        ({"call": 1, "done": 0, "refused": 0}, "", []),
    ],
    Kind.ASKED_AGAIN: [({"orders": 2}, " · 2 orders", [])],
    Kind.DECIDED_BY_HAND: [
        ({"decided": 1, "as_done": True, "order_nos": ["CG1"]}, ": 1 order · executed", []),
        ({"decided": 2, "as_done": False, "order_nos": ["CG1", "CG2"]}, ": 2 orders · not executed", []),
    ],
    Kind.PAUSED: [({"reason": "sign"}, "", [])],
    Kind.RESUMED: [({}, "", [])],
    Kind.STOPPED: [
        ({"orders": 5, "not_sent": 2}, ": Not sent 2", []),
        ({"orders": 5, "not_sent": 0}, " · 5 orders", []),
    ],
    Kind.FINISHED: [({"DONE": 4, "REFUSED": 1}, ": Refused 1 Done 4", [])],
    Kind.SHOP_ADDED: [({"name": "天猫", "sid": "wdt", "environment": "sandbox", "members": ["lina"]}, "", [])],
    Kind.SHOP_CHANGED: [({"changes": {"orders_per_call": ["50", "20"]}}, "", ["Orders per call: 50 → 20"])],
    Kind.MEMBERS_CHANGED: [
        ({"before": False, "after": True}, "", ["gained access to 上海旗舰店"]),
        ({"before": True, "after": False}, "", ["lost access to 上海旗舰店"]),
    ],
    Kind.CREDENTIAL_ADDED: [({"app_key": "key", "fingerprint": "ab12"}, "", ["key (ab12)"])],
    Kind.CREDENTIAL_RETIRED: [({"app_key": "key", "fingerprint": "ab12"}, "", ["key (ab12)"])],
    Kind.KEYS_ROTATED: [({"credentials": 3}, "", [])],
    Kind.ACCOUNT_PAUSED: [({}, "", [])],
    Kind.ACCOUNT_RESUMED: [({}, "", [])],
    Kind.CONNECTION_TESTED: [({"works": True}, "", [])],
    Kind.PERSON_ADDED: [
        ({"after": {"username": "a", "name": "A", "email": "", "roles": []}}, "", ["Roles: none"]),
        ({"after": {"username": "a", "name": "A", "email": "", "roles": ["clerk"]}}, "", ["Roles: Clerk"]),
    ],
    Kind.PERSON_CHANGED: [
        (
            {"before": {"name": "A", "email": ""}, "after": {"name": "B", "email": "b@example.com"}},
            "",
            ["Name: A → B", "Email: none → b@example.com"],
        ),
    ],
    Kind.ROLES_CHANGED: [({"before": [], "after": ["manager", "clerk"]}, "", ["none → Clerk, Manager"])],
    Kind.DEACTIVATED: [({}, "", [])],
    Kind.REACTIVATED: [({}, "", [])],
    Kind.LINK_MADE: [
        ({}, "", []),
        ({"confirmed": {"how": "person", "by": 1, "name": "钱伟"}}, "", ["confirmed by 钱伟"]),
        (
            {"confirmed": {"how": "waiting"}},
            "",
            ["after the waiting time, because nobody else could confirm it"],
        ),
    ],
    Kind.IDENTITY_KEPT: [({}, "", [])],
    Kind.IDENTITY_RESET: [({"confirmed": {"how": "server"}}, "", ["confirmed on the server"])],
    Kind.ACCESS_ASKED: [
        (
            {"change": "roles", "before": ["clerk"], "roles": ["clerk", "manager"]},
            "",
            ["roles: Clerk → Clerk, Manager"],
        ),
        ({"change": "details", "after": {"username": "wq", "name": "王强", "email": ""}}, "", ["username: wq"]),
        ({"change": "shops", "to_give": [1]}, "", ["seller accounts"]),
    ],
    Kind.ACCESS_CONFIRMED: [
        ({"change": "link", "confirmed": {"how": "server"}}, "", [LINK, "confirmed on the server"])
    ],
    Kind.ACCESS_REFUSED: [({"change": "link"}, "", [LINK])],
    Kind.ACCESS_WITHDRAWN: [({"change": "link"}, "", [LINK])],
    Kind.PASSWORD_SET: [({}, "", [])],
    Kind.FACTOR_ADDED: [({}, "", [])],
    Kind.FACTOR_REMOVED: [({}, "", [])],
    Kind.CODES_MADE: [({}, "", [])],
    Kind.UNLOCKED: [({}, "", [])],
    Kind.SIGNED_OUT: [({}, "", [])],
    Kind.CALENDAR_CHANGED: [
        (
            {"day": "2027-02-06", "before": None, "after": [False, "春节"]},
            "",
            ["2027-02-06: none → off 春节"],
        ),
        (
            {"day": "2027-02-14", "before": [False, "春节"], "after": [True, ""]},
            "",
            ["2027-02-14: off 春节 → working day"],
        ),
        ({"day": "2027-02-14", "before": [True, ""], "after": None}, "", ["2027-02-14: working day → none"]),
    ],
    Kind.PRUNED: [({"calls": 3, "ended_before": "2026-01-01T00:00:00+00:00"}, "", [])],
    Kind.REMINDED: [({"people": 2}, "", ["2 people asked"])],
    Kind.ROBOT_ADDED: [({"robot": "采购群", "chat": "wecom"}, "", ["采购群 (WeCom)"])],
    Kind.ROBOT_CHANGED: [({"robot": "采购群", "chat": "feishu", "on": False}, "", ["采购群 (Feishu)"])],
    Kind.ROBOT_REMOVED: [({"robot": "采购群", "chat": "dingtalk"}, "", ["采购群 (DingTalk)"])],
    Kind.WEBHOOK_ADDED: [
        (
            {"webhook": "SAP", "url": "https://sap.example.com/", "kinds": ["request.finished", "order.settled"]},
            "",
            [
                "SAP",
                "https://sap.example.com/",
                "A request has finished, Outcomes of orders became known, or were corrected",
            ],
        )
    ],
    Kind.WEBHOOK_CHANGED: [
        (
            {"webhook": "SAP", "url": "https://x/", "kinds": ["order.settled"]},
            "",
            ["SAP", "https://x/", "Outcomes of orders became known, or were corrected"],
        )
    ],
    Kind.WEBHOOK_SWITCHED: [
        ({"webhook": "SAP", "on": True}, "", ["SAP", "On"]),
        ({"webhook": "SAP", "on": False, "why": "failing"}, "", ["SAP", "Off", "No message got through for 24 hours."]),
    ],
    Kind.WEBHOOK_ROTATED: [
        (
            {"webhook": "SAP", "old_until": "2026-11-29T10:30:00+00:00"},
            "",
            ["SAP", "The old secret signs beside it until 2026-11-29 18:30."],
        )
    ],
    Kind.WEBHOOK_REMOVED: [({"webhook": "SAP"}, "", ["SAP"])],
    Kind.RESTORE_CONFIRMED: [({"requests": 2}, "", ["requests paused: 2"])],
    Kind.MAINTENANCE_BEGUN: [
        (
            {"until": "2026-11-29T14:30:00+00:00", "via": "server"},
            "",
            ["expected until 2026-11-29 22:30", "by a command on the server"],
        )
    ],
    Kind.MAINTENANCE_ENDED: [({"since": "2026-11-29T14:00:00+00:00"}, "", ["since 2026-11-29 22:00"])],
    Kind.EXPORTED: [({"format": "csv", "filters": {}, "shops": {}, "orders": 3}, "", [])],
}


def test_every_kind_stands_in_the_table():
    assert set(READS) == set(Kind)


@pytest.mark.parametrize(
    ("kind", "data", "beside", "lines"),
    [(kind, *case) for kind, cases in READS.items() for case in cases],
)
def test_an_event_reads_as_the_table_says(kind, data, beside, lines, shop, cast, english):
    event = Event(kind=kind, data=data, shop=shop, person=cast.lina, at=timezone.now())
    told = words.events.told(event, of=cast.lina)
    assert strip_tags(told.beside).rstrip() == beside
    assert told.lines == lines
    assert told.tone in ("", "success", "warning", "danger")


def test_a_shop_says_of_its_members_who_it_is(shop, cast, english):
    event = Event(kind=Kind.MEMBERS_CHANGED, data={"before": False, "after": True}, shop=shop, person=cast.lina)
    assert words.events.told(event, of=shop).lines == [f"{cast.lina} gained access"]


def test_a_file_name_cannot_become_html(english):
    data = {"orders": 1, "file": "<script>{0}.xlsx", "place": "B"}
    beside = words.events.told(Event(kind=Kind.DRAFTED, data=data)).beside
    assert "<bdi>&lt;script&gt;{0}.xlsx</bdi>" in beside
