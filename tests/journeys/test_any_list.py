"""Any list, in a real browser: from what clerks have on their desks to an approved request."""

import random
import re
import time

from playwright.sync_api import expect

from cancellations.models import CancellationRequest
from tests import processes
from tests.intake import made_files as made
from tests.people import numbers

REASON = "供应商停产"


def fill_in(page, reason=REASON):
    page.goto("/requests/new/")
    page.get_by_label("原因").fill(reason)


def look_at_the_list(page):
    page.get_by_role("button", name="核对清单").click()


def approve(visit, page, shoot, **options):
    """The clerk submits what is on the page; a manager opens it, waits for the look-up and approves."""
    page.get_by_role("button", name="提交审批").click()
    expect(page.get_by_text("可审批人")).to_be_visible()
    manager = visit("wangqiang", **options)
    manager.goto(page.url)
    expect(manager.get_by_text("），之后可能有变化")).to_be_visible(timeout=30_000)
    shoot(manager, "decision")
    manager.get_by_role("button", name="批准").click()
    expect(manager.get_by_text("申请已批准")).to_be_visible()
    return manager


def test_a_csv_that_a_chinese_windows_saved(visit, shoot, erp, tmp_path):
    rows = [
        "序号,采购单号,供应商,金额",
        *(f"{n},{number},杭州明达,1\u00a0200.00" for n, number in enumerate(numbers(40), 1)),
    ]
    file = tmp_path / "采购单导出.csv"
    file.write_bytes("\r\n".join([*rows, "合计,,,48000"]).encode("gb18030"))

    clerk = visit("lina")
    fill_in(clerk)
    clerk.set_input_files("#id_file", file)
    shoot(clerk, "file-chosen")
    look_at_the_list(clerk)
    expect(clerk.get_by_text("取消卖家账号“上海旗舰店”的 40 张采购单。")).to_be_visible()
    expect(clerk.locator("#other_column option:checked")).to_contain_text("B “采购单号”")
    shoot(clerk, "preview")
    clerk.get_by_role("button", name="用这 40 个单号继续").click()
    expect(clerk.get_by_text("），之后可能有变化")).to_be_visible(timeout=30_000)
    shoot(clerk, "draft-looked-up")
    clerk.get_by_role("button", name=re.compile("^剔除将被拒绝的")).click()
    expect(clerk.get_by_text("已从草稿中剔除 18 张采购单。")).to_be_visible()
    expect(clerk.locator(".tone-danger dd")).to_have_count(0)
    shoot(clerk, "without-the-hopeless")
    approve(visit, clerk, shoot, width=375)
    expect(clerk.locator("#live .state").first).to_contain_text("已完成", timeout=40_000)
    cancellation = CancellationRequest.objects.get()
    assert (
        cancellation.lines.count() == cancellation.lines.filter(outcome="DONE", snapshot__verdict="will").count() > 20
    )
    shoot(clerk, "finished")


def test_a_workbook_with_three_sheets_and_a_title(visit, shoot, erp, tmp_path):
    rows = [["2026 年第三季度停产清单"], [], ["供应商", "采购单号", "数量"]]
    rows += [["明达", number, 5] for number in numbers(12)] + [["明达", 20261101001, 5], ["合计", "合计", 60]]
    content = made.xlsx(("说明", [["请勿修改"]]), ("停产", rows), ("旧单", [["单号"], ["CG202611010099"]]))
    file = tmp_path / "停产.xlsx"
    file.write_bytes(content)

    clerk = visit("lina")
    fill_in(clerk)
    # Dropped anywhere on the form, not chosen by the button.
    clerk.evaluate(
        """async ([name, bytes]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], name));
            const at = document.querySelector("#id_reason");
            for (const kind of ["dragover", "drop"])
                at.dispatchEvent(new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));
        }""",
        [file.name, list(content)],
    )
    look_at_the_list(clerk)
    expect(clerk.get_by_text("停产!B16")).to_be_visible()
    expect(clerk.get_by_text("20261101001").first).to_be_visible()
    shoot(clerk, "preview")
    clerk.select_option("#other_sheet", label="旧单 (2 行)")
    clerk.get_by_role("button", name="重新读取").click()
    expect(clerk.get_by_text("取消卖家账号“上海旗舰店”的 1 张采购单。")).to_be_visible()
    clerk.select_option("#other_sheet", label="停产 (17 行)")
    clerk.get_by_role("button", name="重新读取").click()
    with clerk.expect_download() as download:
        clerk.get_by_role("button", name="下载所有未采用的内容").click()
    assert "停产!B16" in download.value.path().read_text("utf-8-sig")
    clerk.get_by_role("button", name="只用 12 个识别出的单号继续").click()
    manager = approve(visit, clerk, shoot, language="zh-CN", dark=True)
    manager.get_by_role("link", name=numbers(1)[0]).click()
    expect(manager.get_by_role("heading", name="历次查询结果")).to_be_visible()
    shoot(manager, "order")


