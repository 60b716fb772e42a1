"""A model of the whole: people's verbs, worker steps, crashes and an ERP that misbehaves, in any order.

Each example has a shop of its own in an ERP of this process. What must hold at every moment is written down as
invariants; at the end everything is healthy again, and then nothing may be left open.
"""

import os
from contextlib import suppress
from unittest import mock

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from cancellations.models import CancellationRequest, Credential, OrderLine
from cancellations.sending import calls, lease, pace, send, slices
from cancellations.wdt.client import Client
from cancellations.wdt.sandbox import Sandbox
from cancellations.wdt.sandbox.api import Settings
from cancellations.workflow import administrator, clerk, control, editing, lookups, manager
from cancellations.workflow.errors import WorkflowError
from tests.faults.invariants import CANCELLED, is_risked
from tests.people import draft_of, make_shop

PARTS = 3  # of the examples: one after the other they take longer than all other faults together
OTHERS = os.environ.get("MODEL_EXAMPLES")
STATUSES = [10, 20, 20, 20, 40, 60]
LONG_AGO = "2026-01-01T00:00Z"
MISBEHAVIOURS = [
    "http_500", "http_500_after", "cut_before", "cut_after", "cut_mid", "html", "html_after", "broken_json", "empty",
    "db_error", "db_error_after", "wrong_count", "plain_message", "foreign_number", "empty_message", "full_width",
    "string_entries", "partial", "unchecked", "told_failed", "meddled", "hidden_502", "internal", "warehouse", "rate",
    "concurrency", "permission", "sign", "ip", "clock", "argument",
]  # fmt: skip
EMPTY = ["empty_null", "empty_absent", "empty_list", "empty_order_null", "empty_order_absent"]
PERSONS = ["lina", "sunyue", "wangqiang", "zhoulan", "zhaolei"]
VERBS = ["submit", "withdraw", "approve", "reject", "stop", "resume", "look again", "drop", "ask again", "manual"]
METHODS = ["cancelByType", "queryWithDetail"]
CRASHES = {
    "before the write-ahead": (send, "_claim", False),
    "in the write-ahead": (calls, "write_ahead", True),
    "before the call": (send, "_make", False),
    "after the answer": (Client, "call", True),
    "while it is recorded": (send, "_record_outcomes", True),
    "after it is recorded": (send, "_record", True),
}


class Crash(BaseException):
    """The process is gone: nothing after it happens, not even tidying up."""


