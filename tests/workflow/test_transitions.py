"""Every verb from every status: it does what the table says, or says that the request has moved on."""

import uuid

import pytest

from cancellations.models import CancellationRequest, OrderLine
from cancellations.workflow import clerk, control, drafts, machine, manager
from cancellations.workflow.errors import ContentChanged, MovedOn, NotAllowed, NoteMissing
from cancellations.workflow.transitions import TRANSITIONS
from tests.people import approved, draft_of, submitted

Status = CancellationRequest.Status
pytestmark = pytest.mark.django_db


def in_status(status, shop, cast):
    """A request that came into the status by the real verbs."""
    if status in (Status.DRAFT, Status.WITHDRAWN):
        cancellation = draft_of(shop, cast.lina)
    elif status in (Status.SUBMITTED, Status.REJECTED, Status.EXPIRED):
        cancellation = submitted(shop, cast.lina)
    else:
        cancellation = approved(shop, cast.lina, cast.wangqiang)
    if status == Status.WITHDRAWN:
        clerk.withdraw(cancellation, by=cast.lina)
    elif status == Status.REJECTED:
        manager.reject(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash, note="不要取消")
    elif status == Status.EXPIRED:
        CancellationRequest.objects.filter(pk=cancellation.pk).update(expires_at="2020-01-01T00:00Z")
        machine.expire_overdue()
    elif status == Status.STOPPED:
        control.stop(cancellation, by=cast.lina, note="供应商改期")
    elif status in (Status.RUNNING, Status.FINISHED):
        machine.start(cancellation)
    elif status == Status.PAUSED:
        machine.pause(cancellation, reason="ip", message="ip不在白名单")
    if status == Status.FINISHED:
        machine.finish(cancellation)
    cancellation.refresh_from_db()
    assert cancellation.status == status
    return cancellation


def expire(cancellation):
    CancellationRequest.objects.filter(pk=cancellation.pk).update(expires_at="2020-01-01T00:00Z")
    if not machine.expire_overdue():
        raise MovedOn(status=cancellation.get_status_display())


VERBS = {
    "submit": lambda it, cast: clerk.submit(it, by=cast.lina),
    "withdraw": lambda it, cast: clerk.withdraw(it, by=cast.lina),
    "restore": lambda it, cast: clerk.restore(it, by=cast.lina),
    "approve": lambda it, cast: manager.approve(it, by=cast.wangqiang, seen_hash=it.content_hash),
    "reject": lambda it, cast: manager.reject(it, by=cast.wangqiang, seen_hash=it.content_hash, note="不要取消"),
    "expire": lambda it, cast: expire(it),
    "start": lambda it, cast: machine.start(it),
    "pause": lambda it, cast: machine.pause(it, reason="ip"),
    "resume": lambda it, cast: control.resume(it, by=cast.wangqiang),
    "stop": lambda it, cast: control.stop(it, by=cast.lina, note="供应商改期"),
    "finish": lambda it, cast: machine.finish(it),
}


def test_every_verb_of_the_table_is_tried_here():
    assert VERBS.keys() == TRANSITIONS.keys()


@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_moves_the_request_or_says_that_it_has_moved_on(verb, status, shop, cast):
    cancellation = in_status(status, shop, cast)
    events = cancellation.events.count()
    transition = TRANSITIONS[verb]
    # A pause before the first call starts the request on the way: the table keeps the two apart.
    possible = status in transition.sources or (verb, status) == ("pause", Status.APPROVED)
    if not possible:
        with pytest.raises(MovedOn, match=str(Status(status).label)):
            VERBS[verb](cancellation, cast)
        assert cancellation.events.count() == events
        return
    VERBS[verb](cancellation, cast)
    cancellation.refresh_from_db()
    assert cancellation.status == transition.target
    event = cancellation.events.last()
    assert event.kind == transition.kind
    assert (event.actor is None) == (transition.actor == "machine")
    assert cancellation.ended_at == (event.at if transition.target in CancellationRequest.ENDED else None)


@pytest.mark.parametrize("verb", ["withdraw", "reject", "expire", "stop"])
def test_what_will_not_be_sent_is_free_for_another_request(verb, shop, cast):
    cancellation = in_status(Status.APPROVED if verb == "stop" else Status.SUBMITTED, shop, cast)
    VERBS[verb](cancellation, cast)
    assert set(cancellation.lines.values_list("outcome", flat=True)) == {OrderLine.Outcome.SKIPPED}
    submitted(shop, cast.sunyue)


@pytest.mark.parametrize(
    ("person", "note", "seen", "error"),
    [
        ("lina", "", "old", NotAllowed),
        ("wangqiang", "", "old", NoteMissing),
        ("wangqiang", "不要取消", "old", ContentChanged),
    ],
)
def test_reject_asks_who_then_why_then_what(person, note, seen, error, shop, cast):
    cancellation = submitted(shop, cast.lina)
    with pytest.raises(error):
        manager.reject(cancellation, by=getattr(cast, person), seen_hash=seen, note=note)


def test_a_second_decision_on_a_stale_request_changes_nothing(shop, cast):
    cancellation = submitted(shop, cast.lina)
    stale = CancellationRequest.objects.get(pk=cancellation.pk)
    manager.approve(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash)
    with pytest.raises(MovedOn):
        manager.reject(stale, by=cast.zhoulan, seen_hash=stale.content_hash, note="太晚了")
    cancellation.refresh_from_db()
    assert (cancellation.status, cancellation.decided_by) == (Status.APPROVED, cast.wangqiang)
    assert not cancellation.events.filter(kind="rejected").exists()


def test_copy_takes_what_was_not_executed_and_links_back(shop, cast):
    cancellation = in_status(Status.STOPPED, shop, cast)
    token = uuid.uuid4()
    copy = drafts.copy(cancellation, by=cast.sunyue, token=token)
    assert drafts.copy(cancellation, by=cast.sunyue, token=token) == copy
    assert (copy.status, copy.requester, copy.copied_from) == (Status.DRAFT, cast.sunyue, cancellation)
    assert list(copy.lines.values_list("order_no", flat=True)) == ["CG1", "CG2", "CG3"]


def test_a_request_that_has_not_ended_cannot_be_copied(shop, cast):
    with pytest.raises(MovedOn):
        drafts.copy(approved(shop, cast.lina, cast.wangqiang), by=cast.lina, token=uuid.uuid4())


@pytest.mark.parametrize("status", Status.values)
def test_a_request_says_whether_it_is_undecided_or_approved(status, shop, cast):
    cancellation = in_status(status, shop, cast)
    assert cancellation.is_undecided == (status in (Status.DRAFT, Status.SUBMITTED))
    approved_once = (Status.APPROVED, Status.RUNNING, Status.PAUSED, Status.FINISHED, Status.STOPPED)
    assert cancellation.was_approved == (status in approved_once)
