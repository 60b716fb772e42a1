"""Robots of groups, as administrators see and change them."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cancellations.models import Event, GroupRobot, Notice
from cancellations.notices import delivery
from cancellations.robots import Robot
from cancellations.robots.stand_in import DEMO, StandIn
from tests.people import submitted

pytestmark = pytest.mark.django_db
GIVEN = {"kind": "wecom", "name": "采购群", "address": DEMO[Robot.WECOM].url, "secret": ""}


@pytest.fixture
def administrator(cast, browser_of):
    return browser_of(cast.zhaolei, confirmed=True)


@pytest.fixture
def chats(settings):
    settings.PUBLIC_URL = "https://wdtadmin.example.com"
    with StandIn(rates=False) as stand_in:
        settings.NOTICE_ROBOTS_BASE = stand_in.address
        yield stand_in


def added(administrator, shop, **changes):
    administrator.post(reverse("robot-add", args=[shop.pk]), GIVEN | changes)
    return GroupRobot.objects.get()


def url(name, robot):
    return reverse(name, args=[robot.pk])


def test_a_robot_is_added_tested_and_its_address_never_shown(shop, administrator, chats):
    robot = added(administrator, shop)
    page = administrator.post(url("robot-test", robot), follow=True).content.decode()
    assert "The chat took the message (0). Look into the group." in page
    assert len(chats.arrived()) == 1
    pages = page + administrator.get(url("robot-change", robot)).content.decode()
    assert DEMO[Robot.WECOM].token not in pages
    assert DEMO[Robot.WECOM].token not in repr(list(GroupRobot.objects.values()))
    assert Event.objects.get(kind="robot_added").data == {"robot": "采购群", "chat": "wecom"}


def test_a_wrong_secret_is_said_in_a_sentence(shop, administrator, chats):
    robot = added(administrator, shop, kind="dingtalk", address=DEMO[Robot.DINGTALK].url, secret="SECwrong")
    page = administrator.post(url("robot-test", robot), follow=True).content.decode()
    assert "310000" in page
    assert "SECwrong" not in page


@pytest.mark.parametrize(
    "address",
    [
        "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x",
        "https://127.0.0.1/cgi-bin/webhook/send?key=x",
        "https://qyapi.weixin.qq.com.evil.com/cgi-bin/webhook/send?key=x",
        "https://u:p@qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x",
        "file:///etc/passwd",
        "x",
    ],
)
def test_only_the_chats_own_addresses_are_taken(address, shop, administrator):
    answer = administrator.post(reverse("robot-add", args=[shop.pk]), GIVEN | {"address": address})
    assert answer.status_code == 422
    assert "This is not the address of a group robot of WeCom." in answer.content.decode()
    assert not GroupRobot.objects.exists()


def test_a_robot_is_changed_without_typing_its_address_again(shop, administrator, chats):
    robot = added(administrator, shop)
    administrator.post(url("robot-change", robot), {"name": "采购一群", "address": "", "secret": ""})
    robot.refresh_from_db()
    assert (robot.name, robot.address.reveal()) == ("采购一群", DEMO[Robot.WECOM].url)


def test_two_robots_have_two_names(shop, administrator):
    added(administrator, shop)
    answer = administrator.post(reverse("robot-add", args=[shop.pk]), GIVEN)
    assert "already has a group robot called “采购群”" in answer.content.decode()


def test_a_robot_is_switched_off_and_on_and_removed(shop, administrator):
    robot = added(administrator, shop)
    assert (
        "the group is told nothing"
        in administrator.post(url("robot-switch", robot), {"on": "0"}, follow=True).content.decode()
    )
    administrator.post(url("robot-switch", robot), {"on": "1"})
    robot.refresh_from_db()
    assert robot.is_active
    assert administrator.post(url("robot-remove", robot)).url == reverse("shop", args=[shop.pk])
    assert not GroupRobot.objects.exists()
    assert Event.objects.filter(kind="robot_removed").exists()


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("45009", "has spoken too often"),
        ("-1", "is busy"),
        ("http_502", "Something on the way"),
        ("close", "cannot be reached"),
    ],
)
def test_a_chat_that_takes_nothing_for_now_is_said_on_the_robots_page(what, sentence, shop, cast, administrator, chats):
    robot = added(administrator, shop)
    chats.misbehave(what, Robot.WECOM)
    submitted(shop, cast.lina)
    Notice.objects.update(due_at=timezone.now())
    delivery.deliver_due()
    page = administrator.get(url("robot", robot)).content.decode()
    assert "The last try failed; the notices wait" in page
    assert sentence in page
