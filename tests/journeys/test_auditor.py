"""An auditor with doubts: finds an order, reads its story, takes a copy, and has the history verified."""

from playwright.sync_api import expect

from cancellations.models import AuditCheck, Event
from tests.people import approved, numbers


def test_an_auditor_searches_exports_and_checks_the_trail(visit, shoot, erp, shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(12))
    auditor = visit("chenjing")
    auditor.goto(cancellation.get_absolute_url())
    expect(auditor.locator("#live .state").first).to_contain_text("已完成", timeout=40_000)

    auditor.get_by_role("link", name="采购单查询", exact=True).click()
    shoot(auditor, "history")
    auditor.get_by_label("采购单号").fill(numbers(1)[0])
    auditor.get_by_role("button", name="搜索").click()
    expect(auditor.locator("tbody tr")).to_have_count(1)
    shoot(auditor, "found")
    with auditor.expect_download() as copied:
        auditor.get_by_role("button", name="CSV").click()
    assert numbers(1)[0] in copied.value.path().read_text("utf-8-sig")
    auditor.locator("tbody a").first.click()
    shoot(auditor, "order")
    auditor.goto(f"/history/orders/{shop.pk}/{numbers(1)[0]}/")
    expect(auditor.get_by_text("王强").first).to_be_visible()
    shoot(auditor, "story")
    auditor.goto(f"/requests/{cancellation.number}/calls/")
    shoot(auditor, "calls")
    auditor.goto("/history/audit/")
    auditor.get_by_role("button", name="立即校验").click()
    expect(auditor.locator(".tone-success").first).to_be_visible()
    shoot(auditor, "verified")
    auditor.get_by_role("link", name="导出日志").click()
    expect(auditor.locator("tbody tr")).to_have_count(1)
    shoot(auditor, "copies")
    auditor.get_by_role("link", name=f"采购单号：{numbers(1)[0]}").click()
    expect(auditor.get_by_role("heading", name="找到 1 张采购单")).to_be_visible()
    assert AuditCheck.objects.latest("pk").fault == ""
    assert Event.objects.filter(kind="exported", actor=cast.chenjing).count() == 1

    phone = visit("chenjing", width=375, dark=True)
    for address in ("/history/", f"/history/orders/{shop.pk}/{numbers(1)[0]}/", "/figures/"):
        phone.goto(address)
        shoot(phone, address.strip("/").replace("/", "-"))
