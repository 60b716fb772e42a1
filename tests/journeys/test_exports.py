"""An auditor takes more orders than one waits for: as a workbook that is made in the background."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from python_calamine import CalamineWorkbook

from bench import history_rows
from cancellations.models import Export, OrderLine
from tests import processes
from tests.made_exports import being_made

MANY = 60_000


@pytest.fixture
def auditor(shop):
    person = history_rows.make(MANY)
    person.set_password("secret-of-auditor")
    person.save()
    return person


@pytest.fixture
def exports_worker():
    with processes.running("manage.py", "worker", "--queues", "exports", "--interval", "0.2", **processes.SERVED):
        yield


def an_export(person, state, **fields):
    usual = {"language": "en", "orders": 120_000, "written": 120_000, "created_at": timezone.now()}
    return Export.objects.create(person=person, state=state, **usual | fields)


def test_an_auditor_exports_a_long_workbook(visit, shoot, auditor, exports_worker):
    page = visit("auditor")
    page.goto("/history/")
    shoot(page, "history")
    page.get_by_role("button", name="Excel").click()
    page.wait_for_url("**/history/exports/")
    expect(page.locator("#exports progress")).to_be_visible(timeout=20_000)
    expect(page.get_by_text(re.compile(r"已写入 [1-9][\d,]* 张，共约 60,000 张采购单"))).to_be_visible(timeout=20_000)
    shoot(page, "being-made")
    page.goto("/history/")
    page.get_by_role("button", name="Excel").click()
    expect(page.get_by_text("您已有一个导出正在排队或生成。")).to_be_visible()
    page.get_by_role("link", name="我的导出").click()
    expect(page.get_by_text("可下载", exact=True)).to_be_visible(timeout=240_000)  # without anybody's doing
    shoot(page, "ready")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载").click()
    assert download.value.suggested_filename == f"采购单_{timezone.localdate()}.xlsx"
    heading, *rows = CalamineWorkbook.from_path(download.value.path()).get_sheet_by_index(0).to_python()
    assert heading[0] == "采购单号"
    assert sorted(row[0] for row in rows) == sorted(OrderLine.objects.values_list("order_no", flat=True))
    page.get_by_role("button", name="删除").click()
    expect(page.get_by_text("还没有导出")).to_be_visible()
    shoot(page, "deleted")


def test_the_exports_page_shows_every_state(visit, shoot, shop, cast):
    query = {"order_no": "CG", "shop": str(shop.pk), "operation": "0"}
    ended = {"finished_at": timezone.now(), "size": 7_340_032}
    an_export(cast.chenjing, "expired", query={"operation": "1"}, **ended)
    for why in ("gave_up", "no_room", "too_large"):
        an_export(cast.chenjing, "failed", why=why, finished_at=timezone.now())
    an_export(cast.chenjing, "ready", shops=[shop.pk], query=query, **ended)
    an_export(cast.chenjing, "ready", shops=[shop.pk, 999_999], query={"shop": "999999"}, **ended)
    being_made(cast.zhaolei, written=120_000, orders=1_000_000, language="en", created_at=timezone.now())
    an_export(cast.chenjing, "waiting")
    for width, language, dark in ((375, "en-US", True), (375, "zh-CN", False), (1280, "en-US", True)):
        page = visit("chenjing", width=width, language=language, dark=dark)
        page.goto("/history/exports/")
        expect(page.locator("tbody tr")).to_have_count(7)
        shoot(page, f"every-state-{language}-{width}")
    page.goto("/history/")
    shoot(page, "history-english")
    plain = visit("zhaolei", width=375, scripts=False)
    plain.goto("/account/")
    plain.locator("main").get_by_role("link", name="我的导出").click()
    expect(plain.locator("progress")).to_be_visible()
    shoot(plain, "being-made-without-scripts")
    plain.get_by_role("button", name="取消导出").click()
    expect(plain.get_by_text("导出已取消。")).to_be_visible()
    assert not Export.objects.filter(person=cast.zhaolei).exists()
