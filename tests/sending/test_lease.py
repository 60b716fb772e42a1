import pytest

from cancellations.models import Credential
from cancellations.sending import lease, slices
from tests.people import approved, make_shop

pytestmark = pytest.mark.django_db


def test_an_account_is_leased_to_one_sender_at_a_time(shop):
    pk = shop.credentials.get().pk
    first = lease.take(pk)
    assert first
    assert lease.take(pk) is None
    lease.release(first)
    assert lease.take(pk)


def test_a_lease_that_ran_out_can_be_taken(shop):
    pk = shop.credentials.get().pk
    former = lease.take(pk)
    Credential.objects.update(lease_until="2026-01-01T00:00Z")
    present = lease.take(pk)
    assert present.lease_token != former.lease_token
    with pytest.raises(lease.LeaseLost):
        lease.renew(former)
    lease.release(former)
    assert lease.take(pk) is None
    lease.renew(present)


def test_while_an_account_is_leased_a_second_slice_does_nothing(account, erp, shop, cast):
    approved(shop, cast.lina, cast.wangqiang, ["CG202611010001"])
    held = lease.take(account.credential.pk)
    account.work()
    assert not erp.calls()
    lease.release(held)
    account.work()
    assert erp.calls()


def test_an_account_that_is_in_use_does_not_hold_up_another_one(account, erp, shop, cast):
    erp.api.accounts["second_sid", "demo_key"] = "demosecret:demosalt"
    second = make_shop("第二家", sid="second_sid", members=[cast.lina, cast.wangqiang])
    approved(second, cast.lina, cast.wangqiang, ["CG202611010003"])
    lease.take(account.credential.pk)
    slices.run_account(second.credentials.get().pk)
    assert {call["sid"] for call in erp.calls()} == {"second_sid"}


def test_the_sweep_wakes_an_account_with_work_once(account, erp, shop, cast):
    account.sweep()
    assert not account.woken
    approved(shop, cast.lina, cast.wangqiang, ["CG202611010001"])
    for _ in range(3):
        account.sweep()
    assert account.woken == [account.credential.pk]


def test_a_wake_up_that_did_nothing_is_repeated(account, erp, shop, cast):
    approved(shop, cast.lina, cast.wangqiang, ["CG202611010001"])
    account.sweep()
    Credential.objects.update(woken_at="2026-01-01T00:00Z")
    account.sweep()
    assert len(account.woken) == 2


def test_a_slice_out_of_time_hands_over_at_its_release(account, erp, shop, cast, settings):
    settings.SLICE_SECONDS = 0
    approved(shop, cast.lina, cast.wangqiang, ["CG202611010001"])
    account.work()
    assert account.woken == [account.credential.pk]
    assert account.credential.lease_until is None
    assert not erp.calls()


def test_a_worker_that_is_to_end_starts_no_further_call(account, erp, shop, cast):
    from cancellations import sending

    approved(shop, cast.lina, cast.wangqiang, ["CG202611010001"])
    sending.stopping.set()
    account.work()
    assert not erp.calls()
    assert account.woken


def test_a_sender_that_has_lost_its_account_pauses_nothing(account, erp, shop, cast, monkeypatch):
    """It was frozen, say, and its clock or its signature is of yesterday."""
    from cancellations.wdt.client import Client

    cancellation = approved(shop, cast.lina, cast.wangqiang, ["CG202611010001"])
    erp.misbehave("clock", method="cancelByType")
    call = Client.call

    def taken_over_meanwhile(self, method, body, page=None, **how):
        answer = call(self, method, body, page, **how)
        Credential.objects.update(lease_until="2026-01-01T00:00Z")
        lease.take(account.credential.pk)
        return answer

    monkeypatch.setattr(Client, "call", taken_over_meanwhile)
    account.work()
    cancellation.refresh_from_db()
    assert cancellation.status == "APPROVED"
