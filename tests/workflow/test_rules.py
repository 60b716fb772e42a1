import uuid

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from cancellations.models import CancellationRequest, Credential, Operation, Person
from cancellations.models.secrets import AppSecret
from cancellations.workflow import administrator, clerk, control, drafts, errors, manager
from tests.people import approved, draft_of, make_shop, submitted

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("person", ["zhoulan", "root"])
def test_nobody_decides_on_their_own_request(person, shop, cast):
    decider = getattr(cast, person)
    decider.groups.set(Group.objects.all())  # not even a superuser with every role
    cancellation = submitted(shop, cast.zhoulan)
    CancellationRequest.objects.filter(pk=cancellation.pk).update(requester=decider)
    cancellation.refresh_from_db()
    for verb, note in ((manager.approve, ""), (manager.reject, "不要取消")):
        with pytest.raises(errors.OwnRequest):
            verb(cancellation, by=decider, seen_hash=cancellation.content_hash, note=note)


# who may do what to a request of Li Na's
MAY = {
    "submit": {"lina"},
    "withdraw": {"lina"},
    "approve": {"wangqiang", "zhoulan"},
    "reject": {"wangqiang", "zhoulan"},
    "extend": {"wangqiang", "zhoulan"},
    "stop": {"lina", "wangqiang", "zhoulan", "zhaolei", "root"},
    "resume": {"wangqiang", "zhoulan", "zhaolei", "root"},
    "copy": {"lina", "sunyue", "zhoulan"},
}


def attempt(verb, shop, cast, by):
    if verb == "submit":
        return clerk.submit(draft_of(shop, cast.lina), by=by)
    if verb == "withdraw":
        return clerk.withdraw(submitted(shop, cast.lina), by=by)
    if verb in ("approve", "reject"):
        cancellation = submitted(shop, cast.lina)
        return getattr(manager, verb)(cancellation, by=by, seen_hash=cancellation.content_hash, note="看过了")
    if verb == "extend":
        return manager.extend(submitted(shop, cast.lina), by=by)
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    if verb == "stop":
        return control.stop(cancellation, by=by, note="供应商改期")
    if verb == "resume":
        from cancellations.workflow import machine

        machine.pause(cancellation, reason="ip")
        return control.resume(cancellation, by=by)
    control.stop(cancellation, by=cast.lina, note="供应商改期")
    return drafts.copy(cancellation, by=by, token=uuid.uuid4())


@pytest.mark.parametrize(
    "person", ["lina", "sunyue", "wangqiang", "zhoulan", "chenjing", "zhaolei", "heping", "gone", "root"]
)
@pytest.mark.parametrize("verb", MAY)
def test_a_verb_is_for_those_who_have_the_role_in_the_shop(verb, person, shop, cast):
    by = getattr(cast, person)
    if person in MAY[verb]:
        attempt(verb, shop, cast, by)
    else:
        with pytest.raises(errors.NotAllowed):
            attempt(verb, shop, cast, by)


@pytest.mark.parametrize("person", ["wangqiang", "chenjing", "zhaolei", "heping", "gone", "root"])
def test_a_draft_is_made_by_clerks_of_the_shop(person, shop, cast):
    with pytest.raises(errors.NotAllowed):
        draft_of(shop, getattr(cast, person))


def test_a_role_that_was_taken_away_does_not_decide_any_more(shop, cast):
    cancellation = submitted(shop, cast.lina)
    cast.wangqiang.groups.clear()
    with pytest.raises(errors.NotAllowed):
        manager.approve(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE cancellations_orderline SET order_no = 'CG9' WHERE cancellation_id = %s AND position = 1",
        "UPDATE cancellations_orderline SET position = 99 WHERE cancellation_id = %s AND position = 1",
        "DELETE FROM cancellations_orderline WHERE cancellation_id = %s AND position = 1",
        "UPDATE cancellations_cancellationrequest SET operation = 1 WHERE id = %s",
        "UPDATE cancellations_cancellationrequest SET allow_checked = TRUE WHERE id = %s",
    ],
)
@pytest.mark.parametrize("loaded", ["before the change", "after the change"])
def test_only_what_was_seen_is_approved(change, loaded, shop, cast):
    cancellation = submitted(shop, cast.lina)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cancellations_ordersnapshot")
        cursor.execute(change, [cancellation.pk])
    if loaded == "after the change":
        cancellation.refresh_from_db()
    with pytest.raises(errors.ContentChanged):
        manager.approve(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash)
    cancellation.refresh_from_db()
    assert cancellation.decided_by is None


def test_a_page_that_showed_something_else_approves_nothing(shop, cast):
    cancellation = submitted(shop, cast.lina)
    with pytest.raises(errors.ContentChanged):
        manager.approve(cancellation, by=cast.wangqiang, seen_hash="0" * 64)


def test_the_option_is_part_of_what_is_approved(shop, cast):
    plain = draft_of(shop, cast.lina)
    with_option = draft_of(shop, cast.lina, allow_checked=True)
    assert plain.content_hash != with_option.content_hash


def test_a_rejection_needs_a_note(shop, cast):
    cancellation = submitted(shop, cast.lina)
    with pytest.raises(errors.NoteMissing):
        manager.reject(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash, note="  ")


def test_a_form_that_is_sent_twice_makes_one_draft(shop, cast):
    token = uuid.uuid4()
    first = draft_of(shop, cast.lina, token=token)
    assert draft_of(shop, cast.lina, token=token) == first
    assert draft_of(shop, cast.sunyue, token=token) != first


