"""Looking orders up before the decision: what is asked, in how many calls, and what happens when it goes wrong."""

import time
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from cancellations.models import ApiCall, CancellationRequest, Credential, Lookup, OrderSnapshot
from cancellations.sending import slices
from cancellations.sending.lookup import due_lookups
from cancellations.wdt.sandbox.orders import CHECKED, EDITING
from cancellations.workflow import clerk, editing, errors, lookups, manager
from tests.people import approved, draft_of, numbers, submitted
from tests.sending.conftest import sent

pytestmark = pytest.mark.django_db
QUERY, CANCEL = "queryWithDetail", "cancelByType"


def of_today(number, **fields):
    return {"purchase_no": number, "modified": time.time() - 60, **fields}


def verdicts(cancellation):
    return dict(cancellation.lines.values_list("order_no", "snapshot__verdict"))


def patient(cancellation):
    cancellation.lookups.update(next_at=None)


def test_a_draft_is_looked_up_and_what_the_erp_shows_is_kept(account, erp, shop, cast):
    cancellation = draft_of(shop, cast.lina, ["CG202611010001", "CG202611010004", "CG190001010001"])
    account.work()
    lookup = cancellation.lookups.get()
    assert (lookup.occasion, lookup.wanted, lookup.failure) == ("drafted", 3, "")
    assert lookup.ended_at
    line = cancellation.lines.select_related("snapshot").get(order_no="CG202611010001")
    order = erp.api.book.find("CG202611010001")
    shot = line.snapshot
    assert (shot.found, shot.status, shot.stockin_status) == (True, EDITING, 0)
    assert (shot.provider_name, shot.warehouse_name, shot.purchaser_name) == (
        order.provider_name,
        order.warehouse_name,
        order.purchaser_name,
    )
    assert shot.total_fee == Decimal(order.total_fee)
    assert shot.goods_count == sum(Decimal(goods["num"]) for goods in order.details)
    assert shot.goods[0]["name"] == order.details[0]["goods_name"]
    assert abs(shot.modified_at.timestamp() - order.modified) < 1
    assert verdicts(cancellation) == {
        "CG202611010001": "will",
        "CG202611010004": "refused",
        "CG190001010001": "not_visible",
    }
    event = cancellation.events.get(kind="looked_up")
    assert event.data["verdicts"] == {"will": 1, "refused": 1, "not_visible": 1}
    assert event.actor is None
    assert not erp.calls(CANCEL)


def test_submit_looks_up_again_and_ends_the_earlier_look_up(account, erp, shop, cast):
    cancellation = submitted(shop, cast.lina, numbers(3))
    drafted, again = cancellation.lookups.all()
    assert (drafted.failure, again.occasion) == ("overtaken", "submitted")
    account.work()
    again.refresh_from_db()
    assert again.ended_at
    assert not again.failure


def test_what_changed_since_the_submission_is_told(account, erp, shop, cast):
    order_nos = numbers(3)
    cancellation = draft_of(shop, cast.lina, order_nos)
    account.work()
    clerk.submit(cancellation, by=cast.lina)  # takes over what was looked up just now
    erp.api.book.change(order_nos[0], status=CHECKED, total_fee="99.5000")
    lookups.look_again(cancellation, by=cast.wangqiang)
    account.work()
    first, second, _ = cancellation.lines.select_related("snapshot")
    assert first.snapshot.changes["status"] == [EDITING, CHECKED]
    assert first.snapshot.changes["total_fee"][1] == "99.5000"
    assert (first.snapshot.is_changed, second.snapshot.is_changed) == (True, False)
    assert first.snapshots.count() == 2  # what was seen before is kept
    lookups.look_again(cancellation, by=cast.wangqiang)
    erp.api.book.change(order_nos[1], visible=False)
    account.work()
    second.refresh_from_db()
    assert second.snapshot.changes["found"] == [True, False]


def test_changes_are_relative_to_the_first_look_up(account, erp, shop, cast):
    cancellation = submitted(shop, cast.lina, numbers(1))
    account.work()
    assert not cancellation.lines.get().snapshot.is_changed
    erp.api.book.change(numbers(1)[0], status=CHECKED)
    lookups.look_again(cancellation, by=cast.lina)
    account.work()
    assert cancellation.lines.get().snapshot.changes == {"status": [EDITING, CHECKED]}


def test_many_orders_are_found_in_few_calls(account, erp, shop, cast):
    order_nos = [f"PO-{number}" for number in range(250)]
    erp.add(of_today(number) for number in order_nos)
    cancellation = draft_of(shop, cast.lina, [*order_nos, "CG190001010001"])
    account.work()
    assert set(verdicts(cancellation).values()) == {"will", "not_visible"}
    by_window, by_number = (
        [call for call in erp.calls(QUERY) if ("start_time" in call["body"]) is window] for window in (True, False)
    )
    assert (len(by_window), len(by_number)) == (3, 1)  # 250 and some of the sandbox's own orders; the missing one


