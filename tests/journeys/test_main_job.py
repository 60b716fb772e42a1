import re

from playwright.sync_api import expect

from cancellations.models import CancellationRequest, Event, Person
from tests import made_machines, processes
from tests.people import approved, numbers, submitted

PASTE = (
    " ".join(numbers(50)) + "\nＣＧ２０２６１１０１００５１，CG202611010001\nCG–52\n给王经理看一下！\nCG190001010001"
)


def test_from_a_pasted_list_to_results_that_an_auditor_trusts(visit, shoot, erp, cast):
    clerk = visit("lina")
    shoot(clerk, "my-requests-empty")
    clerk.get_by_role("link", name="新建申请").first.click()
    clerk.get_by_label("采购单号").fill(PASTE)
    clerk.get_by_label("原因").fill("供应商停产，改向别家采购")
    expect(clerk.locator("output")).to_contain_text("约 ")
    shoot(clerk, "new-request")
    clerk.get_by_role("button", name="核对清单").click()
    expect(clerk.get_by_text("取消卖家账号“上海旗舰店”的 52 张采购单。")).to_be_visible()
    expect(clerk.get_by_text("U+2013 EN DASH")).to_be_visible()
    shoot(clerk, "preview")
    assert not CancellationRequest.objects.exists()
    clerk.locator("button[value=draft]").click()
    shoot(clerk, "check-your-answers")
    clerk.get_by_role("button", name="提交审批").click()
    expect(clerk.get_by_text("可审批人")).to_be_visible()
    shoot(clerk, "submitted")

    manager = visit("wangqiang", width=375)
    shoot(manager, "awaiting-my-decision")
    manager.get_by_role("link", name=re.compile("^CR")).click()
    shoot(manager, "decision")
    manager.get_by_role("button", name="驳回").click()
    expect(manager.locator("#id_note_error")).to_contain_text("请填写驳回原因")
    manager.get_by_label("审批意见").fill("同意")
    manager.get_by_role("button", name="批准").click()
    expect(manager.get_by_text("申请已批准")).to_be_visible()

    # The clerk's page was open all the time: it gets there by itself.
    expect(clerk.locator("#live .state").first).to_contain_text("已完成", timeout=40_000)
    expect(clerk.locator("#decision")).to_be_empty()
    shoot(clerk, "finished")
    clerk.get_by_role("link", name=re.compile("^被拒绝")).click()
    expect(clerk.get_by_text("单据不存在")).to_be_visible()
    shoot(clerk, "refused")

    auditor = visit("chenjing", language="en-US", dark=True)
    shoot(auditor, "all-requests")
    auditor.get_by_role("link", name=re.compile("^CR")).click()
    expect(auditor.locator("#timeline")).to_contain_text("王强 approved the request")
    expect(auditor.get_by_role("button", name=re.compile("Stop|Approve|Reject|Resume"))).to_have_count(0)
    shoot(auditor, "history")

    cancellation = CancellationRequest.objects.get()
    executed = {number for call in erp.calls("cancelByType") for number in call["executed"]}
    done = set(cancellation.lines.filter(outcome="DONE", known_by="verified").values_list("order_no", flat=True))
    assert done == executed
    assert cancellation.lines.filter(outcome="REFUSED").count() == 52 - len(executed)


def test_submitting_and_approving_work_without_javascript(visit, cast):
    clerk = visit("lina", scripts=False)
    clerk.goto("/requests/new/")
    clerk.fill("#id_orders", "CG202611010001 CG202611010003")
    clerk.fill("#id_reason", "供应商停产")
    clerk.click("button[value=preview]")
    clerk.click("button[value=draft]")
    clerk.click("#decision .btn-primary")
    manager = visit("wangqiang", scripts=False)
    manager.goto(clerk.url)
    manager.get_by_role("button", name="批准").click()
    processes.wait_until(
        lambda: CancellationRequest.objects.filter(status="FINISHED").exists(), "the worker has sent it"
    )
    clerk.reload()
    expect(clerk.locator("#live .state").first).to_contain_text("已完成")