def test_five_thousand_messy_numbers_pasted(visit, shoot, erp, shop):
    chance = random.Random(7)
    shop.lookup_limit = 60
    shop.save()
    shapes = ["{}", "“{}”", "\u200b{}", "{}，", "{} ", "{}；"]
    clean = [f"CG2026{number:06}" for number in range(4900)]
    pieces = [chance.choice(shapes).format(number) for number in clean]
    pieces += [chance.choice(clean) for _ in range(60)] + [f"CG#{number}" for number in range(40)]
    chance.shuffle(pieces)

    clerk = visit("lina")
    fill_in(clerk)
    # Typing it, as `fill` does, takes the browser far longer than pasting.
    clerk.get_by_label("采购单号").evaluate("(box, text) => (box.value = text)", "\n".join(pieces))
    look_at_the_list(clerk)
    expect(clerk.get_by_text("取消卖家账号“上海旗舰店”的 4,900 张采购单。")).to_be_visible()
    shoot(clerk, "preview")
    clerk.get_by_role("button", name="只用 4,900 个识别出的单号继续").click()
    expect(clerk.get_by_text("从 4,900 张中均匀抽取 60 张查询")).to_be_visible()
    approve(visit, clerk, shoot)
    assert CancellationRequest.objects.get().line_count == 4900


def orders_of_the_draft():
    return list(CancellationRequest.objects.get().lines.order_by("position").values_list("order_no", flat=True))


def test_a_chat_with_names_times_and_a_range(visit, shoot, erp):
    orders = numbers(9)
    chat = (
        f"小王 2026/11/26 10:32:01\n{orders[0]} 不要了\n小李 10:35\n{orders[1]}、{orders[2]}和{orders[3]} 也取消\n"
        f"采购单号：{orders[4]}\n{orders[5]}~{orders[6][-2:]}\n{orders[7][:2]} {orders[7][2:]}\n"
        f"{orders[8].lower()}\n好的\n"
    )
    clerk = visit("lina", width=375)
    fill_in(clerk)
    clerk.get_by_label("采购单号").fill(chat)
    look_at_the_list(clerk)
    shoot(clerk, "doubts-on-a-phone")
    for number in (orders[5], orders[6], orders[8]):
        clerk.get_by_role("checkbox", name=number).check()
    clerk.locator("button[value=draft]").click()
    expect(clerk.get_by_text("），之后可能有变化")).to_be_visible(timeout=30_000)
    assert set(orders_of_the_draft()) == set(orders)
    manager = approve(visit, clerk, shoot)
    expect(manager.get_by_text("勾选采用的待核对单号 3 个").first).to_be_visible()


def test_a_filtered_workbook_leaves_the_hidden_rows_out(visit, shoot, erp, tmp_path):
    rows = [["采购单号", "状态"], *([number, "未到货"] for number in numbers(6))]
    file = tmp_path / "筛选后.xlsx"
    file.write_bytes(made.filtered_xlsx(rows, {3, 5, 7}))
    clerk = visit("lina")
    fill_in(clerk)
    clerk.set_input_files("#id_file", file)
    look_at_the_list(clerk)
    expect(clerk.get_by_text("取消卖家账号“上海旗舰店”的 3 张采购单。")).to_be_visible()
    shoot(clerk, "hidden-rows")
    clerk.get_by_role("button", name="隐藏行也采用").click()
    expect(clerk.get_by_text("取消卖家账号“上海旗舰店”的 6 张采购单。")).to_be_visible()
    clerk.get_by_role("button", name="不采用隐藏行").click()
    clerk.locator("button[value=draft]").click()
    expect(clerk.get_by_text("），之后可能有变化")).to_be_visible(timeout=30_000)
    assert orders_of_the_draft() == numbers(6)[::2]
    approve(visit, clerk, shoot)


