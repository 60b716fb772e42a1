"""Many act at the same moment, each on a connection of its own: one wins, and the others are told what happened."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from cancellations.models import CancellationRequest, OrderLine
from cancellations.workflow import clerk, errors, manager, people
from tests.people import draft_of, submitted

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(act, things):
    """`act(thing)` for all of them, started together; returns what they returned, a refusal as the error itself."""
    together = Barrier(len(things))

    def run(thing):
        together.wait(10)
        try:
            return act(thing)
        except errors.WorkflowError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(things)) as pool:
        return list(pool.map(run, things))


def test_numbers_stay_unique(shop, cast):
    given = sorted(at_once(lambda number: draft_of(shop, cast.lina, [f"CG{number}"]).number, range(12)))
    assert given == [f"{given[0][:-4]}{number:04}" for number in range(1, 13)]


def test_one_form_makes_one_draft(shop, cast):
    token = uuid.uuid4()
    drafts = at_once(lambda _: draft_of(shop, cast.lina, token=token), range(6))
    assert len({draft.pk for draft in drafts}) == 1
    assert CancellationRequest.objects.get().lines.count() == 3
    assert CancellationRequest.objects.get().events.count() == 1


def test_one_decision_is_made(shop, cast):
    cancellation = submitted(shop, cast.lina)

    def decide(person):
        mine = CancellationRequest.objects.get(pk=cancellation.pk)
        manager.approve(mine, by=person, seen_hash=mine.content_hash)

    said = at_once(decide, [cast.wangqiang, cast.zhoulan] * 3)
    assert said.count(None) == 1
    assert {type(answer) for answer in said} == {type(None), errors.MovedOn}
    assert cancellation.events.filter(kind="approved").count() == 1


def test_the_same_orders_are_taken_by_one_request(shop, cast):
    order_nos = [f"CG{number}" for number in range(300)]
    lists = [order_nos, order_nos[::-1], order_nos[150:] + order_nos[:150], order_nos]
    drafts = [draft_of(shop, cast.lina, order_nos) for order_nos in lists]

    def submit(draft):
        clerk.submit(CancellationRequest.objects.get(pk=draft.pk), by=cast.lina)

    said = at_once(submit, drafts)
    assert said.count(None) == 1
    assert {type(answer) for answer in said} == {type(None), errors.OrdersOpenElsewhere}
    assert OrderLine.objects.filter(outcome="WAITING").count() == 300


def test_administrators_who_deactivate_each_other_leave_one(shop, cast):
    cast.wangqiang.groups.set(cast.zhaolei.groups.all())
    cast.root.delete()

    def put_out(pair):
        by, person = pair
        people.deactivate(person, by=by, note="离职")

    said = at_once(put_out, [(cast.zhaolei, cast.wangqiang), (cast.wangqiang, cast.zhaolei)] * 2)
    assert said.count(None) == 1
    assert shop.members.filter(is_active=True, groups__name="administrator").count() == 1


def test_a_deadline_is_extended_once(shop, cast):
    cancellation = submitted(shop, cast.lina)

    def extend(person):
        return manager.extend(CancellationRequest.objects.get(pk=cancellation.pk), by=person)

    said = at_once(extend, [cast.wangqiang, cast.zhoulan] * 3)
    assert [type(answer) for answer in said].count(errors.AlreadyExtended) == 5
    assert cancellation.events.filter(kind="extended").count() == 1
