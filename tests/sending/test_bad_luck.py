"""What the ERP, the network and the people's settings can do to a call, and what the page may then say."""

import pytest

from cancellations.history import story
from cancellations.models import AccountProblem, ApiCall, CancellationRequest, OrderLine
from cancellations.wdt.client import CANCEL_BY_TYPE, Client
from cancellations.workflow import control
from tests.people import approved, numbers
from tests.sending.conftest import executed, outcomes, sent

Status = CancellationRequest.Status
pytestmark = pytest.mark.django_db
ORDERS = ["CG202611010001", "CG202611010003"]


def send(shop, cast, account, order_nos=ORDERS):
    cancellation = approved(shop, cast.lina, cast.wangqiang, order_nos)
    account.work()
    cancellation.refresh_from_db()
    return cancellation


@pytest.mark.parametrize(
    "name", ["cut_after", "cut_mid", "http_500_after", "html_after", "broken_json", "empty", "db_error_after"]
)
def test_an_executed_call_without_answer_is_never_repeated(account, erp, shop, cast, name):
    erp.misbehave(name, method="cancelByType")
    cancellation = send(shop, cast, account)
    if cancellation.status != Status.FINISHED:
        assert {outcome for outcome, _ in outcomes(cancellation).values()} == {"UNKNOWN"}
        account.be_patient()
        account.work()
    assert set(outcomes(cancellation).values()) == {("DONE", "verified")}
    assert sent(erp) == ORDERS


@pytest.mark.parametrize("name", ["cut_before", "http_500", "html"])
def test_a_call_not_executed_is_found_out_and_not_repeated(account, erp, shop, cast, name):
    erp.misbehave(name, method="cancelByType")
    cancellation = send(shop, cast, account)
    account.be_patient()
    account.work()
    assert set(outcomes(cancellation).values()) == {("REFUSED", "verified")}
    assert {line.why for line in cancellation.lines.all()} == {OrderLine.Why.NOT_CARRIED_OUT}
    assert sent(erp) == ORDERS
    assert not executed(erp)


def test_a_call_that_takes_too_long_is_unknown_until_verified(account, erp, shop, cast):
    erp.misbehave("slow_after", method="cancelByType", seconds=1.5)
    cancellation = send(shop, cast, account)
    assert set(outcomes(cancellation).values()) <= {("UNKNOWN", ""), ("DONE", "verified")}
    account.be_patient()
    account.work()
    assert set(outcomes(cancellation).values()) == {("DONE", "verified")}
    assert sent(erp) == ORDERS


def test_not_cancelled_proves_nothing_during_the_grace(account, erp, shop, cast, settings):
    settings.SETTLE_GRACE_SECONDS = 150
    erp.misbehave("cut_before", method="cancelByType")
    cancellation = send(shop, cast, account)
    account.be_patient()
    account.work()
    assert set(outcomes(cancellation).values()) == {("UNKNOWN", "")}


@pytest.mark.parametrize("name", ["wrong_count", "plain_message", "foreign_number", "empty_message"])
def test_an_answer_that_does_not_add_up_is_settled_by_asking(account, erp, shop, cast, name):
    erp.misbehave(name, method="cancelByType")
    cancellation = send(shop, cast, account, [*ORDERS, "CG202611010006"])
    account.be_patient()
    account.work()
    found = outcomes(cancellation)
    assert {found[number] for number in ORDERS} == {("DONE", "verified")}
    assert found["CG202611010006"][0] == "REFUSED"
    assert sorted(executed(erp)) == ORDERS


@pytest.mark.parametrize("name", ["full_width", "string_entries", "partial"])
def test_a_mixed_answer_is_read_in_every_known_shape(account, erp, shop, cast, name):
    erp.misbehave(name, method="cancelByType")
    cancellation = send(shop, cast, account, [*ORDERS, "CG202611010006", "CG202611010008"])
    account.be_patient()
    account.work()
    done = {number for number, (outcome, _) in outcomes(cancellation).items() if outcome == "DONE"}
    assert done == set(executed(erp))