def test_three_sheets_are_read_together(visit, shoot, erp, tmp_path):
    orders = numbers(9)
    sheets = [(f"{month + 1}月", [["采购单号"], *([number] for number in orders[month::3])]) for month in range(3)]
    file = tmp_path / "一季度.xlsx"
    file.write_bytes(made.xlsx(*sheets))
    clerk = visit("lina")
    fill_in(clerk)
    clerk.set_input_files("#id_file", file)
    look_at_the_list(clerk)
    expect(clerk.get_by_text("取消卖家账号“上海旗舰店”的 3 张采购单。")).to_be_visible()
    shoot(clerk, "further-sheets")
    clerk.get_by_role("button", name="一并读取").click()
    clerk.locator("button[value=draft]").click()
    expect(clerk.get_by_text("），之后可能有变化")).to_be_visible(timeout=30_000)
    assert set(orders_of_the_draft()) == set(orders)
    manager = approve(visit, clerk, shoot)
    expect(manager.get_by_text("一并读取：2月!A, 3月!A").first).to_be_visible()


HOSTILE = {
    made.far_corners: "声明了并不存在的单元格",
    made.bomb: "文件解压后过大",
    made.lying_bomb: "文件解压后过大",
    made.many_big_cells: "文件解压后过大",
    made.billion_laughs: "文件已损坏",
    made.encrypted_xlsx: "设有密码",
    bytes: "文件是空的",
    lambda: b"%PDF-1.7": "而是PDF",
}


def test_a_hostile_file_is_refused_and_the_form_is_kept(visit, web, shoot, tmp_path):
    file = tmp_path / "巨大.xlsx"
    clerk = visit("lina", width=375)
    fill_in(clerk)
    serving = processes.children_of(web.pid)
    assert serving
    for make, sentence in HOSTILE.items():
        file.write_bytes(make())
        clerk.set_input_files("#id_file", file)
        started = time.monotonic()
        look_at_the_list(clerk)
        expect(clerk.locator("#id_file_error")).to_contain_text(sentence, timeout=12_000)
        assert time.monotonic() - started < 12
        expect(clerk.get_by_label("原因")).to_have_value(REASON)
        clerk.goto("/requests/new/")
        clerk.get_by_label("原因").fill(REASON)
    assert processes.children_of(web.pid) == serving
    clerk.set_input_files("#id_file", file)
    look_at_the_list(clerk)
    shoot(clerk, "refused")
    file.write_bytes(
        made.xlsx(("很长的工作表名称", [["供应商", "采购单号", "金额", "备注"], ["明达", "CG1", "1.00", "x" * 60]]))
    )
    clerk.set_input_files("#id_file", file)
    look_at_the_list(clerk)
    shoot(clerk, "preview-on-a-phone")
    clerk.goto("/requests/new/")
    too_large = tmp_path / "too-large.csv"
    too_large.write_bytes(b"CG1\n" * 1_400_000)
    clerk.set_input_files("#id_file", too_large)
    assert "超过 5 MB" in clerk.locator("#id_file").evaluate("input => input.validationMessage")


def test_a_manager_sees_what_has_changed_since_the_submission(visit, shoot, erp, shop, cast):
    clerk = visit("lina")
    fill_in(clerk)
    clerk.get_by_label("采购单号").fill(" ".join(numbers(8)))
    look_at_the_list(clerk)
    clerk.locator("button[value=draft]").click()
    expect(clerk.get_by_text("），之后可能有变化")).to_be_visible(timeout=30_000)
    clerk.get_by_role("button", name="提交审批").click()
    manager = visit("wangqiang")
    manager.goto(clerk.url)
    expect(manager.get_by_text("（创建草稿时）")).to_be_visible(timeout=30_000)
    erp.change(numbers(1)[0], status=40)
    manager.get_by_role("button", name="重新查询").click()
    expect(manager.get_by_text("提交后 ERP 中有 1 张采购单发生变化。")).to_be_visible(timeout=30_000)
    shoot(manager, "changed")
    manager.get_by_role("link", name="查看").click()
    expect(manager.get_by_role("link", name=re.compile("^CG"))).to_have_count(1)
    manager.get_by_role("link", name=numbers(1)[0]).click()
    expect(manager.get_by_text("ERP 状态有变化：编辑中 → 已审核")).to_be_visible()
    shoot(manager, "order-that-changed")
    phone = visit("wangqiang", width=375, language="en-US", dark=True)
    phone.goto(manager.url)
    shoot(phone, "order-on-a-phone")
    phone.goto(clerk.url)
    shoot(phone, "decision-on-a-phone")