def test_what_the_window_does_not_show_is_asked_by_number(account, erp, shop, cast):
    long_ago = time.time() - 90 * 86_400
    erp.add({"purchase_no": f"OLD-{number}", "modified": long_ago} for number in range(5))
    cancellation = draft_of(shop, cast.lina, [f"OLD-{number}" for number in range(5)])
    account.work()
    assert set(verdicts(cancellation).values()) == {"will"}
    assert len([call for call in erp.calls(QUERY) if "purchase_no" in call["body"]]) == 5


def test_a_window_with_too_many_pages_is_not_read_to_its_end(account, erp, shop, cast):
    erp.add(of_today(f"OTHER-{number}") for number in range(1500))
    erp.add({"purchase_no": f"OLD-{number}", "modified": 0} for number in range(6))
    draft_of(shop, cast.lina, [f"OLD-{number}" for number in range(6)])
    account.work()
    assert len(erp.calls(QUERY)) == 1 + 6


def test_a_long_list_is_looked_up_by_an_even_sample(account, erp, shop, cast):
    shop.lookup_limit = 10
    shop.save()
    cancellation = draft_of(shop, cast.lina, numbers(40))
    lookup = cancellation.lookups.get()
    assert (lookup.wanted, lookup.of, lookup.is_sample) == (10, 40, True)
    positions = list(lookup.snapshots.values_list("line__position", flat=True))
    assert positions == list(range(1, 41, 4))
    account.work()
    assert cancellation.lines.filter(snapshot__found=True).count() == 10


def test_a_limit_of_none_looks_nothing_up(account, erp, shop, cast):
    shop.lookup_limit = 0
    shop.save()
    cancellation = submitted(shop, cast.lina, numbers(3))
    account.work()
    assert not erp.calls()
    with pytest.raises(errors.NothingIsLookedUp):
        lookups.look_again(cancellation, by=cast.lina)


def test_it_comes_behind_everything_that_is_sent(account, erp, shop, cast):
    shop.orders_per_call = 2
    shop.save()
    draft_of(shop, cast.sunyue, numbers(3, start=20))
    approved(shop, cast.lina, cast.wangqiang, numbers(4))
    account.work()
    methods = [call["method"].rpartition(".")[2] for call in erp.calls()]
    assert methods[:2] == [CANCEL, CANCEL]
    looked_up = [call for call in ApiCall.objects.order_by("pk") if call.purpose == "look_up"]
    assert looked_up[0].pk > max(ApiCall.objects.exclude(purpose="look_up").values_list("pk", flat=True))


def test_a_request_that_a_manager_waits_for_comes_before_a_draft(account, erp, shop, cast):
    draft = draft_of(shop, cast.sunyue, numbers(1))
    waiting = submitted(shop, cast.lina, numbers(1, start=3))
    account.work()
    assert draft.lookups.get().ended_at > waiting.lookups.last().ended_at


def test_a_short_list_is_not_held_up_by_a_long_one(account, erp, shop, cast):
    long = draft_of(shop, cast.lina, numbers(6))
    short = draft_of(shop, cast.sunyue, numbers(2, start=50))
    assert [lookup.cancellation for lookup in due_lookups(shop)] == [short, long]
    account.work()
    assert not due_lookups(shop).exists()


@pytest.mark.parametrize("misbehaviour", ["cut_before", "http_500", "html", "broken_json", "empty", "db_error"])
def test_a_missing_answer_is_retried_beside_the_sending(misbehaviour, account, erp, shop, cast):
    cancellation = draft_of(shop, cast.lina, numbers(1))
    erp.misbehave(misbehaviour, method=QUERY)
    account.work()
    account.credential.refresh_from_db()
    assert account.credential.waiting_for == ""
    request = approved(shop, cast.sunyue, cast.wangqiang, numbers(1, start=3))
    account.work()
    request.refresh_from_db()
    assert request.status == "FINISHED"
    lookup = cancellation.lookups.get()
    assert lookup.ended_at
    assert cancellation.lines.get().snapshot is None  # asked, without an answer that was understood
    assert lookup.snapshots.get().because == "no_answer"


def test_one_order_the_erp_chokes_on_does_not_block_others(account, erp, shop, cast):
    cancellation = draft_of(shop, cast.lina, numbers(3))
    erp.misbehave("http_500", method=QUERY, skip=1)
    for _ in range(3):
        account.work()
        patient(cancellation)
    assert sorted(verdicts(cancellation).items(), key=str)[0][1] == "will"
    assert list(verdicts(cancellation).values()).count(None) == 1


def test_after_five_failures_in_a_row_it_is_given_up(account, erp, shop, cast):
    cancellation = draft_of(shop, cast.lina, numbers(9))
    erp.misbehave("html", method=QUERY, times=50)
    for _ in range(8):
        account.work()
        patient(cancellation)
    lookup = cancellation.lookups.get()
    assert (lookup.failure, len(erp.calls(QUERY))) == ("no_answer", 5)


