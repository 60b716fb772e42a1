"""The raw texts of old calls can be emptied; nothing else ever is, and the history says so."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from cancellations.audit import verification
from cancellations.housekeeping import empty_old_calls
from cancellations.models import ApiCall, CancellationRequest, Event, OrderLine
from cancellations.workflow import retention
from tests.people import approved

pytestmark = pytest.mark.django_db
Status = CancellationRequest.Status


def call_of(cancellation, *, days_ago=100, **fields):
    ended = timezone.now() - timedelta(days=days_ago)
    about = {"purpose": "send", "method": "m", "body": '["CG1"]', "answer": "yes", "state": "answered"} | fields
    return ApiCall.objects.create(
        credential=cancellation.shop.credentials.get(),
        cancellation=cancellation,
        started_at=ended,
        finished_at=None if about["state"] == "in_flight" else ended,
        **about,
    )


@pytest.fixture
def ended(shop, cast):
    """A request that has ended, all of whose orders are done in an old call."""
    return with_outcome(approved(shop, cast.lina, cast.wangqiang, ["CG1", "CG2"]))


def with_outcome(cancellation):
    call = call_of(cancellation)
    known = {"outcome": "DONE", "known_by": "reported", "message": "yes"}
    cancellation.lines.update(**known, sent_in=call, outcome_at=call.finished_at)
    CancellationRequest.objects.filter(pk=cancellation.pk).update(status=Status.FINISHED)
    return cancellation


def everything_of(model, *without):
    return [{key: value for key, value in row.items() if key not in without} for row in model.objects.values()]


def empty():
    return retention.empty_calls(ended_before=timezone.now() - timedelta(days=90))


def test_prune_empties_old_calls_and_keeps_the_rest(ended):
    young = call_of(ended, days_ago=10)
    emptied = ("body", "answer", "pruned_at")
    before = [everything_of(ApiCall, *emptied), everything_of(OrderLine), everything_of(CancellationRequest)]
    events = everything_of(Event)
    assert empty() == 1
    assert [everything_of(ApiCall, *emptied), everything_of(OrderLine), everything_of(CancellationRequest)] == before
    old = ended.calls.exclude(pk=young.pk).get()
    young.refresh_from_db()
    assert (old.body, old.answer, young.body, young.answer) == ("", "", '["CG1"]', "yes")
    assert old.pruned_at
    assert young.pruned_at is None
    *others, told = everything_of(Event)
    assert others == events
    assert (told["kind"], told["actor_id"], told["data"]["calls"]) == ("pruned", None, 1)


def test_the_event_says_up_to_when_and_is_in_the_chain(ended):
    until = timezone.now() - timedelta(days=90)
    retention.empty_calls(ended_before=until)
    told = Event.objects.get(kind="pruned")
    assert told.data["ended_before"] == until.isoformat()
    check = verification.check()
    assert (check.fault, check.last_event_id) == ("", told.pk)


def test_a_second_time_there_is_nothing_and_nothing_is_said(ended):
    assert [empty(), empty()] == [1, 0]
    assert Event.objects.filter(kind="pruned").count() == 1


@pytest.mark.parametrize("status", [Status.APPROVED, Status.RUNNING])
def test_a_request_that_has_not_ended_keeps_its_calls(status, ended):
    CancellationRequest.objects.filter(pk=ended.pk).update(status=status)
    assert empty() == 0


@pytest.mark.parametrize(
    "undecided",
    [
        {"outcome": "UNKNOWN", "known_by": ""},
        {"outcome": "UNKNOWN", "known_by": "", "settle_at": timezone.now()},
        {"settle_at": timezone.now()},
    ],
    ids=["nobody could find out", "the ERP will be asked", "done, and the ERP will be asked"],
)
def test_a_request_with_an_order_in_doubt_keeps_its_calls(undecided, ended):
    ended.lines.filter(position=2).update(**undecided)
    assert empty() == 0
    assert not ended.calls.filter(body="").exists()


def test_prune_leaves_calls_in_flight_and_tests_alone(ended):
    call_of(ended, state="in_flight")
    probe = call_of(ended, purpose="probe")
    ApiCall.objects.filter(pk=probe.pk).update(cancellation=None)
    assert empty() == 1
    assert ApiCall.objects.filter(pruned_at=None).count() == 2


def test_the_prune_command_does_nothing_by_default(ended, settings, capsys):
    with pytest.raises(CommandError, match="by default nothing is emptied"):
        call_command("prune")
    with pytest.raises(CommandError):
        call_command("prune", older_than=0)
    call_command("prune", older_than=101)
    assert "0 calls" in capsys.readouterr().out
    settings.KEEP_RAW_DAYS = 30
    call_command("prune")
    assert "1 calls" in capsys.readouterr().out


def test_the_workers_do_it_daily_if_the_setting_says_so(ended, settings):
    empty_old_calls()
    assert ended.calls.filter(pruned_at=None).exists()
    settings.KEEP_RAW_DAYS = 30
    empty_old_calls()
    assert not ended.calls.filter(pruned_at=None).exists()
