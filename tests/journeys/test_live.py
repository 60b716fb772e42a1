"""A page that keeps itself up to date leaves alone what people are doing with it."""

import re

from django.utils import timezone
from playwright.sync_api import expect

from cancellations.models import Event
from cancellations.workflow import control
from tests.people import approved, draft_of, make_shop, numbers, submitted

ROW = "#order-40"
AS_IT_IS = """() => ({
  focus: document.activeElement.closest("tr")?.id,
  selection: getSelection().toString(),
  scroll: Math.round(scrollY),
  sort: document.getElementById("sort").value,
  note: document.getElementById("stop-note").value,
  open: document.getElementById("stop").open,
  region: window.region.isConnected,
})"""


def test_focus_selection_and_what_was_typed_stay(visit, cast, later):
    members = [cast.lina, cast.wangqiang]
    cancellation = approved(
        make_shop("成都旗舰店", sid="away", environment="later", members=members),
        cast.lina,
        cast.wangqiang,
        numbers(60),
    )
    clerk = visit("lina")
    clerk.goto(clerk.url.partition("/requests")[0] + cancellation.get_absolute_url())
    clerk.locator("#stop summary").click()
    clerk.locator("#stop-note").fill("供应商改期")
    clerk.locator("#sort").select_option("-amount")
    clerk.locator(f"{ROW} a").focus()
    clerk.evaluate(f"getSelection().selectAllChildren(document.querySelector('{ROW} th'))")
    clerk.evaluate("window.region = document.querySelector('#live [role=status]')")
    clerk.evaluate("scrollTo(0, 500)")
    before = clerk.evaluate(AS_IT_IS)
    assert before["focus"] == "order-40"
    assert before["scroll"] == 500

    cancellation.lines.filter(position=2).update(typed="CG 从聊天里来")
    Event.write("asked_again", by=cast.wangqiang, cancellation=cancellation, at=timezone.now(), orders=1)
    expect(clerk.locator("#order-2")).to_contain_text("CG 从聊天里来", timeout=15_000)
    expect(clerk.locator("#timeline")).to_contain_text("要求再次向 ERP 核实")
    assert clerk.evaluate(AS_IT_IS) == before
    assert before["region"]


def test_ticks_of_a_draft_stay_while_it_is_looked_up(visit, cast, later):
    shop = make_shop("成都旗舰店", sid="away", environment="later", members=[cast.lina])
    draft = draft_of(shop, cast.lina, numbers(5))
    clerk = visit("lina")
    clerk.goto(clerk.url.partition("/requests")[0] + draft.get_absolute_url())
    clerk.locator("#order-2 input").check()
    clerk.locator("#order-4 input").check()
    draft.lines.filter(position=2).update(typed="CG 从聊天里来")
    Event.write("asked_for_lookup", by=cast.lina, cancellation=draft, at=timezone.now(), orders=1)
    expect(clerk.locator("#order-2")).to_contain_text("CG 从聊天里来", timeout=15_000)
    expect(clerk.locator("#order-2 input")).to_be_checked()
    clerk.get_by_role("button", name="剔除勾选的采购单").click()
    expect(clerk.get_by_text("已从草稿中剔除 2 张采购单。")).to_be_visible()
    expect(clerk.locator("tbody tr[id]")).to_have_count(3)
    clerk.locator("#put-back").click()
    expect(clerk.locator("tbody tr[id]")).to_have_count(5)


def test_what_was_typed_survives_the_end_of_the_session(visit, cast, shop):
    clerk = visit("lina")
    clerk.get_by_role("link", name="新建申请").first.click()
    clerk.get_by_label("采购单号").fill("CG1\nCG2")
    clerk.get_by_label("原因").fill("供应商停产")
    clerk.context.clear_cookies(name="sid")
    clerk.get_by_role("button", name="核对清单").click()
    expect(clerk.get_by_text("您填写的内容保留在此标签页中")).to_be_visible()
    clerk.get_by_label("登录名").fill("lina")
    clerk.get_by_label("密码").fill("secret-of-lina")
    clerk.get_by_role("button", name="登录", exact=True).click()
    expect(clerk.get_by_text("登录曾中断")).to_be_visible()
    expect(clerk.get_by_label("采购单号")).to_have_value("CG1\nCG2")
    expect(clerk.get_by_label("原因")).to_have_value("供应商停产")
    clerk.reload()
    expect(clerk.get_by_label("采购单号")).to_have_value("")


def test_the_numbers_of_a_filter_are_copied_by_one_click(visit, cast, shop):
    cancellation = approved(shop, cast.lina, cast.wangqiang, ["CG1", "CG2"])
    clerk = visit("lina")
    clerk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    clerk.goto(clerk.url.partition("/requests")[0] + cancellation.get_absolute_url())
    clerk.get_by_role("link", name="复制这些单号").click()
    expect(clerk.get_by_text("已复制")).to_be_visible()
    assert clerk.evaluate("navigator.clipboard.readText()") == "CG1\nCG2"


def test_what_a_page_says_of_a_state_goes_with_it(visit, cast, later):
    members = [cast.lina, cast.wangqiang]
    shop = make_shop("成都旗舰店", sid="away", environment="later", members=members)
    draft, waiting = draft_of(shop, cast.lina, numbers(3)), submitted(shop, cast.lina, numbers(2, start=20))
    clerk, manager = visit("lina"), visit("wangqiang")
    clerk.goto(draft.get_absolute_url())
    clerk.get_by_role("button", name="提交审批").click()
    submitted_now = clerk.locator("#messages").get_by_text("申请已提交")
    expect(submitted_now).to_be_visible()

    manager.goto(draft.get_absolute_url())
    manager.get_by_role("button", name="批准").click()
    approved_now = manager.locator("#messages").get_by_text("申请已批准")
    expect(approved_now).to_be_visible()
    expect(clerk).to_have_title(re.compile("已批准"), timeout=20_000)
    expect(submitted_now).to_have_count(0)

    draft.refresh_from_db()
    control.stop(draft, by=cast.lina, note="供应商改期")
    expect(manager).to_have_title(re.compile("已停止"), timeout=20_000)
    expect(approved_now).to_have_count(0)
    expect(manager.locator("#next-waiting")).to_have_attribute("href", waiting.get_absolute_url())