@pytest.mark.parametrize("spelling", ["cg2", "Cg2"])
def test_an_order_open_elsewhere_in_another_case_is_the_same(spelling, shop, cast):
    first = submitted(shop, cast.lina, ["CG1", "CG2"])
    second = draft_of(shop, cast.sunyue, [spelling, "CG3"])
    with pytest.raises(errors.OrdersOpenElsewhere, match=f"CG2 .{first.number}."):
        clerk.submit(second, by=cast.sunyue)
    assert list(clerk.taken_elsewhere(second).values_list("order_no", flat=True)) == ["CG2"]


def test_orders_open_in_another_request_are_named_with_it(shop, cast):
    first = submitted(shop, cast.lina, ["CG1", "CG2"])
    second = draft_of(shop, cast.sunyue, ["CG2", "CG3"])
    with pytest.raises(errors.OrdersOpenElsewhere, match=f"CG2 .{first.number}."):
        clerk.submit(second, by=cast.sunyue)
    second.refresh_from_db()
    assert second.status == CancellationRequest.Status.DRAFT
    assert set(second.lines.values_list("outcome", flat=True)) == {"LISTED"}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"order_nos": []}, errors.NoOrders),
        ({"reason": " \n"}, errors.ReasonMissing),
        ({"operation": Operation.STOP_WAITING, "allow_checked": True}, errors.OptionNotForOperation),
        ({"order_nos": [f"CG{number}" for number in range(11)]}, errors.TooManyOrders),
    ],
)
def test_a_draft_that_makes_no_sense_is_refused(changes, error, shop, cast, settings):
    settings.ORDERS_PER_REQUEST = 10
    with pytest.raises(error):
        draft_of(shop, cast.lina, **changes)
    assert not CancellationRequest.objects.exists()


def test_a_shop_that_cannot_be_used_takes_no_request(shop, cast):
    draft = draft_of(shop, cast.lina)
    shop.credentials.update(is_active=False)
    with pytest.raises(errors.NoCredential, match="上海旗舰店"):
        clerk.submit(draft, by=cast.lina)
    shop.is_active = False
    with pytest.raises(errors.ShopInactive):
        draft_of(shop, cast.lina)


def test_every_error_has_a_sentence_without_placeholders():
    def subclasses(kind):
        return {kind} | {deeper for direct in kind.__subclasses__() for deeper in subclasses(direct)}

    details = {
        "status": "x",
        "count": 1,
        "limit": 1,
        "shop": "x",
        "examples": "x",
        "machine": "x",
        "network": "x",
        "when": "x",
        "seconds": 1,
    } | {
        "who": "x",
        "days": 1,
        "state": "x",
        "seen": 1,
        "now": 2,
        "chat": "x",
        "name": "x",
    }
    for error in subclasses(errors.WorkflowError) - {
        errors.WorkflowError,
        errors.ShopNotUsable,
        errors.DailyShareUsedUp,
    }:
        sentence = str(error(**details))
        assert sentence
        assert "%(" not in sentence


def test_numbers_are_given_once_and_count_from_one_each_day(shop, cast, time_machine):
    time_machine.move_to("2026-11-23T15:59:59Z")
    assert draft_of(shop, cast.lina).number == "CR20261123-0001"
    assert draft_of(shop, cast.lina).number == "CR20261123-0002"
    time_machine.move_to("2026-11-23T16:00:00Z")  # midnight in China
    assert draft_of(shop, cast.lina).number == "CR20261124-0001"


def test_an_administrator_adds_a_shop_with_its_credential(cast):
    shop = administrator.add_shop(
        by=cast.zhaolei,
        name="新店",
        sid="new_sid",
        environment="sandbox",
        app_key="new_key",
        app_secret=AppSecret.parse(" canary:salt "),
        members=[],
    )
    administrator.change_members(shop, by=cast.root, members=[cast.zhaolei, cast.lina])
    assert set(shop.members.all()) == {cast.zhaolei, cast.lina}
    assert Credential.objects.get(shop=shop).app_secret.reveal() == "canary:salt"
    assert list(shop.events.values_list("kind", flat=True)) == ["shop_added", "credential_added", "members_changed"]
    assert "canary" not in repr(list(shop.events.values()))


@pytest.mark.parametrize(
    ("by", "changes", "error"),
    [
        ("lina", {}, errors.NotAllowed),
        ("wangqiang", {}, errors.NotAllowed),
        ("zhaolei", {"name": "老店"}, errors.ShopExists),
        ("zhaolei", {"sid": "old_sid"}, errors.ShopExists),
    ],
)
def test_a_shop_that_cannot_be_added_leaves_nothing_behind(by, changes, error, cast):
    make_shop("老店", sid="old_sid")
    given = {
        "name": "新店",
        "sid": "new_sid",
        "environment": "sandbox",
        "app_key": "k",
        "app_secret": AppSecret("a", "b"),
    }
    with pytest.raises(error):
        administrator.add_shop(by=getattr(cast, by), **given | changes)
    assert Credential.objects.count() == 1


@pytest.mark.parametrize("note", ["", "  ", "\n"])
def test_a_stop_needs_a_reason_which_stands_in_the_history(note, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    with pytest.raises(errors.StopNoteMissing):
        control.stop(cancellation, by=cast.lina, note=note)
    control.stop(cancellation, by=cast.lina, note=" 供应商改期 ")
    assert cancellation.events.get(kind="stopped").note == "供应商改期"


def test_a_superuser_decides_on_nothing_whatever_roles_they_have(shop, cast):
    cast.root.groups.set(Group.objects.filter(name="manager"))
    shop.members.add(cast.root)
    cancellation = submitted(shop, cast.lina)
    for verb in (manager.approve, manager.reject):
        with pytest.raises(errors.NotAllowed):
            verb(cancellation, by=Person.objects.get(pk=cast.root.pk), seen_hash=cancellation.content_hash, note="好")
