"""People who stop, pause and decide while the background does its work."""

import re

import pytest
from playwright.sync_api import expect

from cancellations.models import CancellationRequest, OrderLine
from tests.people import approved, numbers, submitted


@pytest.mark.parametrize("hold", [30])
def test_stop_in_the_hold_comes_before_the_first_call(hold, visit, shoot, erp, shop, cast):
    shop.lookup_limit = 0
    shop.save()
    cancellation = submitted(shop, cast.lina, numbers(40))
    manager = visit("wangqiang", width=375)
    manager.goto(cancellation.get_absolute_url())
    manager.get_by_role("button", name="批准").click()
    counting = manager.get_by_text(re.compile(r"\d+ 秒后（.*）开始发送"))
    expect(counting).to_be_visible()
    shoot(manager, "held")
    shown = counting.inner_text()
    first = int(re.search(r"(\d+) 秒后", shown)[1])
    assert 15 < first <= 30
    expect(counting).not_to_have_text(shown, use_inner_text=True)  # it counts while one looks at it
    assert int(re.search(r"(\d+) 秒后", counting.inner_text())[1]) < first

    clerk = visit("lina", dark=True)
    clerk.goto(cancellation.get_absolute_url())
    clerk.get_by_text("停止", exact=True).first.click()
    shoot(clerk, "about-to-stop")
    clerk.locator("#stop-note").fill("供应商改期")
    clerk.get_by_role("button", name="确认停止").click()
    expect(clerk.get_by_text("李娜 已停止：40 张采购单中已发送 0 张。")).to_be_visible()
    shoot(clerk, "stopped")
    expect(manager.locator("#live .state").first).to_have_text("已停止", timeout=20_000)
    assert not erp.calls("cancelByType")


def test_an_administrator_pauses_and_resumes_an_account(visit, shoot, erp, shop, cast):
    administrator = visit("zhaolei")
    administrator.goto(f"/shops/{shop.pk}/")
    administrator.get_by_text("暂停此卖家账号").click()
    administrator.get_by_label("原因").fill("ERP 今晚升级")
    administrator.get_by_role("button", name="暂停", exact=True).click()
    expect(administrator.get_by_text("不会发送。")).to_be_visible()
    shoot(administrator, "account-paused")

    cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(4))
    clerk = visit("lina", width=375)
    clerk.goto(cancellation.get_absolute_url())
    expect(clerk.get_by_text("ERP 今晚升级")).to_be_visible()
    shoot(clerk, "waits-for-the-account")
    assert not erp.calls("cancelByType")

    administrator.goto("/workers/")
    expect(administrator.get_by_text("已由管理员暂停")).to_be_visible()
    shoot(administrator, "workers-while-paused")
    administrator.goto(f"/shops/{shop.pk}/")
    administrator.get_by_role("button", name="恢复使用卖家账号").click()
    expect(clerk.locator("#live .state").first).to_contain_text("已完成", timeout=40_000)
    expect(clerk.get_by_text("ERP 今晚升级")).to_have_count(0)


def test_what_the_erp_cannot_tell_is_decided_by_hand(visit, shoot, erp, shop, cast):
    shop.lookup_limit = 0
    shop.save()
    erp.misbehave("cut_after", method="cancelByType")
    erp.misbehave("permission", method="queryWithDetail", times=2)
    cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(4))
    manager = visit("zhoulan")
    manager.goto(cancellation.get_absolute_url())
    expect(manager.locator("#live .state").first).to_contain_text("已完成", timeout=40_000)
    expect(manager.get_by_text("有 4 张采购单的结果未知。")).to_be_visible()
    shoot(manager, "in-doubt")
    manager.locator("#by-hand").click()
    others = manager.get_by_role("region", name="以上未单独认定的采购单")
    others.get_by_label("已执行", exact=True).check()
    others.get_by_label("认定依据（在旺店通中看到的情况）").fill("在 ERP 里逐张看过，状态都是已取消")
    shoot(manager, "about-to-decide")
    manager.get_by_role("button", name="提交认定").click()
    expect(manager.locator("#timeline")).to_contain_text("在 ERP 里逐张看过，状态都是已取消")
    expect(manager.get_by_text("有 4 张采购单的结果未知。")).to_have_count(0)
    shoot(manager, "decided-by-hand")
    assert set(cancellation.lines.values_list("outcome", "known_by")) == {
        (OrderLine.Outcome.DONE, OrderLine.KnownBy.BY_HAND)
    }
    assert CancellationRequest.objects.get().status == "FINISHED"


def test_on_paper_the_queue_is_there_and_its_buttons_are_not(visit, shop, cast):
    waiting = submitted(shop, cast.lina, numbers(2))
    manager = visit("wangqiang")
    manager.goto("/requests/?view=decide")
    manager.emulate_media(media="print")
    expect(manager.get_by_text(waiting.number)).to_be_visible()
    expect(manager.locator("#queue [type=submit]")).to_be_hidden()
    expect(manager.get_by_role("checkbox")).to_be_hidden()
