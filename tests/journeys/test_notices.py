"""A submission reaches the manager where he is; he approves on a phone from the link; the clerk is told the result."""

import re
import threading

import pytest
from playwright.sync_api import expect

from cancellations.models import NoticeSettings
from cancellations.robots import Robot
from cancellations.robots.stand_in import DEMO, StandIn
from cancellations.workflow import groups
from tests import processes
from tests.mail_server import MailServer
from tests.people import numbers, submitted
from wdtadmin.mail import mail_settings

PUBLIC = "https://wdtadmin.example.com"


@pytest.fixture
def mail_server():
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def chats():
    with StandIn(rates=False) as stand_in:
        yield stand_in


@pytest.fixture
def changed(mail_server, chats):
    return mail_settings(f"smtp://127.0.0.1:{mail_server.port}") | {
        "PUBLIC_URL": PUBLIC,
        "NOTICE_MERGE_SECONDS": 0,
        "NOTICE_ROBOTS_BASE": chats.address,
    }


def test_people_are_told_where_they_are(visit, shoot, shop, cast, mail_server, chats, settings):
    settings.NOTICE_MERGE_SECONDS = 0
    for person in (cast.lina, cast.wangqiang):
        person.email = f"{person.username}@corp.example"
        person.save()
    NoticeSettings.objects.create(person=cast.wangqiang, wecom_id="wangqiang01")
    known = DEMO[Robot.WECOM]
    groups.add_robot(shop, by=cast.zhaolei, kind="wecom", name="采购群", address=known.url)
    clerk, manager = visit("lina"), visit("wangqiang", width=375)
    cancellation = submitted(shop, cast.lina, numbers(5), reason="停产 <@all>")

    processes.wait_until(lambda: mail_server.got and chats.arrived(), "mail and chat have said it")
    [said] = chats.arrived()
    assert said.accepted
    assert cancellation.number in said.title + said.text
    assert said.mentioned == ("wangqiang01",)
    [message] = mail_server.messages()
    assert message["To"] == "wangqiang@corp.example"
    [link] = re.findall(rf"{PUBLIC}(/requests/\S+)", message.get_body(("plain",)).get_content())

    manager.reload()
    expect(manager.locator("#bell .count")).to_have_text("1")
    expect(manager).to_have_title(re.compile(r"^\(1\)"))
    manager.goto(link)
    shoot(manager, "decision-from-the-link")
    manager.get_by_role("button", name="批准").click()
    expect(manager.get_by_text("申请已批准")).to_be_visible()
    expect(manager.locator("#bell .count")).to_have_count(0)

    processes.wait_until(lambda: len(mail_server.messages()) > 2, "the clerk is told the result", 60)
    clerk.goto("/notices/")
    expect(clerk.get_by_text(re.compile(f"{cancellation.number}")).first).to_be_visible()
    expect(clerk.locator("main")).to_contain_text("成功 4")
    shoot(clerk, "notices")
    clerk.get_by_role("button", name=re.compile(cancellation.number)).first.click()
    clerk.wait_for_url(re.compile(cancellation.number))


def test_a_person_says_what_they_want_to_be_told(visit, shoot, cast):
    clerk = visit("lina", width=375)
    clerk.goto("/notices/settings/")
    clerk.get_by_label("免打扰开始").fill("20:00")
    clerk.get_by_role("button", name="保存").click()
    expect(clerk.locator("#error-summary")).to_contain_text("两项都填写")
    clerk.get_by_label("免打扰结束").fill("08:00")
    clerk.get_by_role("button", name="保存").click()
    expect(clerk.get_by_text("设置已保存")).to_be_visible()
    clerk.get_by_role("button", name="4 小时", exact=True).click()
    expect(clerk.get_by_text("紧急通知仍会发送")).to_be_visible()
    shoot(clerk, "notice-settings")
