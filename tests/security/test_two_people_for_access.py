"""Nobody alone makes or recovers somebody who may decide; whom one person got in decide nothing for each other."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from cancellations.models import AccessChange, Event, Person
from cancellations.models.secrets import AppSecret
from cancellations.workflow import access_changes, administrator, errors, granting, manager, people
from tests.people import confirm, make_shop, submitted

pytestmark = pytest.mark.django_db
State = AccessChange.State


@pytest.fixture
def qianwei(shop):
    """A second administrator of the shop."""
    person = Person.objects.create(username="qianwei", name="钱伟")
    person.groups.add(Group.objects.get(name="administrator"))
    person.shops.add(shop)
    return person


@pytest.fixture
def alone(cast):
    """Zhao Lei is the only administrator, and there is no superuser."""
    Person.objects.filter(pk=cast.root.pk).update(is_active=False)


@pytest.fixture
def guarded(shop, cast):
    """Wang Qiang with a second factor and a link to the company account, and a shop that he does not work for."""
    TOTPDevice.objects.create(user=cast.wangqiang, name="TOTP")
    cast.wangqiang.oidc_issuer, cast.wangqiang.oidc_subject = "https://id.example.com", "17"
    cast.wangqiang.save()
    return make_shop("杭州店", sid="third_sid", members=[cast.zhaolei])


# what makes or recovers somebody who may decide or administer -> (the verb, whether it has happened)
WAYS = {
    "role manager": (
        lambda cast, other: people.change_roles(cast.lina, by=cast.zhaolei, roles=["clerk", "manager"]),
        lambda cast, other: "manager" in granting.roles_of(cast.lina),
    ),
    "role administrator": (
        lambda cast, other: people.change_roles(cast.lina, by=cast.zhaolei, roles=["clerk", "administrator"]),
        lambda cast, other: "administrator" in granting.roles_of(cast.lina),
    ),
    "seller account": (
        lambda cast, other: people.change_shops(
            cast.wangqiang, by=cast.zhaolei, shops=[*cast.wangqiang.shops.all(), other]
        ),
        lambda cast, other: other in cast.wangqiang.shops.all(),
    ),
    "member": (
        lambda cast, other: administrator.change_members(
            other, by=cast.zhaolei, members=[*other.members.all(), cast.wangqiang]
        ),
        lambda cast, other: other in cast.wangqiang.shops.all(),
    ),
    "second factor": (
        lambda cast, other: people.remove_second_factor(cast.wangqiang, by=cast.zhaolei),
        lambda cast, other: not TOTPDevice.objects.exists(),
    ),
    "username": (
        lambda cast, other: people.change_details(cast.wangqiang, by=cast.zhaolei, username="zhaolei2", name="王强"),
        lambda cast, other: Person.objects.filter(username="zhaolei2").exists(),
    ),
    "company account": (
        lambda cast, other: people.reset_identity(cast.wangqiang, by=cast.zhaolei),
        lambda cast, other: not Person.objects.exclude(oidc_subject="").exists(),
    ),
    "reactivation": (
        lambda cast, other: people.reactivate(cast.gone, by=cast.zhaolei),
        lambda cast, other: Person.objects.get(pk=cast.gone.pk).is_active,
    ),
    "link": (
        lambda cast, other: people.ask_for_link(cast.wangqiang, by=cast.zhaolei),
        lambda cast, other: access_changes.links_left(cast.wangqiang, by=cast.zhaolei).exists(),
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_one_administrator_only_asks_for_it(way, shop, cast, qianwei, guarded):
    verb, has_happened = WAYS[way]
    guarded.members.add(qianwei)
    verb(cast, guarded)
    assert not has_happened(cast, guarded)
    change = AccessChange.objects.get()
    assert (change.state, change.due_at) == (State.WAITING, None)
    for by in (cast.zhaolei, change.person, cast.lina, cast.wangqiang, cast.chenjing, cast.heping, cast.gone):
        with pytest.raises(errors.NotAllowed):
            access_changes.confirm(change, by=by)
    access_changes.confirm(change, by=qianwei)
    assert has_happened(cast, guarded)
    event = Event.objects.filter(data__has_key="confirmed").last()
    if way != "link":
        assert (event.actor, event.data["confirmed"]["name"]) == (cast.zhaolei, "钱伟")
    with pytest.raises(errors.ChangeMovedOn):
        access_changes.confirm(change, by=qianwei)


@pytest.mark.parametrize("way", WAYS)
def test_of_the_only_administrator_it_waits_a_day(way, shop, cast, alone, guarded, time_machine):
    verb, has_happened = WAYS[way]
    verb(cast, guarded)
    due = AccessChange.objects.get().due_at
    assert due - timezone.now() > timedelta(hours=23, minutes=59)
    time_machine.move_to(due - timedelta(minutes=1))
    access_changes.carry_out_due()
    assert not has_happened(cast, guarded)
    time_machine.move_to(due + timedelta(seconds=1))
    access_changes.carry_out_due()
    assert has_happened(cast, guarded)
    assert AccessChange.objects.get(pk__gt=0).confirmed == {"how": "waiting"}


@pytest.mark.parametrize("by", ["lina", "wangqiang", "zhoulan", "zhaolei", "root"])
def test_whom_it_concerns_ends_it(by, shop, cast, alone, time_machine):
    """The person, whoever may decide there, whoever asked, whoever may confirm it."""
    change = people.change_roles(cast.lina, by=cast.zhaolei, roles=["clerk", "manager"])
    Person.objects.filter(pk=cast.root.pk).update(is_active=True)
    access_changes.refuse(change, by=Person.objects.get(username=by))
    change.refresh_from_db()
    assert change.state == (State.WITHDRAWN if by == "zhaolei" else State.REFUSED)
    time_machine.move_to(timezone.now() + timedelta(days=2))
    access_changes.carry_out_due()
    assert granting.roles_of(cast.lina) == ["clerk"]


@pytest.mark.parametrize("by", ["sunyue", "chenjing", "heping", "gone"])
def test_nobody_else_ends_it(by, shop, shop_of_others, cast):
    change = people.change_roles(cast.lina, by=cast.zhaolei, roles=["clerk", "manager"])
    with pytest.raises(errors.NotAllowed):
        access_changes.refuse(change, by=getattr(cast, by))


def test_a_puppet_who_may_decide_is_nobody_before_the_confirmation(shop, cast, qianwei):
    puppet = people.add_person(by=cast.zhaolei, username="n-ma", name="马宁", roles=["manager"], shops=[shop])
    assert granting.roles_of(puppet) == []
    cancellation = submitted(shop, cast.lina)
    with pytest.raises(errors.NotAllowed):
        manager.approve(cancellation, by=puppet, seen_hash=cancellation.content_hash)
    confirm(puppet, by=qianwei)
    assert people.make_link(puppet, by=cast.zhaolei)
    with pytest.raises(errors.NotConfirmed):
        people.make_link(puppet, by=cast.zhaolei)


def test_members_of_a_new_shop_who_may_decide_wait_too(shop, cast):
    made = administrator.add_shop(
        by=cast.zhaolei,
        name="新店",
        sid="new_sid",
        environment="sandbox",
        app_key="k",
        app_secret=AppSecret.parse("othersecret:othersalt"),
        members=[cast.lina, cast.wangqiang, cast.zhoulan],
    )
    assert set(made.members.all()) == {cast.zhaolei, cast.lina}
    for person in (cast.wangqiang, cast.zhoulan):
        confirm(person, by=cast.root)
    assert {cast.wangqiang, cast.zhoulan} <= set(made.members.all())


def test_an_administrator_of_ones_own_making_confirms_nothing(shop, cast, qianwei):
    """Else one person would be two: their second administrator, once confirmed, confirms all the rest."""
    people.change_roles(cast.sunyue, by=cast.zhaolei, roles=["clerk", "administrator"])
    confirm(cast.sunyue, by=qianwei)
    change = people.change_roles(cast.lina, by=cast.zhaolei, roles=["clerk", "manager"])
    with pytest.raises(errors.NotApart):
        access_changes.confirm(change, by=cast.sunyue)
    assert access_changes.who_may_confirm(change) == [qianwei, cast.root]


def test_only_an_administrator_of_all_accounts_where_it_counts_confirms(shop, shop_of_others, cast, qianwei):
    shop_of_others.members.add(cast.zhaolei, cast.lina)
    change = people.change_roles(cast.lina, by=cast.zhaolei, roles=["clerk", "manager"])
    with pytest.raises(errors.NotAllowed):
        access_changes.confirm(change, by=qianwei)
    shop_of_others.members.add(qianwei)
    access_changes.confirm(change, by=qianwei)


def test_whoever_asked_must_still_be_allowed_to(shop, cast, qianwei):
    change = people.change_roles(cast.lina, by=cast.zhaolei, roles=["clerk", "manager"])
    people.deactivate(cast.zhaolei, by=cast.root, note="离职")
    with pytest.raises(errors.NotAllowed):
        access_changes.confirm(change, by=qianwei)
    assert granting.roles_of(cast.lina) == ["clerk"]


def test_the_operator_of_the_server_confirms_the_first_set_up(shop, cast, alone, capsys):
    people.change_roles(cast.lina, by=cast.zhaolei, roles=["clerk", "manager"])
    change = AccessChange.objects.get()
    call_command("confirm_access")
    assert f"{change.pk}  李娜 (lina)  roles: Clerk → Clerk, Manager  by 赵磊" in capsys.readouterr().out
    assert granting.roles_of(cast.lina) == ["clerk"]
    call_command("confirm_access", str(change.pk))
    assert granting.roles_of(cast.lina) == ["clerk", "manager"]
    kinds = cast.lina.events.values_list("kind", "actor", "data__confirmed__how")
    assert ("access_confirmed", None, "server") in kinds
    with pytest.raises(CommandError, match="Not waiting"):
        call_command("confirm_access", str(change.pk))


# ---- decisions


def recovered(person, *, by, confirmed_by=None):
    """The person was given a link."""
    if confirmed_by:
        people.ask_for_link(person, by=by)
        confirm(person, by=confirmed_by)
    people.make_link(person, by=by)


def decides(person, cancellation):
    manager.approve(cancellation, by=person, seen_hash=cancellation.content_hash)


def test_whoever_was_recovered_does_not_decide_for_whoever_did_it(shop, cast, qianwei):
    for person in (cast.zhaolei, qianwei):
        person.groups.add(Group.objects.get(name="clerk"))
    recovered(cast.wangqiang, by=cast.zhaolei, confirmed_by=qianwei)
    for requester in (cast.zhaolei, qianwei):
        with pytest.raises(errors.NotApart, match=str(requester)):
            decides(cast.wangqiang, submitted(shop, requester, [f"CG-{requester.pk}"]))
    decides(cast.wangqiang, submitted(shop, cast.lina))


def test_a_manager_who_got_the_requester_in_does_not_decide(shop, cast):
    """An administrator who is a manager too makes a clerk, and asks and decides alone."""
    cast.zhaolei.groups.add(Group.objects.get(name="manager"))
    puppet = people.add_person(by=cast.zhaolei, username="xinren", name="新人", roles=["clerk"], shops=[shop])
    with pytest.raises(errors.NotApart):
        decides(cast.zhaolei, submitted(shop, puppet, ["CG-1"]))
    recovered(cast.lina, by=cast.zhaolei)
    with pytest.raises(errors.NotApart):
        decides(cast.zhaolei, submitted(shop, cast.lina, ["CG-2"]))
    decides(cast.zhaolei, submitted(shop, cast.sunyue, ["CG-3"]))


def test_two_puppets_of_one_administrator_decide_nothing_for_each_other(shop, cast, alone, time_machine):
    asks = people.add_person(by=cast.zhaolei, username="n-cl", name="程林", roles=["clerk"], shops=[shop])
    says_yes = people.add_person(by=cast.zhaolei, username="n-ma", name="马宁", roles=["manager"], shops=[shop])
    time_machine.move_to(timezone.now() + timedelta(hours=25))
    access_changes.carry_out_due()
    assert granting.roles_of(says_yes) == ["manager"]
    cancellation = submitted(shop, asks)
    with pytest.raises(errors.NotApart, match="赵磊"):
        decides(says_yes, cancellation)
    decides(says_yes, submitted(shop, cast.lina, ["CG-9"]))
    time_machine.move_to(timezone.now() + timedelta(days=30))
    decides(says_yes, submitted(shop, asks, ["CG-10"]))


def test_what_the_server_confirmed_depends_on_nobody(shop, cast, alone):
    asks = people.add_person(by=cast.zhaolei, username="n-cl", name="程林", roles=["clerk"], shops=[shop])
    says_yes = people.add_person(by=cast.zhaolei, username="n-ma", name="马宁", roles=["manager"], shops=[shop])
    call_command("confirm_access", "--all", verbosity=0)
    people.make_link(says_yes, by=cast.zhaolei)
    decides(says_yes, submitted(shop, asks))


def test_the_page_says_why_and_who_else_may_decide(shop, cast, browser_of):
    recovered(cast.lina, by=cast.zhaolei)
    recovered(cast.wangqiang, by=cast.zhaolei, confirmed_by=cast.root)
    cancellation = submitted(shop, cast.lina)
    page = browser_of(cast.wangqiang).get(cancellation.get_absolute_url()).content.decode()
    assert "赵磊 gave or recovered access here within the last 30 days" in page
    assert 'id="decision-title"' not in page
    assert "周岚" in page.split("Possible approvers")[1]
    assert "王强" not in page.split("Possible approvers")[1].split("</section>")[0]


def test_every_reader_sees_when_the_approvers_access_was_recovered(shop, cast, browser_of):
    recovered(cast.wangqiang, by=cast.zhaolei, confirmed_by=cast.root)
    cancellation = submitted(shop, cast.lina)
    decides(cast.wangqiang, cancellation)
    page = browser_of(cast.chenjing).get(cancellation.get_absolute_url()).content.decode()
    assert "access last given or recovered on" in page
    assert "by 赵磊: created a one-time link for a new password, confirmed by root" in page


# ---- pages


def test_those_whom_it_concerns_are_told_on_every_page(shop, shop_of_others, cast, browser_of):
    change = people.change_roles(cast.lina, by=cast.zhaolei, roles=["clerk", "manager"])
    home = reverse("cancellation-list") + "?view=all"
    for person in (cast.wangqiang, cast.zhaolei, cast.root):
        assert "waiting for confirmation" in browser_of(person).get(home).content.decode()
        shown = browser_of(person).get(reverse("access-change-list")).content.decode()
        assert "roles: Clerk → Clerk, Manager" in shown
    assert "waiting for confirmation" not in browser_of(cast.heping).get(home).content.decode()
    assert "李娜" not in browser_of(cast.heping).get(reverse("access-change-list")).content.decode()
    assert reverse("access-change-refuse", args=[change.pk]) in shown


def test_a_link_is_asked_for_confirmed_and_made_on_pages(shop, cast, browser_of):
    asks, confirms = browser_of(cast.zhaolei, confirmed=True), browser_of(cast.root, confirmed=True)
    link = reverse("person-link", args=[cast.wangqiang.pk])
    assert "A second administrator has to confirm this" in asks.post(link, follow=True).content.decode()
    change = AccessChange.objects.get()
    asks.post(reverse("access-change-confirm", args=[change.pk]))
    change.refresh_from_db()
    assert change.state == State.WAITING
    confirms.post(reverse("access-change-confirm", args=[change.pk]))
    assert 'id="link"' in asks.post(link).content.decode()
    assert "A second administrator has to confirm this" in asks.post(link, follow=True).content.decode()


def test_links_end_with_any_change_of_what_guards_their_person(shop, shop_of_others, cast):
    def token_after(change):
        link = people.make_link(cast.lina, by=cast.root)
        change()
        return people.link_tokens.check_token(Person.objects.get(pk=cast.lina.pk), link.rstrip("/").rpartition("/")[2])

    assert token_after(lambda: None)
    assert not token_after(lambda: people.change_shops(cast.lina, by=cast.root, shops=[shop, shop_of_others]))
    assert not token_after(lambda: people.change_roles(cast.lina, by=cast.root, roles=["clerk", "auditor"]))
    assert not token_after(lambda: TOTPDevice.objects.create(user=cast.lina, name="TOTP"))
    assert not token_after(lambda: people.change_details(cast.lina, by=cast.root, username="lina2", name="李娜"))


@pytest.mark.parametrize("role", ["clerk", "manager"])
def test_a_superuser_belongs_to_no_shop_that_was_not_given(role, shop, cast):
    cast.root.groups.add(Group.objects.get(name=role))
    cancellation = submitted(shop, cast.lina)
    with pytest.raises(errors.NotAllowed):
        decides(cast.root, cancellation)
    with pytest.raises(errors.NotAllowed):
        submitted(shop, cast.root, ["CG-7"])


def test_a_superuser_is_given_no_role_that_decides(shop, cast, qianwei):
    other = Person.objects.create(username="root2", is_superuser=True)
    with pytest.raises(errors.SuperuserDecidesNothing):
        people.change_roles(cast.root, by=other, roles=["manager"])


def test_an_account_is_given_by_its_administrators_wherever_else_the_person_works(shop, shop_of_others, cast, qianwei):
    shop_of_others.members.add(cast.wangqiang)  # where neither of the two administrators has a say
    other = make_shop("杭州店", sid="third_sid", members=[cast.zhaolei, qianwei])
    change = people.change_shops(cast.wangqiang, by=cast.zhaolei, shops=[shop, other])
    assert list(change.shops.all()) == [other]
    assert access_changes.who_may_confirm(change) == [qianwei, cast.root]
    access_changes.confirm(change, by=qianwei)
    assert set(cast.wangqiang.shops.all()) == {shop, shop_of_others, other}


def test_a_role_brings_no_link_for_who_has_signed_in_by_the_company_account(shop, cast, qianwei):
    cast.lina.set_unusable_password()
    cast.lina.last_login = timezone.now()
    cast.lina.save()
    people.change_roles(cast.lina, by=cast.zhaolei, roles=["clerk", "manager"])
    confirm(cast.lina, by=qianwei)
    with pytest.raises(errors.NotConfirmed):
        people.make_link(cast.lina, by=cast.zhaolei)


def test_the_person_is_told_at_the_next_sign_in(shop, cast):
    people.change_roles(cast.lina, by=cast.zhaolei, roles=["clerk", "manager"])
    browser = Client()
    page = browser.post(reverse("login"), {"username": "lina", "password": "secret-of-lina"}, follow=True)
    assert "A change of your access is waiting for confirmation." in page.content.decode()
    account = browser.get(reverse("account")).content.decode()
    assert f'href="{reverse("access-change-list")}"' in account
    assert "roles: Clerk → Clerk, Manager" in browser.get(reverse("access-change-list")).content.decode()


@pytest.mark.parametrize("is_fresh", [True, False])
def test_an_approval_asks_for_the_password_where_a_setting_says_so(is_fresh, shop, cast, browser_of, settings):
    settings.APPROVAL_ASKS_PASSWORD = True
    cancellation = submitted(shop, cast.lina)
    answer = browser_of(cast.wangqiang, confirmed=is_fresh).post(
        reverse("cancellation-approve", args=[cancellation.number]), {"seen_hash": cancellation.content_hash}
    )
    assert answer.headers["Location"].startswith(reverse("confirm-password")) is not is_fresh
    cancellation.refresh_from_db()
    assert cancellation.status == ("APPROVED" if is_fresh else "SUBMITTED")
