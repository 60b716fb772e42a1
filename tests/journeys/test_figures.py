"""A manager and an auditor look at the figures."""

import random
import re

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from cancellations.models import FiguresCursor, Person
from tests import processes
from tests.made_requests import make
from tests.people import make_shop

CHARTS = ("requests", "orders", "times", "sources", "reasons", "compared-shop", "compared-person")
NAMES = [
    "王芳",
    "李秀英",
    "张敏",
    "刘伟",
    "陈静怡",
    "杨洋",
    "赵丽",
    "黄磊",
    "周杰",
    "吴倩",
    "徐鹏",
    "孙丽",
    "马超",
    "朱琳",
    "胡军",
    "郭敏",
    "何花",
]
PICTURE = "canvas => canvas.toDataURL()"
EMPTY = """canvas => {
  const empty = document.createElement("canvas");
  [empty.width, empty.height] = [canvas.width, canvas.height];
  return empty.toDataURL();
}"""


@pytest.fixture
def many(shop, cast):
    """Requests of three shops and of more people than a chart has bars."""
    shops = [shop, make_shop("杭州旗舰店", sid="hz", members=[cast.wangqiang, cast.chenjing, cast.zhaolei])]
    shops.append(make_shop("广州专营店（华南仓）", sid="gz", members=[cast.wangqiang, cast.chenjing, cast.zhaolei]))
    clerks = [Person.objects.create_user(f"buyer-{number}", name=name) for number, name in enumerate(NAMES)]
    make(
        shops,
        [cast.lina, cast.lina, cast.lina, cast.sunyue, cast.sunyue, *clerks],
        cast.wangqiang,
        count=600,
        around=timezone.now(),
        random=random.Random(4),
        days=45,
    )
    call_command("recount", verbosity=0)


def is_drawn(page):
    """Whether every chart is there, with a picture in it."""
    for name in CHARTS:
        canvas = page.locator(f'canvas[data-chart="{name}"]')
        expect(canvas).to_be_visible()
        assert len(canvas.evaluate(PICTURE)) > 3 * len(canvas.evaluate(EMPTY)), name
    return True


def test_a_manager_reads_figures_and_opens_a_number(visit, shoot, many):
    processes.wait_until(FiguresCursor.objects.exclude(looked_at=None).exists, "a worker has counted")
    manager = visit("wangqiang")
    manager.goto("/figures/")
    assert is_drawn(manager)
    shoot(manager, "chinese")
    manager.goto("/figures/?days=90")
    assert is_drawn(manager)
    shoot(manager, "by-week")
    closed = manager.locator("main details:not([open]) > summary")
    while closed.count():
        closed.first.click()
    shoot(manager, "with-tables")
    number = manager.locator("#by-shop-title").locator("xpath=../..").locator("td a").first
    shown = number.inner_text()
    number.click()
    expect(manager.locator(".chips li")).to_have_count(3)  # the shop, from and until
    expect(manager.locator("tbody tr")).to_have_count(min(50, int(shown)))
    shoot(manager, "list-behind-a-number")


def test_from_a_reason_to_the_orders_that_were_refused_for_it(visit, shoot, many):
    manager = visit("wangqiang")
    manager.goto("/figures/?days=90")
    manager.locator("section", has=manager.locator("#reasons-title")).locator("summary").click()
    number = manager.get_by_role("row", name="采购单 # 状态不正确，不能取消").get_by_role("link")
    shown = number.inner_text()
    number.click()
    expect(manager.locator("#found-title")).to_contain_text(shown)
    expect(manager.locator(".chips li:not(.bare)")).to_have_count(5)  # refused, reported, the words, from and until
    expect(manager.get_by_label("ERP 返回信息包含")).to_have_value('"采购单 # 状态不正确，不能取消"')
    manager.get_by_label("ERP 返回信息包含").fill("不能取消")
    manager.get_by_role("button", name="搜索").click()
    expect(manager.locator("#found-title")).to_contain_text(shown)
    manager.get_by_role("link", name=re.compile("取消筛选.*不能取消")).click()
    expect(manager.locator(".chips li:not(.bare)")).to_have_count(4)
    expect(manager.locator("tbody tr")).to_have_count(100)
    shoot(manager, "orders-behind-a-reason")  # at the end: taking it leaves traces in the page

    phone = visit("chenjing", width=375, dark=True, language="en-US")
    phone.goto('/history/?outcome=REFUSED&known_by=reported&words="采购单 %23 状态不正确，不能取消"')
    shoot(phone, "orders-behind-a-reason-phone")


def test_the_figures_on_a_phone_in_the_dark_and_without_scripts(visit, shoot, many):
    processes.wait_until(FiguresCursor.objects.exclude(looked_at=None).exists, "a worker has counted")
    auditor = visit("chenjing", width=375, language="en-US", dark=True)
    auditor.goto("/figures/")
    assert is_drawn(auditor)
    expect(auditor.get_by_text(re.compile("Counted up to"))).to_be_visible()
    shoot(auditor, "english-dark-phone")
    auditor.goto("/figures/?from=2026-01-02&until=2026-01-01")
    expect(auditor.locator("#error-summary")).to_be_focused()
    shoot(auditor, "wrong-range")

    wide = visit("wangqiang", language="en-US", dark=True)
    wide.goto("/figures/?days=30")
    assert is_drawn(wide)
    shoot(wide, "english-dark")
    before = wide.locator('canvas[data-chart="orders"]').evaluate(PICTURE)
    wide.locator('[data-theme="light"]').click()
    assert wide.locator('canvas[data-chart="orders"]').evaluate(PICTURE) != before
    shoot(wide, "english-light")

    plain = visit("zhaolei", width=375, scripts=False)
    plain.goto("/figures/")
    expect(plain.locator("canvas").first).to_be_hidden()
    plain.locator("main details summary").first.click()
    expect(plain.locator("main details table").first).to_be_visible()
    shoot(plain, "chinese-phone-without-scripts")


def test_before_the_first_request_there_is_something_to_read(visit, shoot, shop):
    manager = visit("wangqiang", width=375)
    manager.goto("/figures/")
    expect(manager.locator(".empty")).to_be_visible()
    shoot(manager, "empty")