def test_submit_and_approve_with_the_keyboard_alone(visit, cast):
    def tab_to(page, selector):
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"Tab does not reach {selector}")

    clerk = visit("lina")
    tab_to(clerk, ".skip-link")
    tab_to(clerk, "main a[href='/requests/new/'], nav a[href='/requests/new/']")
    clerk.keyboard.press("Enter")
    clerk.wait_for_url("**/new/")
    tab_to(clerk, "#id_orders")
    clerk.keyboard.type("CG202611010005")
    tab_to(clerk, "#id_reason")
    clerk.keyboard.type("test")
    clerk.keyboard.press("Control+Enter")
    expect(clerk.locator("button[value=draft]")).to_be_visible()
    tab_to(clerk, "button[value=draft]")
    clerk.keyboard.press("Enter")
    clerk.wait_for_url("**/CR*/")
    tab_to(clerk, "#decision .btn-primary")
    clerk.keyboard.press("Enter")
    expect(clerk.locator("#live .state").first).to_have_text("待审批")
    manager = visit("wangqiang")
    manager.goto(clerk.url)
    tab_to(manager, "#decision .btn-primary")
    manager.keyboard.press("Enter")
    expect(manager.locator("#live .state").first).to_contain_text("已完成", timeout=20_000)


def test_the_page_says_the_erp_is_down_and_it_carries_on(visit, shoot, later, shop, cast):
    shop.environment = "later"
    shop.save()
    cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(3))
    clerk = visit("lina", width=375)
    clerk.goto(cancellation.get_absolute_url())
    expect(clerk.get_by_text("无法连接 ERP。")).to_be_visible()
    expect(clerk.locator("#live .state").first).to_have_text("已批准")
    shoot(clerk, "erp-is-down")
    with processes.erp("--port", str(later), "--orders", "10", "--fast"):
        expect(clerk.locator("#live .state").first).to_contain_text("已完成", timeout=40_000)
        shoot(clerk, "carried-on")


def test_stop_takes_two_clicks_that_a_refresh_does_not_undo(visit, shoot, later, shop, cast):
    shop.environment = "later"
    shop.save()
    cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(3))
    manager = visit("wangqiang", width=375)
    manager.goto(cancellation.get_absolute_url())
    manager.locator("#stop summary").click()
    first_try = manager.locator("#live .note").inner_text()
    expect(manager.locator("#live .note")).not_to_have_text(first_try, use_inner_text=True, timeout=30_000)
    expect(manager.get_by_text("停止后不能恢复")).to_be_visible()
    shoot(manager, "stop")
    manager.locator("#stop-note").fill("供应商改期")
    manager.get_by_role("button", name="确认停止").click()
    expect(manager.get_by_text("3 张采购单中已发送 0 张")).to_be_visible()
    expect(manager.locator("#stop")).to_have_count(0)


def test_a_page_without_server_or_session_says_it_is_stale(visit, shoot, later, shop, cast):
    shop.environment = "later"
    shop.save()
    cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(3))
    clerk = visit("lina")
    clerk.goto(cancellation.get_absolute_url())
    clerk.route("**/progress/**", lambda route: route.fulfill(status=502))
    expect(clerk.locator("#stale")).to_be_visible()
    shoot(clerk, "stale")
    clerk.unroute("**/progress/**")
    expect(clerk.locator("#stale")).to_be_hidden()
    clerk.context.clear_cookies(name="sid")
    expect(clerk.get_by_role("heading", name="登录")).to_be_visible()
    expect(clerk.locator("#live")).to_have_count(0)


