"""Administrators let people in and put them out; a manager sets up a second factor and signs in with it."""

import re
import time
from base64 import b32decode

from django.contrib.auth.models import Group
from django_otp.oath import TOTP
from playwright.sync_api import expect

from cancellations.models import ApiToken, Event
from cancellations.models.machines import parse_token


def test_a_colleague_gets_in_by_a_link_and_out_when_they_leave(visit, shoot, shop, cast):
    administrator = visit("zhaolei")
    administrator.get_by_role("link", name="人员", exact=True).click()
    shoot(administrator, "people")
    administrator.get_by_role("link", name="添加人员").click()
    administrator.get_by_label("登录名").fill("lintao")
    administrator.get_by_label("姓名").fill("林涛")
    administrator.get_by_label(re.compile("采购员：")).check()
    administrator.get_by_label("上海旗舰店").check()
    shoot(administrator, "add-a-person")
    administrator.get_by_role("button", name="添加").click()
    link = administrator.locator("#link").input_value()
    shoot(administrator, "one-time-link")

    colleague = visit(width=375)
    colleague.goto(link)
    for field in ("#id_new_password1", "#id_new_password2"):
        colleague.fill(field, "一二三四五六七八九十甲乙")
    shoot(colleague, "set-password")
    colleague.get_by_role("button", name="设置密码").click()
    colleague.fill("#id_username", "lintao")
    colleague.fill("#id_password", "一二三四五六七八九十甲乙")
    colleague.click("main button[type=submit]")
    expect(colleague.get_by_role("link", name="新建申请").first).to_be_visible()

    administrator.get_by_role("link", name="人员", exact=True).click()
    administrator.get_by_role("link", name="林涛").click()
    shoot(administrator, "person")
    administrator.get_by_text("停用该人员").click()
    administrator.locator("details[open]").get_by_role("textbox").fill("已离职")
    administrator.get_by_role("button", name="停用", exact=True).click()
    expect(administrator.locator("blockquote", has_text="已离职")).to_be_visible()
    shoot(administrator, "person-deactivated")
    colleague.goto("/requests/new/")
    expect(colleague).to_have_url(re.compile("/sign-in/"))


def test_a_manager_sets_up_a_second_factor_and_signs_in_with_it(visit, shoot, shop, cast):
    manager = visit("wangqiang", width=375, dark=True)
    manager.get_by_role("link", name="王强").click()
    shoot(manager, "account")
    manager.get_by_role("link", name="设置两步验证").click()
    shoot(manager, "second-factor")
    totp = TOTP(b32decode(manager.locator("dd.order-no").inner_text().replace(" ", "")))
    totp.time = time.time()
    manager.fill("#id_code", f"{totp.token():06}")
    manager.get_by_role("button", name="启用").click()
    expect(manager.get_by_text("以后不会再显示")).to_be_visible()
    shoot(manager, "recovery-codes")
    code = manager.locator("li", has_text="-").first.inner_text()
    manager.get_by_role("button", name="退出登录").click()

    manager.fill("#id_username", "wangqiang")
    manager.fill("#id_password", "secret-of-wangqiang")
    manager.click("main button[type=submit]")
    expect(manager.get_by_text("密码正确")).to_be_visible()
    manager.fill("#id_code", "000000")
    manager.click("main button[type=submit]")
    expect(manager.locator("#id_code_error")).to_be_visible()
    shoot(manager, "wrong-code")
    manager.goto("/requests/")
    expect(manager).to_have_url(re.compile("/sign-in/"))
    manager.goto("/sign-in/code/")
    manager.fill("#id_code", code)
    manager.click("main button[type=submit]")
    expect(manager.get_by_role("navigation", name="主导航").get_by_role("link", name="待审批")).to_be_visible()
    assert [event.kind for event in Event.objects.order_by("pk")] == ["factor_added"]


def test_two_administrators_let_a_machine_in_and_its_token_is_shown_once(visit, shoot, shop, cast):
    cast.sunyue.groups.set(Group.objects.filter(name="administrator"))
    administrator = visit("zhaolei")
    administrator.get_by_role("link", name="接口用户", exact=True).click()
    shoot(administrator, "machines-none")
    administrator.get_by_role("link", name="添加接口用户").click()
    administrator.get_by_label("名称").fill("SAP-01")
    administrator.get_by_label("上海旗舰店").check()
    administrator.get_by_label("负责人").select_option(label="王强 (wangqiang)")
    administrator.get_by_label("可以提交申请").check()
    administrator.get_by_label("允许的网段").fill("10.20.0.0/16")
    shoot(administrator, "add-a-machine")
    administrator.get_by_role("button", name="添加").click()
    expect(administrator.get_by_text("须由第二位管理员确认").first).to_be_visible()
    expect(administrator.get_by_role("button", name="创建令牌")).to_have_count(0)
    shoot(administrator, "machine-waits")

    second = visit("sunyue", width=375)
    second.goto("/people/changes/")
    expect(second.get_by_text("10.20.0.0/16")).to_be_visible()
    shoot(second, "machine-to-confirm")
    second.get_by_role("button", name="确认").click()

    administrator.reload()
    administrator.get_by_role("button", name="创建令牌").click()
    token = administrator.locator("#token").input_value()
    shoot(administrator, "token")
    assert ApiToken.objects.get().fits(parse_token(token).secret)
    administrator.get_by_role("link", name="前往接口用户页面").click()
    expect(administrator.get_by_text(str(ApiToken.objects.get())).first).to_be_visible()
    assert token not in administrator.content()
    shoot(administrator, "machine")
