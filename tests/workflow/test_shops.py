"""Administrators change shops: their settings, who works for them, their credentials."""

import pytest
from django.contrib.auth.models import Group

from cancellations.models import Event
from cancellations.models.secrets import AppSecret
from cancellations.workflow import administrator
from cancellations.workflow.errors import (
    LastAdministrator,
    NoActiveCredential,
    NotAllowed,
    NothingToChange,
    ShopExists,
    ShopHasRequests,
)
from tests.people import draft_of, make_shop

pytestmark = pytest.mark.django_db
OTHER = AppSecret("othersecret", "othersalt")


def last_event():
    return Event.objects.latest("pk")


def test_change_shop_records_what_was_before(shop, cast):
    administrator.change_shop(shop, by=cast.zhaolei, name=shop.name, orders_per_call=50, lookup_limit=0)
    assert (shop.orders_per_call, shop.lookup_limit) == (50, 0)
    assert last_event().kind == "shop_changed"
    assert last_event().data["changes"] == {"orders_per_call": ["20", "50"], "lookup_limit": ["500", "0"]}
    assert last_event().actor_name == "赵磊"


def test_a_change_of_nothing_is_none(shop, cast):
    with pytest.raises(NothingToChange):
        administrator.change_shop(shop, by=cast.zhaolei, name=shop.name)
    with pytest.raises(NothingToChange):
        administrator.change_members(shop, by=cast.zhaolei, members=shop.members.filter(is_active=True))
    assert not Event.objects.exists()


@pytest.mark.parametrize("change", [{"sid": "another"}, {"environment": "production"}])
def test_a_shop_with_requests_stays_the_account_that_it_is(change, shop, cast):
    administrator.change_shop(shop, by=cast.zhaolei, **change)
    draft_of(shop, cast.lina)
    with pytest.raises(ShopHasRequests):
        administrator.change_shop(shop, by=cast.zhaolei, sid="demo_sid", environment="sandbox")
    administrator.change_shop(shop, by=cast.zhaolei, name="新名字")


def test_two_shops_are_not_made_one(shop, cast):
    make_shop("二店", sid="second")
    for change in ({"name": "二店"}, {"sid": "second"}):
        with pytest.raises(ShopExists):
            administrator.change_shop(shop, by=cast.zhaolei, **change)


def test_set_members_leaves_out_who_left_the_company(shop, cast):
    cast.heping.groups.remove(Group.objects.get(name="manager"))
    administrator.change_members(shop, by=cast.root, members=[cast.zhaolei, cast.heping, cast.lina])
    assert set(shop.members.all()) == {cast.zhaolei, cast.heping, cast.lina, cast.gone}
    told = {(event.person.username, event.data["after"]) for event in Event.objects.filter(kind="members_changed")}
    gone = {(name, False) for name in ("chenjing", "sunyue", "wangqiang", "zhoulan")}
    assert told == gone | {("heping", True)}


def test_nobody_is_given_a_shop_by_an_administrator_who_does_not_know_them(shop, shop_of_others, cast):
    with pytest.raises(NotAllowed):
        administrator.change_members(shop, by=cast.zhaolei, members=[*shop.members.all(), cast.heping])
    assert cast.heping not in shop.members.all()


def test_a_shop_is_not_left_without_an_administrator(shop, cast):
    type(cast.root).objects.filter(pk=cast.root.pk).update(is_active=False)
    with pytest.raises(LastAdministrator):
        administrator.change_members(shop, by=cast.zhaolei, members=[cast.lina])
    assert cast.wangqiang in shop.members.all()
    type(cast.root).objects.filter(pk=cast.root.pk).update(is_active=True)
    administrator.change_members(shop, by=cast.root, members=[cast.lina])


def test_another_credential_retires_the_one_before(shop, cast):
    old = shop.credentials.get()
    new = administrator.replace_credential(shop, by=cast.zhaolei, app_key="new_key", app_secret=OTHER)
    old.refresh_from_db()
    assert (old.is_active, old.retired_by) == (False, cast.zhaolei)
    assert old.retired_at
    assert shop.credentials.get(is_active=True) == new
    assert [event.kind for event in Event.objects.order_by("pk")] == ["credential_retired", "credential_added"]
    assert "othersecret" not in str([event.data for event in Event.objects.all()])


def test_a_credential_is_retired_once(shop, cast):
    administrator.retire_credential(shop, by=cast.zhaolei)
    with pytest.raises(NoActiveCredential):
        administrator.retire_credential(shop, by=cast.zhaolei)
    assert Event.objects.count() == 1


VERBS = {
    "change_shop": lambda shop, by: administrator.change_shop(shop, by=by, lookup_limit=1),
    "change_members": lambda shop, by: administrator.change_members(shop, by=by, members=[by]),
    "replace_credential": lambda shop, by: administrator.replace_credential(shop, by=by, app_key="k", app_secret=OTHER),
    "retire_credential": lambda shop, by: administrator.retire_credential(shop, by=by),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("person", ["lina", "wangqiang", "chenjing", "heping", "gone"])
def test_only_administrators_of_the_shop_change_it(verb, person, shop, cast):
    with pytest.raises(NotAllowed):
        VERBS[verb](shop, getattr(cast, person))
    assert not Event.objects.exists()


@pytest.mark.parametrize("verb", VERBS)
def test_an_administrator_of_other_shops_changes_nothing_here(verb, shop_of_others, cast):
    with pytest.raises(NotAllowed):
        VERBS[verb](shop_of_others, cast.zhaolei)