def test_an_administrator_adds_a_shop_and_tests_its_connection(visit, shoot, cast):
    Person.objects.filter(pk=cast.lina.pk).update(added_by=cast.zhaolei)
    admin = visit("zhaolei")
    admin.get_by_role("link", name="卖家账号", exact=True).click()
    admin.get_by_role("link", name="添加卖家账号").click()
    admin.get_by_role("button", name="保存并测试").click()
    shoot(admin, "add-a-shop-errors")
    admin.fill("#id_name", "北京旗舰店")
    admin.fill("#id_sid", "nobody")
    admin.select_option("#id_environment", "sandbox")
    admin.fill("#id_app_key", "demo_key")
    admin.fill("#id_app_secret", "canarysecret:canarysalt")
    admin.get_by_label("李娜").check()
    admin.get_by_role("button", name="只保存").click()
    expect(admin.get_by_role("heading", name="北京旗舰店")).to_be_visible()
    admin.get_by_role("button", name="测试连接").click()
    expect(
        admin.locator("blockquote", has_text="ERP 不认可卖家账号、App key 或 App secret。请对照开放平台核对卖家账号")
    ).to_be_visible()
    shoot(admin, "does-not-work")
    admin.get_by_role("link", name="更换凭证").click()
    admin.fill("#id_app_key", "demo_key")
    admin.fill("#id_app_secret", "demosecret:demosalt")
    admin.get_by_role("button", name="保存并测试").click()
    shoot(admin, "another-credential")
    admin.goto("/shops/")
    shoot(admin, "shops")
    admin.get_by_role("link", name="上海旗舰店").click()
    admin.get_by_role("button", name="测试连接").click()
    expect(admin.locator("blockquote", has_text="连接正常")).to_be_visible()
    admin.get_by_role("link", name="修改设置").click()
    shoot(admin, "settings")
    admin.get_by_label("每次调用的采购单数").fill("50")
    admin.get_by_role("button", name="保存").click()
    expect(admin.get_by_text("20 → 50")).to_be_visible()
    shoot(admin, "shop")
    assert "canary" not in admin.content()
    assert "canary" not in repr(list(Event.objects.values()))


# What a phone shows side by side, in a table whose cells stand below each other: a label and one thing.
TORN_CELLS = """[...document.querySelectorAll(".table-stack tbody tr > *")]
    .filter((cell) => getComputedStyle(cell).display === "flex")
    .filter((cell) => [...cell.childNodes].filter((node) => node.textContent.trim() && node.nodeType < 4).length > 1)
    .map((cell) => cell.innerText)"""
# A phone zooms in where somebody types less than 16 px.
SMALL_INPUTS = """[...document.querySelectorAll("select, textarea, input:not([type=checkbox], [type=radio])")]
    .filter((input) => input.checkVisibility() && parseFloat(getComputedStyle(input).fontSize) < 16)
    .map((input) => input.name)"""

# Where one is, in the navigation and among the tabs, which are wider than a phone.
HIDDEN_PLACES = """[...document.querySelectorAll(".site-nav [aria-current], .tabs [aria-current]")]
    .filter((place) => place.getBoundingClientRect().right > innerWidth + 1 || place.getBoundingClientRect().left < -1)
    .map((place) => place.innerText)"""


def test_every_page_fits_a_phone_in_both_languages_and_themes(visit, shoot, shop, cast):
    waiting = submitted(shop, cast.lina, numbers(30))
    machine = made_machines.machine(shop, responsible=cast.wangqiang)
    made_machines.token(machine, by=cast.root)
    for language, dark in (("zh-CN", True), ("en-US", False)):
        pages = {
            "lina": [
                "/requests/?view=mine",
                "/requests/?view=mine&group=ended",
                "/requests/new/",
                waiting.get_absolute_url(),
            ],
            "wangqiang": [
                "/requests/?view=decide",
                waiting.get_absolute_url(),
                f"{waiting.get_absolute_url()}orders/1/",
                f"{waiting.get_absolute_url()}calls/",
                "/history/?order_no=CG&outcome=WAITING&requester=lina",
                f"/history/orders/{shop.pk}/{numbers(1)[0]}/",
            ],
            "chenjing": [
                "/history/audit/",
                "/history/audit/copies/",
                f"/search/?q={numbers(1)[0]}",
                f"{waiting.get_absolute_url()}?print=1",
            ],
            "zhaolei": [
                "/requests/?view=all",
                "/shops/",
                f"/shops/{shop.pk}/",
                f"/shops/{shop.pk}/change/",
                "/workers/",
                "/calendar/",
                "/people/",
                "/people/add/",
                f"/people/{cast.lina.pk}/",
                "/machines/",
                "/machines/new/",
                f"/machines/{machine.pk}/",
                "/account/",
                "/nowhere/",
            ],
        }
        shoot(visit(None, width=375, language=language, dark=dark), f"{language}-sign-in")
        for person, urls in pages.items():
            phone = visit(person, width=375, language=language, dark=dark)
            for url in urls:
                phone.goto(url)
                assert not phone.evaluate(TORN_CELLS), url
                assert not phone.evaluate(SMALL_INPUTS), url
                assert not phone.evaluate(HIDDEN_PLACES), url
                shoot(phone, f"{language}-{person}-{url.strip('/').replace('/', '-').partition('?')[0]}")
