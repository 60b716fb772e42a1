"""The database away, the disk full, the ERP on its worst days, the clock off: with workers that live through it."""

import time

import pytest
from django.db import connection

from cancellations.models import CancellationRequest
from cancellations.workflow import control
from tests import processes
from tests.faults import invariants
from tests.faults.conftest import (
    in_the_erp,
    is_alive,
    kill,
    settled_without_waiting,
    take_the_database_away,
    wait_for_the_outcomes,
    what_the_dead_held_becomes_free,
)
from tests.people import approved

MISBEHAVIOURS = [
    "http_500",
    "http_500_after",
    "cut_before",
    "cut_after",
    "cut_mid",
    "html",
    "html_after",
    "broken_json",
    "empty",
    "db_error",
    "db_error_after",
    "slow_after",
    "hang",
    "wrong_count",
    "plain_message",
    "foreign_number",
    "empty_message",
    "full_width",
    "string_entries",
    "partial",
    "unchecked",
    "told_failed",
    "meddled",
    "hidden_502",
]
# Of queries: the ERP shows nothing in any of its forms, or does not allow to ask.
UNHELPFUL = [
    "empty_null",
    "empty_absent",
    "empty_list",
    "empty_order_null",
    "empty_order_absent",
    "internal",
    "warehouse",
    "warehouse_of_the_order",
    "no_such_warehouse",
    "hidden_warehouse",
    "no_warehouse",
]


def status_of(cancellation):
    return CancellationRequest.objects.values_list("status", flat=True).get(pk=cancellation.pk)


@pytest.mark.parametrize("name", MISBEHAVIOURS)
def test_whatever_the_erp_does_no_order_is_lost_or_sent_again(name, nursery, erp, report, shop, cast):
    order_nos = [*in_the_erp(erp, 5), *in_the_erp(erp, 3, prefix="R", status=60)]
    erp.misbehave(name, method="cancelByType", times=2, skip=1, seconds=2.5)
    cancellation = approved(shop, cast.lina, cast.wangqiang, order_nos)
    nursery()
    wait_for_the_outcomes(cancellation)
    invariants.every_outcome_agrees_with_the_erp(cancellation, erp)
    report(cancellation, cuts=2)


@pytest.mark.parametrize("name", UNHELPFUL)
def test_whatever_a_query_says_no_order_is_lost_or_sent_again(name, nursery, erp, report, shop, cast):
    order_nos = [*in_the_erp(erp, 5), *in_the_erp(erp, 3, prefix="R", status=60)]
    erp.misbehave("cut_after", method="cancelByType", skip=1)
    erp.misbehave(name, method="queryWithDetail", times=2)
    cancellation = approved(shop, cast.lina, cast.wangqiang, order_nos)
    nursery()
    wait_for_the_outcomes(cancellation)
    report(cancellation, cuts=1)


def test_orders_that_were_only_unchecked_stay_refused(nursery, erp, report, shop, cast):
    order_nos = [*in_the_erp(erp, 4, status=40), *in_the_erp(erp, 4, prefix="R")]
    erp.misbehave("unchecked", method="cancelByType", times=2)
    cancellation = approved(shop, cast.lina, cast.wangqiang, order_nos, allow_checked=True)
    nursery()
    wait_for_the_outcomes(cancellation)
    refused = cancellation.lines.filter(outcome="REFUSED")
    assert set(refused.values_list("order_no", "erp_status")) == {(number, 20) for number in order_nos[:4]}
    report(cancellation)


@pytest.mark.alone
def test_a_worker_survives_ten_seconds_without_a_database(nursery, erp, report, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, in_the_erp(erp, 24))
    worker = nursery()
    processes.wait_until(lambda: len(erp.calls("cancelByType")) > 2, "it sends")
    take_the_database_away(10)
    assert is_alive(worker)
    wait_for_the_outcomes(cancellation)
    report(cancellation, outages=1)