@pytest.mark.parametrize(
    ("name", "reason"),
    [("sign", "sign"), ("ip", "ip"), ("clock", "clock"), ("permission", "permission"), ("argument", "argument")],
)
def test_an_account_error_pauses_and_resume_carries_on(account, erp, shop, cast, name, reason):
    erp.misbehave(name, method="cancelByType")
    cancellation = send(shop, cast, account)
    assert (cancellation.status, cancellation.pause_reason) == (Status.PAUSED, reason)
    assert cancellation.pause_message
    assert set(outcomes(cancellation).values()) == {("WAITING", "")}
    account.work()
    assert len(erp.calls("cancelByType")) == 1
    control.resume(cancellation, by=cast.wangqiang)
    account.be_patient()
    account.work()
    assert set(outcomes(cancellation).values()) == {("DONE", "verified")}


@pytest.mark.parametrize("name", ["rate", "concurrency"])
def test_a_rate_answer_waits_a_minute_then_five_then_parks(account, erp, shop, cast, name):
    erp.misbehave(name, method="cancelByType", times=3)
    cancellation = approved(shop, cast.lina, cast.wangqiang, ORDERS)
    waits = []
    for _ in range(3):
        account.be_patient()
        account.work()
        call = ApiCall.objects.first()
        waits.append(round((account.credential.next_call_at - call.finished_at).total_seconds()))
        cancellation.refresh_from_db()
        assert set(outcomes(cancellation).values()) == {("WAITING", "")}
    assert waits[:2] == [60, 300]
    assert (cancellation.status, cancellation.pause_reason) == (Status.PAUSED, "rate")


def test_while_the_erp_is_down_the_request_stays_approved(account, erp, shop, cast, settings):
    settings.ERP_ADDRESSES = {"sandbox": "http://127.0.0.1:9/openapi"}
    cancellation = send(shop, cast, account)
    assert cancellation.status == Status.APPROVED
    assert account.credential.waiting_for == AccountProblem.UNREACHABLE
    assert account.credential.next_call_at
    settings.ERP_ADDRESSES = {"sandbox": erp.address}
    account.be_patient()
    account.woken.clear()
    account.sweep()
    assert account.woken == [account.credential.pk]
    account.work()
    cancellation.refresh_from_db()
    assert cancellation.status == Status.FINISHED
    assert account.credential.waiting_for == ""


def test_without_the_right_to_ask_nothing_is_verified(account, erp, shop, cast):
    erp.misbehave("permission", method="queryWithDetail", times=9)
    cancellation = send(shop, cast, account)
    assert set(outcomes(cancellation).values()) == {("DONE", "reported")}
    erp.misbehave("cut_after", method="cancelByType")
    unknown = send(shop, cast, account, ["CG202611010005"])
    account.be_patient()
    account.work()
    assert outcomes(unknown) == {"CG202611010005": ("UNKNOWN", "")}
    assert unknown.lines.get().why == OrderLine.Why.MAY_NOT_ASK


def test_an_order_the_app_key_may_not_see_stays_unknown(account, erp, shop, cast):
    erp.api.book.change(ORDERS[0], visible=False)
    erp.misbehave("cut_after", method="cancelByType")
    cancellation = send(shop, cast, account, ORDERS[:1])
    for _ in range(6):
        account.be_patient()
        account.work()
    line = cancellation.lines.get()
    assert (line.outcome, line.why, line.settle_at) == ("UNKNOWN", OrderLine.Why.NOT_VISIBLE, None)
    cancellation.refresh_from_db()
    assert cancellation.status == Status.FINISHED