class Model(RuleBasedStateMachine):
    requests = Bundle("requests")
    erp: Sandbox
    people = None
    shops = 0

    def __init__(self):
        super().__init__()
        Model.shops += 1
        self.sid = f"sid{Model.shops}"
        self.erp.api.accounts[(self.sid, "demo_key")] = "demosecret:demosalt"
        self.erp.api.plan.clear()
        self.shop = make_shop(
            self.sid, sid=self.sid, members=vars(self.people).values(), orders_per_call=2, lookup_limit=3
        )
        self.account = Credential.objects.get(shop=self.shop)
        self.made, self.cancelled_before = 0, set()

    # --- people

    @rule(target=requests, statuses=st.lists(st.sampled_from(STATUSES), min_size=1, max_size=5))
    def draft(self, statuses):
        numbers = [f"CG{self.sid}-{self.made + number}" for number in range(len(statuses))]
        self.made += len(statuses)
        self.cancelled_before |= {number for number, status in zip(numbers, statuses, strict=True) if status == 10}
        self.erp.add(
            {"purchase_no": number, "status": status, "modified": timezone.now().timestamp()}
            for number, status in zip(numbers, statuses, strict=True)
        )
        return draft_of(self.shop, self.people.lina, numbers).pk

    @rule(request=requests, person=st.sampled_from(PERSONS), verb=st.sampled_from(VERBS))
    def somebody_does_something(self, request, person, verb):
        cancellation, by = CancellationRequest.objects.get(pk=request), getattr(self.people, person)
        lines, seal = cancellation.lines, cancellation.content_hash
        hopeless = lines.filter(snapshot__verdict="refused")
        verbs = {
            "submit": lambda: clerk.submit(cancellation, by=by),
            "withdraw": lambda: clerk.withdraw(cancellation, by=by),
            "approve": lambda: manager.approve(cancellation, by=by, seen_hash=seal),
            "reject": lambda: manager.reject(cancellation, by=by, seen_hash=seal, note="不要"),
            "stop": lambda: control.stop(cancellation, by=by, note="供应商改期"),
            "resume": lambda: control.resume(cancellation, by=by),
            "look again": lambda: lookups.look_again(cancellation, by=by),
            "drop": lambda: editing.drop(cancellation, by=by, lines=hopeless, why="refused"),
            "ask again": lambda: control.ask_again(cancellation, by=by),
            "manual": lambda: control.decide_by_hand(cancellation, by=by, lines=lines.all(), done=True, note="看过了"),
        }
        with suppress(WorkflowError):
            verbs[verb]()

    @rule(request=requests)
    def it_is_approved(self, request):
        """Else hardly anything would ever be sent."""
        for person, verb in (("lina", "submit"), ("wangqiang", "approve")):
            self.somebody_does_something(request, person, verb)

    @rule(paused=st.booleans())
    def the_account_is_paused_or_resumed(self, paused):
        with suppress(WorkflowError):
            if paused:
                administrator.pause_account(self.shop, by=self.people.zhaolei, note="升级")
            else:
                administrator.resume_account(self.shop, by=self.people.zhaolei)

    # --- the ERP and time

    @rule(
        name=st.sampled_from(MISBEHAVIOURS),
        method=st.sampled_from(["cancelByType", "queryWithDetail"]),
        times=st.integers(1, 3),
    )
    def the_erp_misbehaves(self, name, method, times):
        self.erp.misbehave(name, method=method, times=times)

    @rule(name=st.sampled_from(EMPTY), times=st.integers(1, 3))
    def the_erp_shows_nothing(self, name, times):
        self.erp.misbehave(name, method="queryWithDetail", times=times)

    @rule()
    def time_passes(self):
        Credential.objects.filter(pk=self.account.pk).update(next_call_at=None, lease_until=LONG_AGO, woken_at=None)
        OrderLine.objects.filter(shop=self.shop, settle_at__isnull=False).update(settle_at=LONG_AGO)
        self.shop.lookups.update(next_at=None)

    # --- workers

    @rule()
    def a_worker_works(self):
        slices.run_account(self.account.pk)

    @rule(point=st.sampled_from(list(CRASHES)), nth=st.integers(1, 3))
    def a_worker_is_killed(self, point, nth):
        module, name, after = CRASHES[point]
        function, left = getattr(module, name), [nth]

        def doomed(*arguments, **options):
            left[0] -= 1
            if left[0] == 0 and not after:
                raise Crash
            result = function(*arguments, **options)
            if left[0] == 0:
                raise Crash
            return result

        # The dead release nothing.
        with (
            mock.patch.object(module, name, doomed),
            mock.patch.object(lease, "release"),
            mock.patch.object(slices, "_hand_over"),
            suppress(Crash),
        ):
            slices.run_account(self.account.pk)

    # --- what must hold at every moment

    def calls(self):
        return [call for call in self.erp.calls("cancelByType") if call["sid"] == self.sid]

    def lines(self):
        return OrderLine.objects.filter(shop=self.shop)

    def cancelled_in_the_erp(self):
        """By whomever, and whatever was told of it."""
        mine = self.lines().values_list("order_no", flat=True)
        return {number for number in mine if self.erp.api.book.find(number).status == CANCELLED}

    @invariant()
    def nothing_is_sent_again_that_might_have_been_executed(self):
        risked = [number for call in self.calls() if is_risked(call) for number in call["numbers"]]
        assert len(risked) == len(set(risked))

    @invariant()
    def what_is_known_is_true(self):
        executed = {number for call in self.calls() for number in call["executed"]}
        # What the ERP falsely calls refused is a claim until it is verified.
        lines = self.lines().exclude(known_by="by_hand").exclude(outcome="REFUSED", known_by="reported")
        known = lines.values_list("order_no", "outcome")
        done = {number for number, outcome in known if outcome == "DONE"}
        not_done = {number for number, outcome in known if outcome in ("REFUSED", "LISTED", "WAITING", "SKIPPED")}
        # Whoever asks about an order that somebody else had cancelled before is told that it is cancelled.
        assert done <= self.cancelled_in_the_erp()
        assert not (executed - self.cancelled_before) & not_done

    @invariant()
    def nothing_is_sent_without_somebody_elses_approval(self):
        sent = CancellationRequest.objects.filter(shop=self.shop, calls__purpose="send")
        assert not sent.filter(decided_by=None).exists()
        assert not CancellationRequest.objects.filter(shop=self.shop, decided_by=self.people.lina).exists()

    @invariant()
    def an_order_in_doubt_says_why(self):
        assert not self.lines().filter(outcome="UNKNOWN", why="").exists()

    def teardown(self):
        """Everything is healthy again: whatever was approved comes to its end, and no order is left open."""
        self.erp.api.plan.clear()
        self.the_account_is_paused_or_resumed(paused=False)
        for _ in range(12):
            for request in CancellationRequest.objects.filter(shop=self.shop, status="PAUSED"):
                control.resume(request, by=self.people.wangqiang)
            self.time_passes()
            self.a_worker_works()
        open_requests = CancellationRequest.objects.filter(shop=self.shop, status__in=CancellationRequest.IN_PROGRESS)
        assert not open_requests.exists()
        assert not self.lines().filter(outcome="SENDING").exists()
        assert not self.lines().filter(outcome="UNKNOWN", settle_at__isnull=False).exists()
        self.what_is_known_is_true()
        self.nothing_is_sent_again_that_might_have_been_executed()


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_in_whatever_order_the_invariants_hold(part, cast, settings, monkeypatch):
    settings.ERP_READ_TIMEOUT, settings.SETTLE_GRACE_SECONDS = 1.0, 0
    monkeypatch.setattr(pace, "LONGEST_WAIT_IN_TURN", 0.5)
    with Sandbox(settings=Settings(0, 0, 0)) as erp:
        settings.ERP_ADDRESSES = {"sandbox": erp.address}
        Model.erp, Model.people = erp, cast
        own = type("Model", (Model,), {})
        run_state_machine_as_test(own if OTHERS else seed(part)(own), settings=EXAMPLES)


# Without MODEL_EXAMPLES always the same ones; with it as many others.
EXAMPLES = settings(
    max_examples=int(OTHERS or 27) // PARTS,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