@pytest.mark.parametrize("misbehaviour", ["permission", "sign", "ip", "clock"])
def test_a_permanent_error_ends_the_look_up_and_pauses_nothing(misbehaviour, account, erp, shop, cast):
    cancellation = submitted(shop, cast.lina, numbers(9))
    erp.misbehave(misbehaviour, method=QUERY, times=9)
    account.work()
    lookup = cancellation.lookups.last()
    assert (lookup.failure, len(erp.calls(QUERY))) == (misbehaviour, 1)
    assert lookup.message
    cancellation.refresh_from_db()
    assert cancellation.status == "SUBMITTED"
    manager.approve(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash)
    assert cancellation.events.get(kind="approved").data["lookup"] == misbehaviour


def test_the_third_rate_limit_ends_the_look_up(account, erp, shop, cast):
    cancellation = draft_of(shop, cast.lina, numbers(9))
    erp.misbehave("rate", method=QUERY, times=9)
    account.work()
    assert len(erp.calls()) == 1
    assert account.credential.next_call_at - timezone.now() > timedelta(seconds=55)
    assert not cancellation.lookups.get().ended_at
    for _ in range(2):
        account.be_patient()
        account.work()
    assert cancellation.lookups.get().failure == "rate"


def test_while_the_erp_is_down_the_look_up_is_retried(account, erp, shop, cast, settings):
    cancellation = draft_of(shop, cast.lina, numbers(2))
    there, settings.ERP_ADDRESSES = settings.ERP_ADDRESSES, {"sandbox": "http://127.0.0.1:9/openapi"}
    for _ in range(9):
        account.be_patient()
        account.work()
    assert not cancellation.lookups.get().ended_at
    settings.ERP_ADDRESSES = there
    account.be_patient()
    account.work()
    assert set(verdicts(cancellation).values()) == {"will"}


def test_without_a_credential_it_ends_and_says_why(shop, cast):
    cancellation = draft_of(shop, cast.lina, numbers(2))
    Credential.objects.update(is_active=False)
    slices.sweep()
    assert cancellation.lookups.get().failure == "no_credential"


def test_with_a_secret_that_cannot_be_read_it_ends_and_says_why(account, shop, cast, settings):
    cancellation = draft_of(shop, cast.lina, numbers(2))
    settings.CREDENTIAL_KEYS = ["x"]
    account.work()
    assert cancellation.lookups.get().failure == "secret"


def test_approve_ends_the_look_up_and_records_what_was_known(account, erp, shop, cast):
    cancellation = submitted(shop, cast.lina, numbers(2))
    manager.approve(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash)
    assert cancellation.events.get(kind="approved").data["lookup"] == "running"
    assert cancellation.events.get(kind="approved").data["looked_up"] == 0
    assert cancellation.lookups.last().failure == "overtaken"
    account.work()
    assert sorted(sent(erp)) == numbers(2)
    assert not ApiCall.objects.filter(purpose="look_up").exists()


def test_a_decision_records_how_many_were_expected_to_fail(account, erp, shop, cast):
    cancellation = submitted(shop, cast.lina, ["CG202611010001", "CG202611010004", "CG190001010001"])
    account.work()
    manager.reject(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash, note="一张已取消")
    data = cancellation.events.get(kind="rejected").data
    assert (data["lookup"], data["looked_up"], data["expected_to_fail"], data["not_visible"]) == ("complete", 3, 1, 1)


def test_a_killed_worker_costs_nothing_but_the_call(account, erp, shop, cast):
    cancellation = draft_of(shop, cast.lina, numbers(2))
    lookup = cancellation.lookups.get()
    call = ApiCall.objects.create(
        credential=account.credential,
        cancellation=cancellation,
        purpose="look_up",
        method="x",
        body="[]",
        started_at=timezone.now(),
    )
    account.work()
    call.refresh_from_db()
    lookup.refresh_from_db()
    assert (call.state, call.problem) == ("unknown", "interrupted")
    assert lookup.ended_at
    assert CancellationRequest.objects.get().status == "DRAFT"


def test_a_look_up_of_a_deleted_draft_writes_nothing(account, erp, shop, cast):
    cancellation = draft_of(shop, cast.lina, numbers(4))
    editing.drop(cancellation, by=cast.lina, lines=cancellation.lines.filter(position__gt=1), why="refused")
    assert OrderSnapshot.objects.count() == 1
    account.work()
    assert Lookup.objects.get().ended_at
    assert set(verdicts(cancellation)) == {numbers(1)[0]}


def test_the_spelling_of_the_erp_is_kept_where_it_differs(account, erp, shop, cast):
    typed, exact = numbers(1)[0].lower(), numbers(2)[1]
    cancellation = submitted(shop, cast.lina, [typed, exact])
    account.work()
    first, second = cancellation.lines.select_related("snapshot")
    assert (first.order_no, first.snapshot.spelling) == (typed, typed.upper())
    assert second.snapshot.spelling == ""
