"""A new installation says what is still to be done, step by step."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cancellations.models import AuditCheck, Event
from cancellations.pages.shops.first_steps import first_steps
from cancellations.workflow import people
from tests.people import make_shop

pytestmark = pytest.mark.django_db


def done(person):
    return [step.is_done for step in first_steps(person)]


def test_an_empty_installation_begins_with_a_seller_account(cast, browser_of):
    assert done(cast.root) == [False] * 5
    answer = browser_of(cast.root).get(reverse("cancellation-list"))
    assert answer["Location"] == reverse("shop-list")
    page = browser_of(cast.root).get(reverse("shop-list")).content.decode()
    assert "Before the first request can be sent" in page
    assert f'href="{reverse("shop-add")}"' in page


def test_each_step_is_done_by_what_it_asks_for(cast):
    shop = make_shop("上海旗舰店", sid="demo_sid", members=[cast.zhaolei, cast.zhoulan])
    assert done(cast.zhaolei) == [True, False, False, False, False]
    Event.write("connection_tested", by=cast.zhaolei, shop=shop, at=timezone.now(), works=False)
    assert not done(cast.zhaolei)[1]
    Event.write("connection_tested", by=cast.zhaolei, shop=shop, at=timezone.now(), works=True)
    assert done(cast.zhaolei)[1]
    assert not done(cast.zhaolei)[2]  # 周岚 may not approve her own
    shop.members.add(cast.lina)
    assert done(cast.zhaolei)[2]
    AuditCheck.objects.create(at=timezone.now(), events=1, is_anchor=True)
    assert done(cast.zhaolei) == [True, True, True, False, True]


def test_what_waits_for_a_second_administrator_is_a_step(shop, cast):
    people.change_roles(cast.lina, by=cast.zhaolei, roles=["clerk", "manager"])
    assert [step.url for step in first_steps(cast.zhaolei)].count(reverse("access-change-list")) == 1


def test_when_all_is_done_nothing_is_said(shop, cast, browser_of, monkeypatch):
    monkeypatch.setattr("cancellations.sending.heartbeat.no_worker_is_alive", lambda: False)
    Event.write("connection_tested", by=cast.zhaolei, shop=shop, at=timezone.now(), works=True)
    AuditCheck.objects.create(at=timezone.now(), events=1, is_anchor=True)
    assert first_steps(cast.zhaolei) == []
    assert "first-steps" not in browser_of(cast.zhaolei).get(reverse("shop-list")).content.decode()


@pytest.mark.parametrize("person", ["lina", "wangqiang", "chenjing", "gone"])
def test_others_are_told_nothing_of_it(person, shop, cast):
    assert first_steps(getattr(cast, person)) == []


def test_the_account_says_that_nobody_can_approve(cast, browser_of):
    shop = make_shop("上海旗舰店", sid="demo_sid", members=[cast.zhaolei, cast.lina])
    page = browser_of(cast.zhaolei).get(reverse("shop", args=[shop.pk])).content.decode()
    assert "Nobody here can approve" in page
    assert "lina · Clerk" in page
    shop.members.add(cast.wangqiang)
    assert (
        "Nobody here can approve" not in browser_of(cast.zhaolei).get(reverse("shop", args=[shop.pk])).content.decode()
    )
