"""The made history of the demo: nothing in it is only painted."""

import json
from datetime import timedelta
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from cancellations.models import (
    AuditCheck,
    CancellationRequest,
    Credential,
    DailyFigures,
    DailyRefusals,
    DailyShares,
    Event,
    MonthlyFigures,
    MonthlyRefusals,
    MonthlyShares,
    OrderLine,
    OrderSnapshot,
)
from cancellations.sending import slices
from wdtadmin.demo import cast, data
from wdtadmin.demo.__main__ import FIRST_TRY

Status, Outcome = CancellationRequest.Status, OrderLine.Outcome
FIGURES = (DailyFigures, DailyRefusals, DailyShares, MonthlyFigures, MonthlyRefusals, MonthlyShares)
pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(scope="module")
def now():
    return timezone.now()


@pytest.fixture(scope="module", autouse=True)
def made(now, django_db_setup, django_db_blocker, tmp_path_factory):
    """The file with the ERP's orders; the history is in the database as long as this module's tests run."""
    state = tmp_path_factory.mktemp("demo") / "erp.json"
    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(cast, "check_database", lambda: None)
        data.make(state, now)
        yield state
        transaction.set_rollback(True)


def test_requests_come_to_every_end():
    statuses = set(CancellationRequest.objects.values_list("status", flat=True))
    assert set(Status) - statuses == {Status.APPROVED, Status.RUNNING}
    assert CancellationRequest.objects.count() > 30


def test_orders_have_every_outcome_and_every_way_to_know_it():
    outcomes = set(OrderLine.objects.values_list("outcome", "known_by").distinct())
    assert {outcome for outcome, _ in outcomes} == set(Outcome) - {Outcome.SENDING}
    assert {known_by for _, known_by in outcomes} == set(OrderLine.KnownBy)
    reasons = set(OrderLine.objects.values_list("why", flat=True))
    assert {"contradicted", "not_carried_out", "not_visible", "not_provable", "unnamed"} <= reasons


def test_several_people_and_shops_take_part():
    assert CancellationRequest.objects.values("requester").distinct().count() == 4
    assert CancellationRequest.objects.values("decided_by").exclude(decided_by=None).distinct().count() == 2
    assert CancellationRequest.objects.values("shop").distinct().count() == 3


def test_snapshots_show_suppliers_and_amounts():
    found = OrderSnapshot.objects.filter(found=True)
    assert found.count() > 200
    assert not found.filter(provider_name="").exists()
    assert not found.filter(total_fee=None).exists()


def test_everything_happened_before_now_and_events_are_in_order(now):
    moments = list(Event.objects.order_by("pk").values_list("at", flat=True))
    assert all(before < after + timedelta(seconds=2) for before, after in pairwise(moments))
    assert now - timedelta(days=66) < moments[0] < now - timedelta(days=58)
    assert now - timedelta(hours=3) < moments[-1] <= now + timedelta(seconds=5)


def test_audit_trail_is_intact(capsys):
    call_command("verify_audit")
    assert f"All {Event.objects.count()} events are intact." in capsys.readouterr().out
    assert not AuditCheck.objects.exclude(fault="").exists()


def test_connections_of_all_seller_accounts_work():
    tests = Event.objects.filter(kind=Event.Kind.CONNECTION_TESTED)
    assert [event.data["works"] for event in tests] == [True] * 3


def test_figures_equal_a_recount():
    def rows():
        return [sorted(model.objects.values_list(*columns(model))) for model in FIGURES]

    def columns(model):
        return [field.attname for field in model._meta.concrete_fields if not field.primary_key]

    before = rows()
    assert all(before)
    call_command("recount")
    assert rows() == before


def test_nothing_is_sent_when_the_demo_starts():
    for credential in Credential.objects.select_related("shop"):
        assert not slices.has_work(credential)
    assert not CancellationRequest.objects.filter(status__in=CancellationRequest.SENDABLE).exists()


def test_what_awaits_a_decision_is_recent(now):
    submitted = CancellationRequest.objects.filter(status=Status.SUBMITTED).values_list("submitted_at", flat=True)
    assert len(submitted) == 3
    assert min(submitted) > now - timedelta(days=1)


def test_erp_knows_what_was_cancelled_and_what_to_try_first(made):
    orders = {order["purchase_no"]: order for order in json.loads(made.read_text())}
    done = OrderLine.objects.filter(outcome=Outcome.DONE, operation=0).values_list("order_no", flat=True)
    assert {orders[order_no]["status"] for order_no in done} == {10}
    assert len([order_no for order_no in FIRST_TRY if order_no in orders]) == 5