def test_a_success_that_the_erp_contradicts_is_reported(account, erp, shop, cast):
    real = erp.api.book.operate
    erp.api.book.operate = lambda operation, numbers, **how: (list(numbers), {ORDERS[1]: "单据不存在"})
    cancellation = send(shop, cast, account)
    erp.api.book.operate = real
    account.be_patient()
    account.work()
    line = cancellation.lines.get(order_no=ORDERS[0])
    assert (line.outcome, line.known_by, line.why) == ("REFUSED", "verified", OrderLine.Why.CONTRADICTED)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda shop: shop.credentials.update(is_active=False), "no_credential"),
        (lambda shop: type(shop).objects.filter(pk=shop.pk).update(is_active=False), "no_credential"),
        (lambda shop: type(shop).objects.filter(pk=shop.pk).update(environment="nowhere"), "no_address"),
    ],
)
def test_a_shop_that_became_unusable_pauses_what_was_approved(account, erp, shop, cast, spoil, reason):
    cancellation = approved(shop, cast.lina, cast.wangqiang, ORDERS)
    spoil(shop)
    account.sweep()
    account.work()
    cancellation.refresh_from_db()
    assert (cancellation.status, cancellation.pause_reason) == (Status.PAUSED, reason)
    assert not erp.calls()


def test_a_secret_that_cannot_be_read_makes_no_call(account, erp, shop, cast, settings):
    from cryptography.fernet import Fernet

    cancellation = approved(shop, cast.lina, cast.wangqiang, ORDERS)
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    account.work()
    cancellation.refresh_from_db()
    assert (cancellation.status, cancellation.pause_reason) == (Status.PAUSED, "secret")
    assert not erp.calls()


def test_stop_sends_nothing_further_and_keeps_what_was_sent(account, erp, shop, cast, monkeypatch):
    order_nos = numbers(59)[::2]
    shop.seconds_between_calls = "0.3"  # one call at a time
    shop.save()
    cancellation = approved(shop, cast.lina, cast.wangqiang, order_nos)
    call = Client.call

    def stopped_during_the_call(self, method, body, page=None, **how):
        answer = call(self, method, body, page, **how)
        if method == CANCEL_BY_TYPE:
            control.stop(CancellationRequest.objects.get(pk=cancellation.pk), by=cast.lina, note="供应商改期")
        return answer

    monkeypatch.setattr(Client, "call", stopped_during_the_call)
    account.work()
    cancellation.refresh_from_db()
    assert cancellation.status == Status.STOPPED
    assert sent(erp) == order_nos[:20]
    found = outcomes(cancellation)
    assert {found[number] for number in order_nos[:20]} == {("DONE", "verified")}
    assert {found[number] for number in order_nos[20:]} == {("SKIPPED", "")}


def test_stop_records_what_it_kept_from_being_sent(account, erp, shop, cast, monkeypatch):
    shop.seconds_between_calls, shop.orders_per_call = "0.1", 2  # some calls are written ahead together
    shop.save()
    order_nos = numbers(11)[::2]
    cancellation = approved(shop, cast.lina, cast.wangqiang, order_nos)
    call = Client.call

    def stopped_during_the_call(self, method, body, page=None, **how):
        answer = call(self, method, body, page, **how)
        if method == CANCEL_BY_TYPE:
            control.stop(CancellationRequest.objects.get(pk=cancellation.pk), by=cast.lina, note="供应商改期")
        return answer

    monkeypatch.setattr(Client, "call", stopped_during_the_call)
    account.work()
    assert sent(erp) == order_nos[:2]
    event = cancellation.events.get(kind="not_sent")
    unmade = cancellation.calls.filter(problem="not_made")
    assert event.data == {"calls": sorted(unmade.values_list("pk", flat=True)), "not_sent": 4}
    assert cancellation.lines.filter(outcome="SKIPPED", outcome_at=event.at).count() == 4
    for order_no, told in ((order_nos[0], []), (order_nos[-1], [event.at])):
        [chapter] = story.of_order(shop, order_no, person=cast.lina)
        assert [step.at for step in chapter.steps if step.what == "not_sent"] == told


def test_a_refused_call_does_not_skip_orders_that_wait_again(account, erp, shop, cast):
    erp.misbehave("rate", method="cancelByType")
    cancellation = approved(shop, cast.lina, cast.wangqiang, ORDERS)
    account.work()
    assert set(outcomes(cancellation).values()) == {("WAITING", "")}
    assert not cancellation.events.filter(kind="not_sent").exists()
