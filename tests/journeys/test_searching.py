"""Searching in the history: in the page where there is a script, as a page of its own where there is none."""

import pytest
from playwright.sync_api import expect

from tests.people import submitted


@pytest.fixture
def auditor(visit, shop, cast):
    submitted(shop, cast.lina, ["CG1", "CG11", "CG2"])
    page = visit("chenjing")
    page.goto("/history/")
    return page


def field(page):
    return page.get_by_role("searchbox", name="采购单号")


def search(page, number):
    field(page).fill(number)
    page.keyboard.press("Enter")


def rows(page, count):
    expect(page.locator("tbody tr")).to_have_count(count)


def test_a_search_changes_only_the_results_and_the_address(auditor, shoot):
    auditor.evaluate("document.body.dataset.same = 'yes'")
    search(auditor, "CG1")
    rows(auditor, 2)
    expect(auditor.locator("#found-status")).to_have_text("找到 2 张采购单")
    expect(field(auditor)).to_be_focused()
    assert "order_no=CG1" in auditor.url
    search(auditor, "CG2")
    rows(auditor, 1)
    assert auditor.evaluate("document.body.dataset.same") == "yes"
    auditor.reload()
    rows(auditor, 1)
    auditor.go_back()
    rows(auditor, 2)
    expect(field(auditor)).to_have_value("CG1")
    auditor.go_back()
    rows(auditor, 3)
    search(auditor, "CG1")
    rows(auditor, 2)
    shoot(auditor, "in-the-page")  # taking it leaves traces in the page


def test_a_wrong_search_says_so_at_the_field(auditor):
    auditor.get_by_label("提交日期从").fill("2026-02-02")
    auditor.get_by_label("提交日期至").fill("2026-02-01")
    auditor.get_by_role("button", name="搜索").click()
    expect(auditor.locator("#id_until_error")).to_be_visible()
    expect(auditor.get_by_label("提交日期从")).to_have_value("2026-02-02")


def test_after_signing_in_again_the_search_is_back(auditor):
    auditor.context.clear_cookies()
    search(auditor, "CG1")
    expect(auditor.get_by_label("密码")).to_be_visible()


def test_a_part_that_fails_is_asked_for_as_a_page(auditor):
    def fail_in_part(route):
        is_part = "hx-request" in route.request.headers
        route.fulfill(status=502, body="") if is_part else route.continue_()

    auditor.route("**/history/?*", fail_in_part)
    search(auditor, "CG1")
    rows(auditor, 2)
    expect(field(auditor)).to_have_value("CG1")


def test_searching_works_without_a_script(visit, shop, cast):
    submitted(shop, cast.lina, ["CG1", "CG2"])
    page = visit("chenjing", scripts=False)
    page.goto("/history/")
    search(page, "CG1")
    rows(page, 1)