def test_an_answer_is_kept_while_the_disk_is_full(nursery, erp, report, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, in_the_erp(erp, 8))
    if connection.vendor == "sqlite":
        worker = nursery(disk_full_seconds=2)
    else:
        worker = nursery()
        the_server_says_disk_full(seconds=2)
    wait_for_the_outcomes(cancellation)
    assert is_alive(worker)
    assert set(cancellation.lines.values_list("outcome", "known_by")) == {("DONE", "verified")}
    report(cancellation, outages=1)


def the_server_says_disk_full(seconds):
    """PostgreSQL refuses to store answers with the error that it has for a full disk."""
    table = "cancellations_apicall"
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$"
        )
        cursor.execute(f"CREATE TRIGGER full_disk BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION disk_full()")
    time.sleep(seconds)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER full_disk ON {table}")


def test_an_unknown_address_pauses_until_it_is_known(nursery, erp, report, shop, cast):
    erp.misbehave("cut_before", method="queryWithDetail", times=3)
    cancellation = approved(shop, cast.lina, cast.wangqiang, in_the_erp(erp, 6))
    shop.environment = "elsewhere"
    shop.save()
    nursery()  # knows no such address: the request pauses, and says why
    processes.wait_until(lambda: status_of(cancellation) == "PAUSED", "it pauses")
    assert not erp.calls("cancelByType")
    shop.environment = "sandbox"
    shop.save()
    cancellation.refresh_from_db()
    control.resume(cancellation, by=cast.wangqiang)
    wait_for_the_outcomes(cancellation)
    report(cancellation, outages=1)


def test_ten_minutes_of_rate_limits_pause_until_resumed(nursery, erp, report, shop, cast):
    erp.misbehave("rate", method="cancelByType", times=3, skip=1)
    cancellation = approved(shop, cast.lina, cast.wangqiang, in_the_erp(erp, 8))
    nursery()

    def paused():
        time.sleep(0.1)
        settled_without_waiting(cancellation)  # a minute, then five: moved, not waited for
        return status_of(cancellation) == "PAUSED"

    processes.wait_until(paused, "it pauses")
    assert sum(call["status"] == 100 for call in erp.calls("cancelByType")) == 3
    cancellation.refresh_from_db()
    assert cancellation.pause_reason == "rate"
    control.resume(cancellation, by=cast.wangqiang)
    wait_for_the_outcomes(cancellation)
    assert set(cancellation.lines.values_list("outcome", flat=True)) == {"DONE"}
    report(cancellation, outages=1)


@pytest.mark.parametrize("seconds", [-300, 300])
def test_a_clock_five_minutes_off_pauses_and_executes_nothing(seconds, nursery, erp, report, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, in_the_erp(erp, 6))
    wrong = nursery(clock_off=seconds)
    processes.wait_until(lambda: status_of(cancellation) == "PAUSED", "it pauses")
    cancellation.refresh_from_db()
    assert cancellation.pause_reason == "clock"
    assert not [call for call in erp.calls() if call["executed"]]
    kill(wrong)
    what_the_dead_held_becomes_free()
    control.resume(cancellation, by=cast.wangqiang)
    nursery()
    wait_for_the_outcomes(cancellation)
    assert set(cancellation.lines.values_list("outcome", flat=True)) == {"DONE"}
    report(cancellation, outages=1)


def test_stop_sends_nothing_further_and_records_the_call(nursery, erp, report, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, in_the_erp(erp, 20))
    erp.set(latency=0.4)
    nursery()
    processes.wait_until(lambda: len(erp.calls("cancelByType")) == 2, "the second call is under way")
    mine = CancellationRequest.objects.get(pk=cancellation.pk)
    control.stop(mine, by=cast.lina, note="供应商改期")
    wait_for_the_outcomes(cancellation)
    assert len(erp.calls("cancelByType")) == 2
    assert cancellation.lines.filter(outcome="SKIPPED").count() == 16
    assert cancellation.lines.filter(outcome="DONE", known_by="verified").count() == 4
    report(cancellation)
