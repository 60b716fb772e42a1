"""What administrators may do with people, and what not."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from cancellations.models import CancellationRequest, Person
from cancellations.workflow import clerk, drafts, errors, granting, manager, people
from tests.people import confirm, draft_of, make_shop, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def other_admin(shop, cast):
    """A second administrator of the shop of Zhao Lei."""
    person = Person.objects.create(username="qianwei", name="钱伟")
    person.groups.add(Group.objects.get(name="administrator"))
    person.shops.add(shop)
    return person


@pytest.fixture
def without_superuser(cast):
    """Only then it matters who is the last administrator of a shop."""
    cast.root.is_active = False
    cast.root.save()


def events_about(person):
    return list(person.events.values_list("kind", "data"))


def roles_after(person, roles, by):
    if people.change_roles(person, by=by, roles=roles):
        confirm(person, by=person.__class__.objects.exclude(pk=by.pk).get(username__in=["root", "zhaolei"]))
    return granting.roles_of(person)


def test_a_person_is_added_without_a_password_that_could_be_used(shop, cast):
    person = people.add_person(
        by=cast.zhaolei,
        username="qianwei",
        name=" 钱伟 ",
        roles=["auditor", "clerk"],
        shops=[shop],
        email="q@example.com",
    )
    assert (person.name, person.email) == ("钱伟", "q@example.com")
    assert not person.has_usable_password()
    assert granting.roles_of(person) == ["clerk", "auditor"]
    assert list(person.shops.all()) == [shop]
    added, given = person.events.all()
    assert added.data == {
        "after": {"username": "qianwei", "name": "钱伟", "email": "q@example.com", "roles": ["clerk", "auditor"]}
    }
    assert (given.kind, given.shop, given.data) == ("members_changed", shop, {"before": False, "after": True})
    assert {added.actor, given.actor} == {cast.zhaolei}


@pytest.mark.parametrize("username", ["lina", "LiNa"])
def test_add_person_refuses_a_look_alike_sign_in_name(username, cast):
    with pytest.raises(errors.UsernameTaken):
        people.add_person(by=cast.zhaolei, username=username, name="钱伟")


@pytest.mark.parametrize("name", ["李娜", " 李 娜", "李\u200b娜", "ｌｉｎａ", "Lina"])
def test_add_person_refuses_a_name_that_another_is_called(name, cast):
    with pytest.raises(errors.NameTaken):
        people.add_person(by=cast.zhaolei, username="qianwei", name=name)
    with pytest.raises(errors.NameTaken):
        people.change_details(cast.sunyue, by=cast.root, username="sunyue", name=name)


def test_the_name_of_somebody_who_left_is_free_until_they_return(cast):
    people.add_person(by=cast.root, username="qianwei", name="离职")
    cast.gone.groups.clear()
    with pytest.raises(errors.NameTaken):
        people.reactivate(cast.gone, by=cast.root)


def test_nobody_is_added_to_a_shop_of_somebody_else(shop, shop_of_others, cast):
    with pytest.raises(errors.NotAllowed):
        people.add_person(by=cast.zhaolei, username="qianwei", name="钱伟", shops=[shop, shop_of_others])
    assert not Person.objects.filter(username="qianwei").exists()
    people.add_person(by=cast.root, username="qianwei", name="钱伟", shops=[shop, shop_of_others])


# each verb, as an administrator calls it
VERBS = {
    "roles": lambda person, by: people.change_roles(person, by=by, roles=["auditor"]),
    "shops": lambda person, by: people.change_shops(person, by=by, shops=[]),
    "details": lambda person, by: people.change_details(person, by=by, username="neu", name="新"),
    "deactivate": lambda person, by: people.deactivate(person, by=by, note="离职"),
    "link": lambda person, by: people.make_link(person, by=by),
    "reactivate": lambda person, by: people.reactivate(person, by=by),
}


def attempt(verb, person, by):
    if verb == "reactivate":
        Person.objects.filter(pk=person.pk).update(is_active=False)
    return VERBS[verb](person, by)


@pytest.mark.parametrize("by", ["lina", "wangqiang", "chenjing", "gone", "sunyue"])
@pytest.mark.parametrize("verb", VERBS)
def test_people_are_the_business_of_administrators(verb, by, shop, cast):
    with pytest.raises(errors.NotAllowed):
        attempt(verb, cast.sunyue, getattr(cast, by))
    assert not cast.sunyue.events.exists()


@pytest.mark.parametrize("verb", VERBS)
def test_an_administrator_manages_who_shares_a_shop(verb, shop, cast):
    attempt(verb, cast.lina, cast.zhaolei)
    assert cast.lina.events.get().actor == cast.zhaolei


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "shops"])
def test_a_person_without_a_shop_belongs_to_who_added_them(verb, shop, cast, other_admin):
    person = people.add_person(by=other_admin, username="xinren", name="新人")
    assert person in people.known_to(other_admin)
    assert person not in people.known_to(cast.zhaolei)
    with pytest.raises(errors.NotAllowed):
        attempt(verb, person, cast.zhaolei)
    attempt(verb, person, other_admin)


@pytest.mark.parametrize("verb", VERBS)
def test_nobody_manages_people_of_other_shops_except_a_superuser(verb, shop, shop_of_others, cast):
    cast.heping.groups.remove(Group.objects.get(name="manager"))
    assert cast.heping not in people.known_to(cast.zhaolei)
    with pytest.raises(errors.NotAllowed):
        attempt(verb, cast.heping, cast.zhaolei)
    attempt(verb, cast.heping, cast.root)


@pytest.mark.parametrize("verb", VERBS)
def test_changes_in_every_shop_need_administrators_of_all(verb, shop, shop_of_others, cast):
    shop_of_others.members.add(cast.lina)
    assert cast.lina in people.known_to(cast.zhaolei)
    if verb == "shops":
        attempt(verb, cast.lina, cast.zhaolei)
    else:
        with pytest.raises(errors.WorksElsewhere):
            attempt(verb, cast.lina, cast.zhaolei)
        shop_of_others.members.add(cast.zhaolei)
        attempt(verb, cast.lina, cast.zhaolei)


@pytest.mark.parametrize("verb", VERBS)
def test_only_a_superuser_touches_a_superuser(verb, shop, cast):
    cast.lina.is_superuser = True
    cast.lina.save()
    with pytest.raises(errors.SuperuserOnly):
        attempt(verb, cast.lina, cast.zhaolei)
    if verb == "link":
        people.ask_for_link(cast.lina, by=cast.root)
    else:
        attempt(verb, cast.lina, cast.root)


@pytest.mark.parametrize("by", ["zhaolei", "root"])
@pytest.mark.parametrize("roles", [[], ["administrator", "manager"], ["administrator"]])
def test_nobody_changes_their_own_roles(roles, by, shop, cast):
    with pytest.raises(errors.OwnAccount):
        people.change_roles(getattr(cast, by), by=getattr(cast, by), roles=roles)


@pytest.mark.parametrize("by", ["zhaolei", "root"])
def test_nobody_deactivates_themselves(by, shop, cast):
    with pytest.raises(errors.OwnAccount):
        people.deactivate(getattr(cast, by), by=getattr(cast, by), note="再见")


def test_set_roles_records_what_was_before(shop, cast):
    assert roles_after(cast.lina, ["auditor", "clerk"], cast.zhaolei) == ["clerk", "auditor"]
    assert events_about(cast.lina) == [("roles_changed", {"before": ["clerk"], "after": ["clerk", "auditor"]})]


def test_groups_that_are_no_roles_stay(shop, cast):
    cast.lina.groups.add(Group.objects.create(name="football"))
    roles_after(cast.lina, [], cast.zhaolei)
    assert cast.lina.groups.get().name == "football"


def test_a_role_given_and_taken_counts_in_the_next_decision(shop, cast):
    cancellation = submitted(shop, cast.lina)
    people.change_roles(cast.wangqiang, by=cast.zhaolei, roles=["auditor"])
    with pytest.raises(errors.NotAllowed):
        manager.approve(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash)


def test_shops_of_others_are_left_alone_and_not_given(shop, shop_of_others, cast):
    second = make_shop("杭州店", sid="third_sid", members=[cast.zhaolei])
    shop_of_others.members.add(cast.lina)
    people.change_shops(cast.lina, by=cast.zhaolei, shops=[second])
    assert set(cast.lina.shops.all()) == {second, shop_of_others}
    assert set(cast.lina.events.values_list("shop__name", "data__before", "data__after")) == {
        ("杭州店", False, True),
        ("上海旗舰店", True, False),
    }
    with pytest.raises(errors.NotAllowed):
        people.change_shops(cast.sunyue, by=cast.zhaolei, shops=[shop, shop_of_others])


def test_details_are_changed_with_what_they_were(shop, cast):
    Person.objects.filter(pk=cast.lina.pk).update(name="李 娜")
    people.change_details(cast.lina, by=cast.zhaolei, username="lina", name="李娜娜", email="lina@example.com")
    cast.lina.refresh_from_db()
    assert str(cast.lina) == "李娜娜"
    [(kind, data)] = events_about(cast.lina)
    assert kind == "person_changed"
    assert data["before"] == {"name": "李 娜", "email": ""}
    assert data["after"] == {"name": "李娜娜", "email": "lina@example.com"}
    with pytest.raises(errors.UsernameTaken):
        people.change_details(cast.lina, by=cast.zhaolei, username="SunYue", name="李娜娜")


@pytest.mark.parametrize(
    "verb",
    [
        lambda person, by: people.change_roles(person, by=by, roles=["clerk"]),
        lambda person, by: people.change_shops(person, by=by, shops=person.shops.all()),
        lambda person, by: people.change_details(person, by=by, username="lina", name="李娜"),
    ],
)
def test_a_change_of_nothing_is_refused_without_an_event(verb, shop, cast):
    with pytest.raises(errors.NothingToChange):
        verb(cast.lina, cast.zhaolei)
    assert not cast.lina.events.exists()


def test_what_others_changed_meanwhile_is_not_undone_unseen(shop, cast):
    assert roles_after(cast.lina, ["clerk", "manager"], cast.root) == ["clerk", "manager"]
    with pytest.raises(errors.PersonChanged):
        people.change_roles(cast.lina, by=cast.zhaolei, roles=["clerk", "auditor"], seen=["clerk"])
    second = make_shop("杭州店", sid="third_sid", members=[cast.zhaolei])
    people.change_shops(cast.sunyue, by=cast.root, shops=[second])
    with pytest.raises(errors.PersonChanged):
        people.change_shops(cast.sunyue, by=cast.zhaolei, shops=[shop, second], seen=[shop])
    assert granting.roles_of(cast.lina) == ["clerk", "manager"]


def test_deactivate_hands_drafts_to_a_colleague(shop, cast):
    draft, waiting = draft_of(shop, cast.lina, ["CG1"]), submitted(shop, cast.lina, ["CG2"])
    people.deactivate(cast.lina, by=cast.zhaolei, note="离职", drafts_to=cast.sunyue)
    draft.refresh_from_db()
    waiting.refresh_from_db()
    assert (draft.requester, waiting.requester) == (cast.sunyue, cast.lina)
    event = draft.events.last()
    assert (event.kind, event.actor, event.data) == ("handed_over", cast.zhaolei, {"before": "李娜", "after": "孙悦"})
    clerk.submit(draft, by=cast.sunyue)


@pytest.mark.parametrize("to", ["heping", "wangqiang", "gone", "lina"])
def test_deactivate_hands_drafts_to_no_other(to, shop, cast):
    draft = draft_of(shop, cast.lina, ["CG1"])
    with pytest.raises(errors.NotAllowed):
        people.deactivate(cast.lina, by=cast.zhaolei, note="离职", drafts_to=getattr(cast, to))
    draft.refresh_from_db()
    cast.lina.refresh_from_db()
    assert (draft.requester, cast.lina.is_active) == (cast.lina, True)


def test_drafts_of_foreign_accounts_stay(shop, shop_of_others, cast):
    cast.lina.shops.add(shop_of_others)
    elsewhere = draft_of(shop_of_others, cast.lina, ["CG1"])
    draft_of(shop, cast.lina, ["CG2"])
    assert drafts.hand_over(cast.lina, to=cast.sunyue, by=cast.zhaolei) == 1
    elsewhere.refresh_from_db()
    assert elsewhere.requester == cast.lina


def test_deactivate_signs_out_and_leaves_requests_open(shop, cast):
    cancellation = submitted(shop, cast.lina)
    people.deactivate(cast.lina, by=cast.zhaolei, note=" 离职 ")
    cast.lina.refresh_from_db()
    assert not cast.lina.is_active
    assert timezone.now() - cast.lina.signed_out_at < timedelta(minutes=1)
    event = cast.lina.events.get()
    assert (event.kind, event.note, event.actor) == ("deactivated", "离职", cast.zhaolei)
    manager.approve(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash)
    assert cancellation.status == CancellationRequest.Status.APPROVED


def test_a_deactivation_needs_a_reason_and_happens_once(shop, cast):
    with pytest.raises(errors.WhyMissing):
        people.deactivate(cast.lina, by=cast.zhaolei, note=" \n")
    people.deactivate(cast.lina, by=cast.zhaolei, note="离职")
    with pytest.raises(errors.PersonInactive):
        people.deactivate(cast.lina, by=cast.zhaolei, note="离职")
    people.reactivate(cast.lina, by=cast.zhaolei, note="回来了")
    with pytest.raises(errors.PersonActive):
        people.reactivate(cast.lina, by=cast.zhaolei)
    assert [kind for kind, _ in events_about(cast.lina)] == ["deactivated", "reactivated"]
    assert granting.roles_of(cast.lina) == ["clerk"]


@pytest.fixture
def second(other_admin):
    """A shop that the second administrator administers alone."""
    return make_shop("杭州店", sid="third_sid", members=[other_admin])


def test_no_shop_is_left_without_an_administrator(second, other_admin, without_superuser, cast):
    second.members.add(cast.zhaolei)
    third = make_shop("宁波店", sid="fourth_sid", members=[other_admin])
    with pytest.raises(errors.WorksElsewhere):
        people.deactivate(other_admin, by=cast.zhaolei, note="离职")
    third.members.clear()
    second.members.remove(cast.zhaolei)
    with pytest.raises(errors.LastAdministrator, match="杭州店"):
        people.change_shops(other_admin, by=other_admin, shops=[])
    second.members.add(cast.zhaolei)
    people.change_roles(other_admin, by=cast.zhaolei, roles=["clerk"])
    with pytest.raises(errors.LastAdministrator):
        people.change_shops(cast.zhaolei, by=cast.zhaolei, shops=[second])
    assert granting.roles_of(cast.zhaolei) == ["administrator"]


def test_the_last_administrator_keeps_the_role(shop, cast):
    people.change_roles(cast.zhaolei, by=cast.root, roles=[])
    assert not granting.roles_of(cast.zhaolei)


def test_an_inactive_administrator_keeps_no_shop(second, other_admin, without_superuser, cast):
    second.members.add(cast.gone)
    cast.gone.groups.add(Group.objects.get(name="administrator"))
    with pytest.raises(errors.LastAdministrator):
        people.change_shops(other_admin, by=other_admin, shops=[])


def test_whoever_was_put_out_a_moment_ago_puts_nobody_out(shop, other_admin, without_superuser, cast):
    """Both opened the page before; the second one's object of themselves still says that they are active."""
    stale = Person.objects.get(pk=other_admin.pk)
    people.deactivate(other_admin, by=cast.zhaolei, note="先")
    with pytest.raises(errors.NotAllowed):
        people.deactivate(cast.zhaolei, by=stale, note="后")
